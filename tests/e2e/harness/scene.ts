/**
 * A batch run to be disturbed: tiny cases, the nano network, and what an undisturbed worker makes of them.
 * @module
 */
import {
  checkCompatible,
  loadCheckpoint,
} from "../../../jobs/segmentation/model.ts";
import { encodeNifti } from "../../../shared/imaging/nifti/write.ts";
import { type Vec3, voxelCount } from "../../../shared/imaging/volume.ts";
import { freezeRun } from "../../../shared/runs/freeze.ts";
import { maskKey } from "../../../shared/runs/keys.ts";
import type { SegmentRun } from "../../../shared/runs/records.ts";
import { FileStore } from "../../../shared/storage/file_store.ts";
import { lastWriterWins } from "../../../shared/storage/last_writer.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { openStore } from "../../../shared/storage/open_store.ts";
import { uptake, withNanoCheckpoint } from "../../support/command_line.ts";
import { runOf } from "../../support/runs.ts";
import type { S3Server } from "../../support/s3_server.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const CHECKPOINT = "nano.safetensors";
const AFFINE = [-4, 0, 0, 0, 0, -4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1];

/** What the cases of a place are like. */
export interface Scans {
  readonly count: number;
  /** @default 32^3: one window */
  readonly shape?: Vec3;
  /** Of windows, in the runs of the place. @default 0.5 */
  readonly overlap?: number;
}

/** Where cases, checkpoint and runs of a test lie, and how to get there. */
export interface Place {
  /** A folder on this machine, where users of the command line stand. */
  readonly cwd: string;
  readonly location: string;
  /** Variables of processes that go there. */
  readonly env: Readonly<Record<string, string>>;
  readonly caseIds: readonly string[];
  readonly scans: Scans;
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
 * Prepares cases and calls `use`.
 *
 * @param server whose bucket they lie in; null: a folder
 */
export async function withPlace(
  server: S3Server | null,
  scans: Scans,
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
    const caseIds = Array.from(
      { length: scans.count },
      (_, n) => `case ${n}`,
    );
    const home = open(location);
    await home.put(CHECKPOINT, await Deno.readFile(`${cwd}/${CHECKPOINT}`));
    for (const [n, caseId] of caseIds.entries()) {
      await home.put(scanKey(caseId), scan(n, scans));
    }
    const place = { cwd, location, env, caseIds, scans, open };
    await use({ ...place, masks: await masksOf(place) });
  });
}

/**
 * Freezes a run of the place's cases.
 *
 * @param at location of the folder that gets the run's
 */
export async function newScene(
  place: Place,
  change: Partial<SegmentRun> = {},
  at = `${place.location}/runs`,
): Promise<Scene> {
  const runId = crypto.randomUUID();
  const location = `${at}/${runId}`;
  const store = place.open(location);
  const run = await freeze(place, store, { runId, ...change });
  return { place, run, location, store };
}

async function freeze(
  { location, open, caseIds, scans }: Omit<Place, "masks">,
  store: ObjectStore,
  change: Partial<SegmentRun>,
): Promise<SegmentRun> {
  const home = open(location);
  const checkpoint = await loadCheckpoint(home, CHECKPOINT);
  checkCompatible([checkpoint]);
  const plain = runOf();
  const { overlap = plain.options.overlap } = scans;
  // Nobody else freezes it: also where a store cannot create conditionally.
  const { run } = await freezeRun(lastWriterWins(store), {
    ...plain,
    checkpoints: [checkpoint.ref],
    options: { ...plain.options, overlap },
    engine: { name: "onnx", device: "cpu", version: "any", threads: 1 },
    coordination: { kind: "claims", termSeconds: 2 },
    cases: caseIds.map((caseId) => ({
      caseId,
      images: [{ store: home.location, key: scanKey(caseId) }],
      unit: "unknown",
    })),
    ...change,
  });
  return run;
}

/** Equal cases have equal masks: each kind is segmented once. */
const madeMasks = new Map<string, ReadonlyMap<string, Bytes>>();

async function masksOf(
  place: Omit<Place, "masks">,
): Promise<ReadonlyMap<string, Bytes>> {
  const kind = JSON.stringify(place.scans);
  const made = madeMasks.get(kind);
  if (made !== undefined) return made;
  const { cwd, env, caseIds } = place;
  const folder = `${cwd}/undisturbed`;
  const store = new FileStore(folder);
  await freeze(place, store, {});
  const { code, err } = await uptake(cwd, ["work", "--run", folder], { env });
  if (code !== 0) throw new Error(`The undisturbed worker failed: ${err}`);
  const masks = new Map<string, Bytes>();
  for (const caseId of caseIds) {
    const mask = await store.get(maskKey(caseId));
    if (mask === null) throw new Error(`There is no mask of ${caseId}`);
    masks.set(caseId, mask.body);
  }
  madeMasks.set(kind, masks);
  return masks;
}

function scanKey(caseId: string): string {
  return `scans/${caseId}.nii.gz`;
}

/** Every one differs, so that no mask can pass for another's. */
function scan(n: number, { shape = [32, 32, 32] }: Scans): Bytes {
  const data = Float32Array.from(
    { length: voxelCount(shape) },
    (_, voxel) => 1 + ((voxel + 31 * n) * 7919) % (13 + n) / 2,
  );
  return encodeNifti({ data, shape, affine: AFFINE });
}
