/**
 * A real S3 server without conditional writes: OpenStack Swift, one per test run, from the distribution's packages.
 *
 * Used as the other server, `s3_server.ts`, is. By hand, from the repository's folder:
 * `deno run -A tests/support/s3_swift.ts deno test -A tests/shared/storage/probe_test.ts`
 * @module
 */
import {
  clientOf,
  type PreparedS3,
  prepareServer,
  runCommandWith,
  type S3Server,
  serverFromVariables,
  testWithServer,
} from "./s3_variables.ts";
import {
  exists,
  fetchPackages,
  type Missing,
  startServerProcess,
} from "./server_process.ts";

const SCRIPT = new URL("s3_swift.py", import.meta.url).pathname;
const CACHE = new URL("../../.servers/swift", import.meta.url).pathname;

/** The distribution's own: its packages hold modules compiled for it. */
const PYTHON = "/usr/bin/python3";

const ACCESS_KEY = "test:tester";
const SECRET_KEY = "testing";

/** The server of this test run, or why there is none. */
const swift: S3Server | Missing = serverFromVariables("SWIFT");

/** Registers a test that gets the server, or is skipped with the reason. */
export function testWithSwift(
  name: string,
  fn: (server: S3Server) => void | Promise<void>,
): void {
  testWithServer(swift, name, fn);
}

/**
 * Makes sure of a server for a test run: the one the variables name already, else a new one, whose
 * packages are downloaded the first time.
 */
export async function prepareSwift(): Promise<PreparedS3 | Missing> {
  return await prepareServer("SWIFT", startSwiftServer);
}

async function startSwiftServer(): Promise<
  (S3Server & { stop(): Promise<void> }) | Missing
> {
  if (!await exists(PYTHON)) return { missing: `there is no ${PYTHON}` };
  const problem = await fetchPackages(CACHE, ["python3-swift"]);
  if (problem !== null) return { missing: `no Swift: ${problem.missing}` };
  const folder = await Deno.makeTempDir({ prefix: "uptake-swift-" });
  const architecture = `${Deno.build.arch}-linux-gnu`;
  const process = await startServerProcess(PYTHON, {
    args: [SCRIPT, folder, ACCESS_KEY, SECRET_KEY],
    env: {
      PYTHONPATH: `${CACHE}/usr/lib/python3/dist-packages`,
      LD_LIBRARY_PATH: `${CACHE}/usr/lib/${architecture}`,
    },
  });
  if ("missing" in process) {
    await Deno.remove(folder, { recursive: true });
    return { missing: `Swift does not start: ${process.missing}` };
  }
  const server: S3Server = {
    endpoint: process.greeting,
    accessKey: ACCESS_KEY,
    secretKey: SECRET_KEY,
    bucket: "uptake-test",
  };
  await clientOf(server).createBucket({ Bucket: server.bucket });
  return {
    ...server,
    async stop() {
      await process.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

if (import.meta.main) await runCommandWith(prepareSwift);
