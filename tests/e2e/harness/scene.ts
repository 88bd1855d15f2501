/**
 * A batch run to be disturbed: tiny cases, the nano network, and what an undisturbed worker makes of them.
 * @module
 */
import {
  checkCompatible,
  loadCheckpoint,
} from "../../../jobs/segmentation/model.ts";
import { encodeNifti } from "../../../shared/imaging/nifti/write.ts";
import { freezeRun } from "../../../shared/runs/freeze.ts";
import { maskKey } from "../../../shared/runs/keys.ts";
import type { SegmentRun } from "../../../shared/runs/records.ts";
import { FileStore } from "../../../shared/storage/file_store.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { openStore } from "../../../shared/storage/open_store.ts";
import { uptake, withNanoCheckpoint } from "../../support/command_line.ts";
import { runOf } from "../../support/runs.ts";
import type { S3Server } from "../../support/s3_server.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const CHECKPOINT = "nano.safetensors";
const SHAPE = [32, 32, 32] as const;
const AFFINE = [-4, 0, 0, 0, 0, -4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1];

/** Where cases, checkpoint and runs of a test lie, and how to get there. */
export interface Place {
  /** A folder on this machine, where users of the command line stand. */
  readonly cwd: string;
  readonly location: string;
  /** Variables of processes that go there. */
  readonly env: Readonly<Record<string, string>>;
  readonly caseIds: readonly string[];
  /** What an undisturbed worker makes of each case. */
  readonly masks: ReadonlyMap<string, Bytes>;
  open(location: string): ObjectStore;
}

/** A run in a place. */
export interface Scene {
  readonly place: Place;
  readonly run: SegmentRun;
  readonly location: string;
  /** The run's folder, not disturbed by what stands between it and the workers. */
  readonly store: ObjectStore;
}

/** Variables of processes that use a server, perhaps through something in front of it. */
export function serverEnv(
  server: S3Server,
  endpoint = server.endpoint,
): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: server.accessKey,
    AWS_SECRET_ACCESS_KEY: server.secretKey,
  };
}

/**
 * Prepares so many cases and calls `use`.
 *
 * @param server whose bucket they lie in; null: a folder
 */
export async function withPlace(
  server: S3Server | null,
  nCases: number,
  use: (place: Place) => Promise<void>,
): Promise<void> {
  await withNanoCheckpoint(async (cwd) => {
    const env = server === null ? {} : serverEnv(server);
    const location = server === null
      ? `${cwd}/place`
      : `s3://${server.bucket}/harness/${crypto.randomUUID()}`;
    // The harness itself outlasts every outage that it makes.
    const open = (location: string) =>
      openStore(location, { env: { ...env, AWS_MAX_ATTEMPTS: "60" } });
    const caseIds = Array.from({ length: nCases }, (_, n) => `case ${n}`);
    const here = new FileStore(`${cwd}/place`);
    const stores = server === null ? [here] : [here, open(location)];
    for (const store of stores) {
      const checkpoint = await Deno.readFile(`${cwd}/${CHECKPOINT}`);
      await store.put(CHECKPOINT, checkpoint);
      for (const [n, caseId] of caseIds.entries()) {
        await store.put(scanKey(caseId), scan(n));
      }
    }
    const masks = await undisturbed(cwd, here, caseIds);
    await use({ cwd, location, env, caseIds, masks, open });
  });
}

/** Freezes a run of the place's cases. */
export async function newScene(
  place: Place,
  change: Partial<SegmentRun> = {},
): Promise<Scene> {
  const runId = crypto.randomUUID();
  const location = `${place.location}/runs/${runId}`;
  const store = place.open(location);
  const home = place.open(place.location);
  const run = await freeze(home, store, place.caseIds, { runId, ...change });
  return { place, run, location, store };
}

async function freeze(
  home: ObjectStore,
  store: ObjectStore,
  caseIds: readonly string[],
  change: Partial<SegmentRun>,
): Promise<SegmentRun> {
  const checkpoint = await loadCheckpoint(home, CHECKPOINT);
  checkCompatible([checkpoint]);
  const { run } = await freezeRun(
    store,
    runOf({
      checkpoints: [checkpoint.ref],
      engine: { name: "onnx", device: "cpu", version: "any", threads: 1 },
      coordination: { kind: "claims", termSeconds: 2 },
      cases: caseIds.map((caseId) => ({
        caseId,
        images: [{ store: home.location, key: scanKey(caseId) }],
        unit: "unknown",
      })),
      ...change,
    }),
  );
  return run;
}

async function undisturbed(
  cwd: string,
  home: ObjectStore,
  caseIds: readonly string[],
): Promise<Map<string, Bytes>> {
  const folder = `${cwd}/undisturbed`;
  const store = new FileStore(folder);
  await freeze(home, store, caseIds, {});
  const { code, err } = await uptake(cwd, ["work", "--run", folder]);
  if (code !== 0) throw new Error(`The undisturbed worker failed: ${err}`);
  const masks = new Map<string, Bytes>();
  for (const caseId of caseIds) {
    const mask = await store.get(maskKey(caseId));
    if (mask === null) throw new Error(`There is no mask of ${caseId}`);
    masks.set(caseId, mask.body);
  }
  return masks;
}

function scanKey(caseId: string): string {
  return `scans/${caseId}.nii.gz`;
}

/** Every one differs, so that no mask can pass for another's. */
function scan(n: number): Bytes {
  const data = Float32Array.from(
    { length: SHAPE[0] * SHAPE[1] * SHAPE[2] },
    (_, voxel) => 1 + ((voxel + 31 * n) * 7919) % (13 + n) / 2,
  );
  return encodeNifti({ data, shape: SHAPE, affine: AFFINE });
}
