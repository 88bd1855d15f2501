/**
 * Batch runs against a real S3 server: is the network busy, are two workers worth it, how soon does
 * one start, how fast is the status of a large run.
 * @module
 */
import { freezeRun } from "../../shared/runs/freeze.ts";
import { createRecord } from "../../shared/runs/record_io.ts";
import { resultKey } from "../../shared/runs/keys.ts";
import { readRunStatus } from "../../shared/runs/status.ts";
import { mapParallel } from "../../shared/datasets/map_parallel.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { openStore } from "../../shared/storage/open_store.ts";
import { substore } from "../../shared/storage/substore.ts";
import { caseOf, resultOf, runOf } from "../support/runs.ts";
import { prepareS3 } from "../support/s3_server.ts";
import type { Figure } from "./benchmark.ts";
import { uploadScans } from "./scans.ts";

const MAIN = new URL("../../jobs/main.ts", import.meta.url).pathname;
const CHECKPOINT =
  new URL("../../jobs/demo/ma3dseg_small.safetensors", import.meta.url)
    .pathname;
/** So many of the scans for what is compared; all of them for what is asked of all. */
const COMPARED_CASES = 8;

/** A sixth of the usual windows: less time, and all that is not network weighs six times as much. */
const OVERLAP = "0";

interface Bench {
  /** The bucket's root. */
  readonly location: string;
  readonly env: Record<string, string>;
  readonly store: ObjectStore;
}

async function withBucket(
  use: (bench: Bench) => Promise<Figure[]>,
): Promise<Figure[]> {
  const prepared = await prepareS3();
  if ("missing" in prepared) throw new Error(prepared.missing);
  try {
    const value = (name: string) => prepared.env[`UPTAKE_TEST_S3_${name}`]!;
    const env = {
      AWS_ENDPOINT_URL: value("ENDPOINT"),
      AWS_ACCESS_KEY_ID: value("ACCESS_KEY"),
      AWS_SECRET_ACCESS_KEY: value("SECRET_KEY"),
    };
    const location = `s3://${value("BUCKET")}/benchmark/${crypto.randomUUID()}`;
    return await use({ location, env, store: openStore(location, { env }) });
  } finally {
    await prepared.stop();
  }
}

