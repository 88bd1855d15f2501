/**
 * How the test runner hands S3 servers to the test process: in variables, one set per kind of server.
 * @module
 */
import { createS3Client } from "../../shared/storage/s3_client.ts";
import { readS3Settings } from "../../shared/storage/s3_settings.ts";
import type { Missing } from "./server_process.ts";

export interface S3Server {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Exists and is empty. */
  readonly bucket: string;
}

/** A server that a test run uses. */
export interface PreparedS3 {
  /** For the test process. */
  readonly env: Record<string, string>;
  stop(): Promise<void>;
}

type Kind = "S3" | "SWIFT";

const FIELDS = {
  endpoint: "ENDPOINT",
  accessKey: "ACCESS_KEY",
  secretKey: "SECRET_KEY",
  bucket: "BUCKET",
} as const;

/** The server of this test run, or why there is none. */
export function serverFromVariables(kind: Kind): S3Server | Missing {
  const value = (field: keyof typeof FIELDS) =>
    Deno.env.get(variable(kind, field)) ?? "";
  const server: S3Server = {
    endpoint: value("endpoint"),
    accessKey: value("accessKey"),
    secretKey: value("secretKey"),
    bucket: value("bucket"),
  };
  const unset = Object.values(FIELDS)
    .map((field) => `UPTAKE_TEST_${kind}_${field}`)
    .find((name) => !Deno.env.get(name));
  return unset === undefined ? server : { missing: `${unset} is not set` };
}

/** Makes sure of a server for a test run: the one that the variables name already, else a new one. */
export async function prepareServer(
  kind: Kind,
  start: () => Promise<(S3Server & { stop(): Promise<void> }) | Missing>,
): Promise<PreparedS3 | Missing> {
  const given = serverFromVariables(kind);
  const server = "missing" in given
    ? await start()
    : { ...given, stop: () => Promise.resolve() };
  if ("missing" in server) return server;
  const { endpoint, accessKey, secretKey, bucket } = server;
  return {
    env: {
      [variable(kind, "endpoint")]: endpoint,
      [variable(kind, "accessKey")]: accessKey,
      [variable(kind, "secretKey")]: secretKey,
      [variable(kind, "bucket")]: bucket,
    },
    stop: () => server.stop(),
  };
}

/** Registers a test that gets the server, or is skipped with the reason. */
export function testWithServer(
  server: S3Server | Missing,
  name: string,
  fn: (server: S3Server) => void | Promise<void>,
): void {
  if ("missing" in server) {
    const skipped = `${name} [skipped: ${server.missing}]`;
    Deno.test({ name: skipped, ignore: true, fn: () => {} });
  } else {
    Deno.test(name, () => fn(server));
  }
}

/** The main program of a server's module: runs the command it is given beside the server. */
export async function runCommandWith(
  prepare: () => Promise<PreparedS3 | Missing>,
): Promise<never> {
  const [command, ...args] = Deno.args;
  if (command === undefined) {
    console.error("Usage: COMMAND [ARGUMENT...]: runs it with a server");
    Deno.exit(2);
  }
  const prepared = await prepare();
  if ("missing" in prepared) {
    console.error(prepared.missing);
    Deno.exit(1);
  }
  const { code } = await new Deno.Command(command, { args, env: prepared.env })
    .spawn().status;
  await prepared.stop();
  Deno.exit(code);
}

/** Uptake's own client of a server. */
export function clientOf({ endpoint, accessKey, secretKey }: S3Server) {
  const env: Record<string, string> = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: accessKey,
    AWS_SECRET_ACCESS_KEY: secretKey,
  };
  return createS3Client(readS3Settings((name) => env[name]));
}

function variable(kind: Kind, field: keyof typeof FIELDS): string {
  return `UPTAKE_TEST_${kind}_${FIELDS[field]}`;
}
