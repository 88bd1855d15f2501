/**
 * A real S3 server for the tests: Ceph's gateway, one per test run, from the distribution's packages.
 *
 * The runner calls {@linkcode prepareS3} and hands its variables to the test process, where tests read
 * them through {@linkcode s3}. By hand, from the repository's folder:
 * `deno run -A tests/support/s3_server.ts deno test -A tests/shared/storage`
 * @module
 */
import { createS3Client } from "../../shared/storage/s3_client.ts";
import { readS3Settings } from "../../shared/storage/s3_settings.ts";

export interface S3Server {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Exists and is empty. */
  readonly bucket: string;
}

interface Missing {
  readonly missing: string;
}

export interface RunningS3Server extends S3Server {
  stop(): Promise<void>;
}

export interface PreparedS3 {
  /** For the test process. */
  readonly env: Record<string, string>;
  stop(): Promise<void>;
}

const VARIABLES = {
  endpoint: "UPTAKE_TEST_S3_ENDPOINT",
  accessKey: "UPTAKE_TEST_S3_ACCESS_KEY",
  secretKey: "UPTAKE_TEST_S3_SECRET_KEY",
  bucket: "UPTAKE_TEST_S3_BUCKET",
} as const;

/** Names a folder where Ceph's packages are unpacked, or / where they are installed. */
const CEPH_ROOT = "UPTAKE_TEST_CEPH_ROOT";

const SCRIPT = new URL("s3_ceph.sh", import.meta.url).pathname;
const CACHE = new URL("../../.servers/ceph", import.meta.url).pathname;

/** Free ports can be taken by others before the server binds them. */
const START_ATTEMPTS = 3;

/** The server of this test run, or why there is none. */
export const s3: S3Server | Missing = serverFrom((name) => Deno.env.get(name));

function serverFrom(
  read: (name: string) => string | undefined,
): S3Server | Missing {
  const value = (name: keyof typeof VARIABLES) => read(VARIABLES[name]) ?? "";
  const server: S3Server = {
    endpoint: value("endpoint"),
    accessKey: value("accessKey"),
    secretKey: value("secretKey"),
    bucket: value("bucket"),
  };
  const unset = Object.values(VARIABLES).find((name) => !read(name));
  return unset === undefined ? server : { missing: `${unset} is not set` };
}

/** Registers a test that gets the server, or is skipped with the reason. */
export function testWithS3(
  name: string,
  fn: (server: S3Server) => void | Promise<void>,
): void {
  if ("missing" in s3) {
    const skipped = `${name} [skipped: ${s3.missing}]`;
    Deno.test({ name: skipped, ignore: true, fn: () => {} });
  } else {
    const server = s3;
    Deno.test(name, () => fn(server));
  }
}

/**
 * Makes sure of a server for a test run: the one the variables name already, else a new one, whose
 * packages are downloaded the first time.
 */
export async function prepareS3(): Promise<PreparedS3 | Missing> {
  const given = serverFrom((name) => Deno.env.get(name));
  const server = "missing" in given
    ? await startS3Server()
    : { ...given, stop: () => Promise.resolve() };
  if ("missing" in server) return server;
  const env = Object.fromEntries(
    Object.entries(VARIABLES).map(([field, name]) => [
      name,
      server[field as keyof typeof VARIABLES],
    ]),
  );
  return { env, stop: () => server.stop() };
}

/** Starts a server of its own on free ports of 127.0.0.1, warmed up. Stop it, or it ends with this process. */
export async function startS3Server(): Promise<RunningS3Server | Missing> {
  const root = await cephRoot();
  if (typeof root !== "string") return root;
  let reason = "";
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
    const server = await startOn(root, freePort(), freePort());
    if (!("missing" in server)) return server;
    reason = server.missing;
  }
  return { missing: reason };
}

async function cephRoot(): Promise<string | Missing> {
  if (Deno.build.os !== "linux") return { missing: "Ceph runs on Linux only" };
  const named = Deno.env.get(CEPH_ROOT);
  if (named) return named;
  if (await exists("/usr/bin/radosgw") && await exists("/usr/bin/ceph-osd")) {
    return "/";
  }
  if (!await exists(CACHE)) {
    const { success, stderr } = await new Deno.Command("bash", {
      args: [SCRIPT, "fetch", CACHE],
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) {
      const text = new TextDecoder().decode(stderr);
      return {
        missing: `Ceph's packages do not install here: ${lastLine(text)}`,
      };
    }
  }
  return CACHE;
}

async function startOn(
  root: string,
  port: number,
  monitorPort: number,
): Promise<RunningS3Server | Missing> {
  const folder = await Deno.makeTempDir({ prefix: "uptake-ceph-" });
  const args = [SCRIPT, "run", root, folder, String(port), String(monitorPort)];
  const child = new Deno.Command("bash", {
    args,
    // Its end is the sign to stop, also when this process is killed.
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  const output = child.stdout.getReader();
  const stop = async () => {
    await child.stdin.close().catch(() => {});
    await output.cancel();
    await errors;
    await child.status;
  };
  const { value } = await output.read();
  if (value === undefined) {
    await stop();
    return { missing: `Ceph does not start: ${lastLine(await errors)}` };
  }
  const server: S3Server = {
    endpoint: `http://127.0.0.1:${port}`,
    accessKey: "test",
    secretKey: "testing",
    bucket: "uptake-test",
  };
  try {
    await warmUp(server);
  } catch (error) {
    await stop();
    return { missing: `Ceph does not serve: ${String(error)}` };
  }
  return { ...server, stop };
}

/** The first bucket, object and upload in parts each make a storage pool, which takes seconds. */
async function warmUp(
  { endpoint, accessKey, secretKey, bucket }: S3Server,
): Promise<void> {
  const settings = readS3Settings((name) =>
    ({
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: accessKey,
      AWS_SECRET_ACCESS_KEY: secretKey,
    })[name]
  );
  const client = createS3Client(settings);
  const target = { Bucket: bucket, Key: "warm-up" };
  await client.createBucket({ Bucket: bucket });
  await client.putObject({ ...target, Body: new Uint8Array(1) });
  await client.deleteObject(target);
  const { UploadId } = await client.createMultipartUpload(target);
  if (UploadId !== undefined) {
    await client.abortMultipartUpload({ ...target, UploadId });
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

if (import.meta.main) {
  const [command, ...args] = Deno.args;
  if (command === undefined) {
    console.error(
      "Usage: s3_server.ts COMMAND [ARGUMENT...]: runs it with a server",
    );
    Deno.exit(2);
  }
  const prepared = await prepareS3();
  if ("missing" in prepared) {
    console.error(prepared.missing);
    Deno.exit(1);
  }
  const { code } = await new Deno.Command(command, { args, env: prepared.env })
    .spawn().status;
  await prepared.stop();
  Deno.exit(code);
}
