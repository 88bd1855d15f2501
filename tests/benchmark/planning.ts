/** @module Planning 10,000 cases in a bucket: the listing, every header, the estimates. */
import { planDataset } from "../../jobs/batch/plan_dataset.ts";
import { mapParallel } from "../../shared/datasets/map_parallel.ts";
import { encodeNifti } from "../../shared/imaging/nifti/write.ts";
import type { Vec3 } from "../../shared/imaging/volume.ts";
import { prepareS3, s3, type S3Server } from "../support/s3_server.ts";
import { testStore } from "../support/s3_store.ts";
import type { Figure } from "./benchmark.ts";
import { FULL, randomCheckpoint, SMALL } from "./inputs.ts";

const CASES = 10_000;
const UPLOADS_AT_ONCE = 64;

interface Planned {
  readonly seconds: number;
  readonly peakBytes: number;
  readonly cases: number;
}

/** Planning runs in a process of its own, so that uploads do not count into its memory. */
export async function planning(): Promise<Figure[]> {
  const prepared = await prepareS3();
  if ("missing" in prepared) throw new Error(prepared.missing);
  try {
    const prefix = `benchmark/${crypto.randomUUID()}`;
    const run = (task: "upload" | "plan") => child(prepared.env, task, prefix);
    await run("upload");
    const [loadBefore = 0] = Deno.loadavg();
    const { seconds, peakBytes, cases } = await run("plan");
    const remark = `${cases} cases with labels in Ceph on this machine, load ${
      loadBefore.toFixed(1)
    } before`;
    return [
      { name: "plan a bucket", value: seconds, unit: "s", target: 60, remark },
      {
        name: "plan a bucket: peak memory",
        value: peakBytes / 1e9,
        unit: "GB",
        remark,
      },
    ];
  } finally {
    await prepared.stop();
  }
}

async function child(
  env: Record<string, string>,
  ...args: string[]
): Promise<Planned> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", import.meta.filename ?? "", ...args],
    env,
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`Cannot ${args[0]} the cases`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function upload(server: S3Server, prefix: string): Promise<Planned> {
  const store = testStore(server, {}, prefix);
  const shape: Vec3 = [16, 16, 16];
  const affine = [4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1];
  const image = encodeNifti({
    data: Float32Array.from({ length: 4096 }, (_, n) => n % 251),
    shape,
    affine,
  });
  const label = encodeNifti({
    data: Uint8Array.from({ length: 4096 }, (_, n) => n % 2),
    shape,
    affine,
  });
  const startedAt = performance.now();
  const ids = Array.from({ length: CASES }, (_, n) => `case${n + 1}`);
  await mapParallel(ids, UPLOADS_AT_ONCE, async (id) => {
    await store.put(`imagesTr/${id}.nii.gz`, image);
    await store.put(`labelsTr/${id}.nii.gz`, label);
  });
  return { ...facts(startedAt), cases: CASES };
}

async function plan(server: S3Server, prefix: string): Promise<Planned> {
  const { card } = randomCheckpoint(SMALL, [4, 4, 4], [96, 96, 96]);
  const startedAt = performance.now();
  const { matched } = await planDataset(testStore(server, {}, prefix), {
    // Without the weights of the large network: a plan needs none.
    card: { ...card, network: FULL },
    nCheckpoints: 1,
    overlap: 0.5,
    signal: new AbortController().signal,
  });
  return { ...facts(startedAt), cases: matched.length };
}

function facts(startedAt: number): { seconds: number; peakBytes: number } {
  const seconds = (performance.now() - startedAt) / 1000;
  const status = Deno.readTextFileSync("/proc/self/status");
  const peakKib = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]);
  return { seconds, peakBytes: peakKib * 1024 };
}

if (import.meta.main) {
  if ("missing" in s3) throw new Error(s3.missing);
  const [task, prefix = ""] = Deno.args;
  const work = task === "upload" ? upload : plan;
  console.log(JSON.stringify(await work(s3, prefix)));
}
