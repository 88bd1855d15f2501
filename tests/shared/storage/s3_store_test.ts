import { readS3Settings } from "../../../shared/storage/s3_settings.ts";
import { S3Store } from "../../../shared/storage/s3_store.ts";
import { type S3Server, testWithS3 } from "../../support/s3_server.ts";
import { testContract } from "./contract.ts";

function storeOn(server: S3Server): S3Store {
  const settings = readS3Settings((name) =>
    ({
      AWS_ENDPOINT_URL: server.endpoint,
      AWS_ACCESS_KEY_ID: server.accessKey,
      AWS_SECRET_ACCESS_KEY: server.secretKey,
    })[name]
  );
  return new S3Store(server.bucket, `tests/${crypto.randomUUID()}`, settings);
}

testContract((name, fn) =>
  testWithS3(`S3Store ${name}`, (server) => fn(storeOn(server)))
);
