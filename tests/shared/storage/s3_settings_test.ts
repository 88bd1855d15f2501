import { expect } from "@std/expect";
import {
  readS3Settings,
  type S3Settings,
} from "../../../shared/storage/s3_settings.ts";

function settingsOf(env: Record<string, string>): S3Settings {
  return readS3Settings((name) => env[name]);
}

Deno.test("readS3Settings() without variables means AWS, us-east-1 and the SDK's own search for credentials", () => {
  expect(settingsOf({})).toMatchObject({
    endpoint: undefined,
    region: "us-east-1",
    pathStyle: false,
    credentials: undefined,
  });
});

Deno.test("readS3Settings() reads AWS's variables, the more special first", () => {
  const cases: [Record<string, string>, Partial<S3Settings>][] = [
    [{ AWS_ENDPOINT_URL: "http://a:1" }, {
      endpoint: "http://a:1",
      pathStyle: true,
    }],
    [
      { AWS_ENDPOINT_URL: "http://a:1", AWS_ENDPOINT_URL_S3: "https://b" },
      { endpoint: "https://b", pathStyle: true },
    ],
    [
      { AWS_ENDPOINT_URL: "http://a:1", AWS_S3_FORCE_PATH_STYLE: "false" },
      { pathStyle: false },
    ],
    [{ AWS_S3_FORCE_PATH_STYLE: "True" }, { pathStyle: true }],
    [{ AWS_DEFAULT_REGION: "eu-west-1" }, { region: "eu-west-1" }],
    [{ AWS_DEFAULT_REGION: "eu-west-1", AWS_REGION: "eu-north-1" }, {
      region: "eu-north-1",
    }],
    [{ AWS_REGION: "", AWS_ENDPOINT_URL: "" }, {
      region: "us-east-1",
      endpoint: undefined,
    }],
    [
      { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "key" },
      { credentials: { accessKeyId: "id", secretAccessKey: "key" } },
    ],
    [
      {
        AWS_ACCESS_KEY_ID: "id",
        AWS_SECRET_ACCESS_KEY: "key",
        AWS_SESSION_TOKEN: "t",
      },
      {
        credentials: {
          accessKeyId: "id",
          secretAccessKey: "key",
          sessionToken: "t",
        },
      },
    ],
  ];
  for (const [env, wanted] of cases) {
    expect(settingsOf(env)).toMatchObject(wanted);
  }
  expect(settingsOf({ AWS_MAX_ATTEMPTS: "3" }).retry.attempts).toBe(3);
});

Deno.test("readS3Settings() refuses nonsense without showing it where it may hold a secret", () => {
  const cases: [Record<string, string>, string][] = [
    [
      { AWS_ENDPOINT_URL: "localhost:9000" },
      "Cannot use AWS_ENDPOINT_URL: it must be a URL",
    ],
    [
      { AWS_ENDPOINT_URL_S3: "ftp://secret@x" },
      "Cannot use AWS_ENDPOINT_URL_S3: it must be a URL",
    ],
    [
      { AWS_S3_FORCE_PATH_STYLE: "maybe" },
      'Cannot use AWS_S3_FORCE_PATH_STYLE="maybe": it must be true or false',
    ],
    [{ AWS_ACCESS_KEY_ID: "secret" }, "AWS_SECRET_ACCESS_KEY is not set"],
    [{ AWS_SECRET_ACCESS_KEY: "secret" }, "AWS_ACCESS_KEY_ID is not set"],
    [{ AWS_MAX_ATTEMPTS: "0" }, 'Cannot use AWS_MAX_ATTEMPTS="0"'],
    [{ AWS_MAX_ATTEMPTS: "many" }, 'Cannot use AWS_MAX_ATTEMPTS="many"'],
  ];
  for (const [env, message] of cases) {
    expect(() => settingsOf(env)).toThrow(SyntaxError);
    expect(() => settingsOf(env)).toThrow(message);
    expect(() => settingsOf(env)).not.toThrow("secret@");
  }
});