/** Runs `uptake` as a user would; its JSON. */
async function uptake({ env }: Bench, ...args: string[]) {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--unstable-webgpu", MAIN, ...args, "--json"],
    env,
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`uptake ${args[0]} failed`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

interface BatchRun {
  /** From the first forward pass of any worker to the end of the last. */
  readonly seconds: number;
  /** Share of that, of each worker's own time, in which a forward pass was in flight. */
  readonly busyShare: number;
  readonly location: string;
}

async function batchRun(
  bench: Bench,
  dataset: string,
  workers: number,
  threads: number,
): Promise<BatchRun> {
  const { runs: [{ location }] } = await uptake(
    bench,
    "submit",
    ...["--dataset", `${bench.location}/${dataset}`],
    ...["--checkpoint", CHECKPOINT, "--home", `${bench.location}/home`],
    ...["--workers", String(workers), "--threads", String(threads), "--wait"],
    ...["--overlap", OVERLAP],
  );
  const status = await uptake(bench, "status", "--run", location);
  if (status.coverage.done !== status.coverage.expected) {
    throw new Error(`Not all cases are done in ${location}`);
  }
  const times: { first: number; last: number; busy: number }[] = status.workers
    .map((
      worker: {
        firstForwardAt: string;
        lastForwardAt: string;
        busySeconds: number;
      },
    ) => ({
      first: Date.parse(worker.firstForwardAt),
      last: Date.parse(worker.lastForwardAt),
      busy: worker.busySeconds,
    }));
  const first = Math.min(...times.map((worker) => worker.first));
  const last = Math.max(...times.map((worker) => worker.last));
  const due = times.reduce(
    (sum, worker) => sum + worker.last - worker.first,
    0,
  );
  const busy = times.reduce((sum, worker) => sum + worker.busy, 0);
  return {
    seconds: (last - first) / 1000,
    busyShare: busy / (due / 1000),
    location,
  };
}

/** All scans through `submit` and one worker with two threads. */
export async function batchBusy(): Promise<Figure[]> {
  return await withBucket(async (bench) => {
    const { cases, remark } = await uploadScans(bench.store, "scans", Infinity);
    const { seconds, busyShare } = await batchRun(bench, "scans", 1, 2);
    return [
      {
        name: `${cases} cases from S3, 1 worker of 2 threads: network busy`,
        value: 100 * busyShare,
        unit: "%",
        target: 95,
        remark,
      },
      { name: "the same: all windows", value: seconds, unit: "s", remark },
    ];
  });
}

/** The same cases by one worker with two threads, and by two with one each, in turns. */
export async function workersCompared(): Promise<Figure[]> {
  return await withBucket(async (bench) => {
    const { cases, remark } = await uploadScans(
      bench.store,
      "scans",
      COMPARED_CASES,
    );
    const one = await batchRun(bench, "scans", 1, 2);
    const two = await batchRun(bench, "scans", 2, 1);
    return [
      {
        name: `${cases} cases, 1 worker of 2 threads`,
        value: one.seconds,
        unit: "s",
        remark: `${remark}, network busy ${(100 * one.busyShare).toFixed(1)} %`,
      },
      {
        name: `${cases} cases, 2 workers of 1 thread`,
        value: two.seconds,
        unit: "s",
        remark: `busy ${(100 * two.busyShare).toFixed(1)} %`,
      },
      {
        name: "2 workers are so many times as fast as 1",
        value: one.seconds / two.seconds,
        unit: "x",
        target: 1,
        remark,
      },
    ];
  });
}

/** From the start of a worker's process to its first window. */
export async function startToWindow(): Promise<Figure[]> {
  return await withBucket(async (bench) => {
    const { remark } = await uploadScans(bench.store, "scans", 1);
    let best = Infinity;
    for (let repeat = 0; repeat < 4; repeat++) {
      const { runs: [{ location }] } = await uptake(
        bench,
        "submit",
        ...["--dataset", `${bench.location}/scans`, "--workers", "0"],
        ...["--checkpoint", CHECKPOINT, "--home", `${bench.location}/home`],
        ...["--overlap", OVERLAP],
      );
      const startedAt = Date.now();
      await uptake(bench, "work", "--run", location);
      const { workers: [worker] } = await uptake(
        bench,
        "status",
        "--run",
        location,
      );
      const seconds = (Date.parse(worker.firstForwardAt) - startedAt) / 1000;
      // The first start fills the cache.
      if (repeat > 0) best = Math.min(best, seconds);
    }
    return [{
      name: "a worker's start to its first window",
      value: best,
      unit: "s",
      target: 3,
      repeats: 3,
      remark,
    }];
  });
}

/** `status` of a run of 10,000 cases, half of them done, as a process. */
export async function statusOfLargeRun(): Promise<Figure[]> {
  return await withBucket(async (bench) => {
    const cases = Array.from(
      { length: 10_000 },
      (_, n) => caseOf(`case ${n}`),
    );
    const store = substore(bench.store, "large");
    const run = await freezeRun(store, runOf({ cases }));
    await mapParallel(
      cases.slice(0, 5000),
      64,
      ({ caseId }) =>
        createRecord(store, resultKey(caseId), resultOf(caseId, "a")),
    );
    const location = `${bench.location}/large`;
    let whole = Infinity;
    let reading = Infinity;
    for (let repeat = 0; repeat < 3; repeat++) {
      let startedAt = performance.now();
      const status = await uptake(bench, "status", "--run", location);
      whole = Math.min(whole, (performance.now() - startedAt) / 1000);
      if (status.coverage.done !== 5000) throw new Error("Wrong status");
      startedAt = performance.now();
      await readRunStatus(store, run.run);
      reading = Math.min(reading, (performance.now() - startedAt) / 1000);
    }
    return [
      {
        name: "status of a run of 10,000 cases, as a command",
        value: whole,
        unit: "s",
        target: 2,
        repeats: 3,
      },
      {
        name: "the same without the process's start",
        value: reading,
        unit: "s",
        repeats: 3,
      },
    ];
  });
}
