/**
 * A real S3 server for the tests: Ceph's gateway, one per test run, from the distribution's packages.
 *
 * The runner calls {@linkcode prepareS3} and hands its variables to the test process, where tests read
 * them through {@linkcode s3}. By hand, from the repository's folder:
 * `deno run -A tests/support/s3_server.ts deno test -A tests/shared/storage`
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

export type { S3Server } from "./s3_variables.ts";

export interface RunningS3Server extends S3Server {
  /**
   * Kills the gateway with SIGKILL; what it stored stays, in the object store behind it. Make every bucket
   * before: a new one after a kill waits some ten seconds for the dead gateway.
   */
  killGateway(): Promise<void>;
  /** Starts the gateway anew on the same port and waits until it answers. */
  startGateway(): Promise<void>;
  stop(): Promise<void>;
}

/** Names a folder where Ceph's packages are unpacked, or / where they are installed. */
const CEPH_ROOT = "UPTAKE_TEST_CEPH_ROOT";

const SCRIPT = new URL("s3_ceph.sh", import.meta.url).pathname;
const CACHE = new URL("../../.servers/ceph", import.meta.url).pathname;

/** What Ceph's packages depend on for real disks and services: not needed here. */
const UNNEEDED =
  "cryptsetup-bin|dmeventd|dmidecode|gdisk|hdparm|logrotate|lvm2|nvme-cli|parted|smartmontools|sudo|uuid-runtime|xfsprogs";

/** Free ports can be taken by others before the server binds them. */
const START_ATTEMPTS = 3;

/** The server of this test run, or why there is none. */
export const s3: S3Server | Missing = serverFromVariables("S3");

/** Registers a test that gets the server, or is skipped with the reason. */
export function testWithS3(
  name: string,
  fn: (server: S3Server) => void | Promise<void>,
): void {
  testWithServer(s3, name, fn);
}

/**
 * Makes sure of a server for a test run: the one the variables name already, else a new one, whose
 * packages are downloaded the first time.
 */
export async function prepareS3(): Promise<PreparedS3 | Missing> {
  return await prepareServer("S3", startS3Server);
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
  const named = Deno.env.get(CEPH_ROOT);
  if (named) return named;
  if (await exists("/usr/bin/radosgw") && await exists("/usr/bin/ceph-osd")) {
    return "/";
  }
  const names = ["ceph-mon", "ceph-osd", "radosgw"];
  const problem = await fetchPackages(CACHE, names, UNNEEDED);
  return problem === null ? CACHE : { missing: `no Ceph: ${problem.missing}` };
}

async function startOn(
  root: string,
  port: number,
  monitorPort: number,
): Promise<RunningS3Server | Missing> {
  const folder = await Deno.makeTempDir({ prefix: "uptake-ceph-" });
  const process = await startServerProcess("bash", {
    args: [SCRIPT, root, folder, String(port), String(monitorPort)],
  });
  if ("missing" in process) {
    return { missing: `Ceph does not start: ${process.missing}` };
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
    await process.stop();
    return { missing: `Ceph does not serve: ${String(error)}` };
  }
  return {
    ...server,
    killGateway: async () => void await process.ask("kill"),
    startGateway: async () => void await process.ask("start"),
    stop: () => process.stop(),
  };
}

/** The first bucket, object and upload in parts each make a storage pool, which takes seconds. */
async function warmUp(server: S3Server): Promise<void> {
  const client = clientOf(server);
  const target = { Bucket: server.bucket, Key: "warm-up" };
  await client.createBucket({ Bucket: server.bucket });
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

if (import.meta.main) await runCommandWith(prepareS3);
