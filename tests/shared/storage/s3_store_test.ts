import { testWithS3 } from "../../support/s3_server.ts";
import { testStore } from "../../support/s3_store.ts";
import { testContract } from "./contract.ts";

testContract((name, fn) =>
  testWithS3(`S3Store ${name}`, (server) => fn(testStore(server)))
);
