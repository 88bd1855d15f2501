import { expect } from "@std/expect";
import { setImmediate } from "node:timers";
import {
  slidingWindow,
  type SlidingWindowOptions,
} from "../../../../shared/imaging/windows/sliding_window.ts";
import type { Plane } from "../../../../shared/imaging/windows/blender.ts";
import type { Predict } from "../../../../shared/imaging/windows/predict.ts";
import { type Vec3, voxelCount } from "../../../../shared/imaging/volume.ts";
import {
  bits,
  collect,
  counting,
  largestDifference,
  pointwise,
} from "./support.ts";

const SHAPE: Vec3 = [9, 7, 10];
const ROI: Vec3 = [4, 4, 4];

/** A volume of 9x7x10 voxels in windows of 4x4x4, two classes. */
function options(
  changes: Partial<SlidingWindowOptions> = {},
): SlidingWindowOptions {
  return {
    channels: [counting(voxelCount(SHAPE))],
    shape: SHAPE,
    roi: ROI,
    overlap: 0.5,
    mode: "gaussian",
    classes: 2,
    batch: 2,
    predict: neighbours(),
    ...changes,
  };
}

/**
 * A network of one channel and two classes that sees a voxel's neighbours and its place in the window, and
 * answers in memory that it uses again, as engines may.
 */
function neighbours(): Predict {
  const size = voxelCount(ROI);
  let memory = new Float32Array(0);
  return (input) => {
    if (memory.length === 0) memory = new Float32Array(2 * input.length);
    for (let n = 0; n < input.length; n++) {
      const place = n % size;
      const score = Math.sin(input[n]! + 3 * input[n - place]!) + place / 100;
      const at = 2 * (n - place) + place;
      memory[at] = score;
      memory[at + size] = -score / 3;
    }
    return Promise.resolve(memory);
  };
}

/** A box of small numbers in a volume of air. */
function bodyInAir(shape: Vec3, from: Vec3, to: Vec3): Float32Array {
  const volume = new Float32Array(voxelCount(shape));
  for (let i = from[0]; i < to[0]; i++) {
    for (let j = from[1]; j < to[1]; j++) {
      for (let k = from[2]; k < to[2]; k++) {
        const n = (i * shape[1] + j) * shape[2] + k;
        volume[n] = 1 + n % 7;
      }
    }
  }
  return volume;
}

function run(changes: Partial<SlidingWindowOptions>): Promise<Float32Array> {
  const all = options(changes);
  return collect(slidingWindow(all), all.shape, all.classes);
}

Deno.test("slidingWindow() gives the same bits for every batch size", async () => {
  const [one, ...others] = await Promise.all(
    [1, 2, 4, 7].map((batch) => run({ batch })),
  );
  for (const other of others) expect(bits(other)).toEqual(bits(one!));
});

Deno.test("slidingWindow() equals the whole-volume answer of a linear network", async () => {
  const volume = counting(voxelCount(SHAPE));
  const expected = [
    ...volume.map((x) => 2 * x + 1),
    ...volume.map((x) => -x),
  ];
  for (const mode of ["gaussian", "constant"] as const) {
    const predict = pointwise(ROI, [(x) => 2 * x + 1, (x) => -x]);
    const scores = await run({ mode, predict });
    expect(largestDifference(scores, expected)).toBeLessThan(1e-3);
  }
});

Deno.test("slidingWindow() pads a volume smaller than the window with zeros", async () => {
  const seen: number[][] = [];
  const scores = await run({
    channels: [new Float32Array([1, 2])],
    shape: [1, 1, 2],
    roi: [2, 1, 5],
    classes: 1,
    batch: 1,
    predict: (input) => {
      seen.push([...input]);
      return Promise.resolve(Float32Array.from(input, (_, n) => n));
    },
  });
  expect(seen).toEqual([[0, 1, 2, 0, 0, 0, 0, 0, 0, 0]]);
  // (0 along i because 1 missing plane goes after the volume.)
  expect([...scores]).toEqual([1, 2]);
});

Deno.test("slidingWindow() gives the network all channels of each window", async () => {
  const a = counting(voxelCount(SHAPE));
  const b = a.map((value) => 1 - value);
  const size = voxelCount(ROI);
  const scores = await run({
    channels: [a, b],
    classes: 1,
    batch: 1,
    predict: (input) =>
      Promise.resolve(
        input.subarray(0, size).map((value, n) => value + input[size + n]!),
      ),
  });
  expect(largestDifference(scores, a.map(() => 1))).toBeLessThan(1e-6);
});

Deno.test("slidingWindow() fills a short last batch by repeating its last window", async () => {
  const counts: number[] = [];
  const progress: number[][] = [];
  await run({
    channels: [counting(12)],
    shape: [1, 1, 12],
    roi: [1, 1, 4],
    overlap: 0,
    classes: 1,
    batch: 2,
    predict: (input, count) => {
      counts.push(count);
      if (count === 1) {
        expect(input.subarray(4)).toEqual(input.subarray(0, 4));
        expect(input.subarray(0, 4)).toEqual(counting(12).subarray(8));
      }
      return Promise.resolve(input);
    },
    onWindow: (done, total) => progress.push([done, total]),
  });
  expect(counts).toEqual([2, 1]);
  expect(progress).toEqual([[2, 3], [3, 3]]);
});

Deno.test("slidingWindow() computes windows of air once, with the same bits", async () => {
  const shape: Vec3 = [12, 12, 16];
  // Windows start at 0, 2, 4, 6, 8 (and 10, 12 along k); the bodies touch those at 2, 4 and 6 along j and k,
  // and three or all five along i. All other windows are one and the same.
  const bodies = [
    { channel: bodyInAir(shape, [5, 5, 5], [7, 7, 7]), distinct: 27 + 1 },
    { channel: bodyInAir(shape, [0, 5, 5], [12, 7, 7]), distinct: 45 + 1 },
  ];
  for (const { channel, distinct } of bodies) {
    for (const batch of [1, 3]) {
      const windows: number[] = [];
      const results: Int32Array[] = [];
      for (const reuseIdentical of [true, false]) {
        const predict = neighbours();
        let computed = 0;
        const scores = await run({
          channels: [channel],
          shape,
          batch,
          reuseIdentical,
          predict: (input, count) => {
            computed += count;
            return predict(input, count);
          },
        });
        results.push(bits(scores));
        windows.push(computed);
      }
      expect(windows).toEqual([distinct, 5 * 5 * 7]);
      expect(results[0]).toEqual(results[1]);
    }
  }
});

Deno.test("slidingWindow() members that share the network's memory do not disturb each other", async () => {
  const predict = neighbours();
  const shape: Vec3 = [9, 6, 6];
  const volumes = [
    bodyInAir(shape, [2, 2, 2], [8, 5, 5]),
    bodyInAir(shape, [0, 0, 3], [9, 3, 6]),
  ];
  const settings = { shape, batch: 3, predict };
  const apart: Int32Array[] = [];
  for (const volume of volumes) {
    apart.push(bits(await run({ ...settings, channels: [volume] })));
  }
  const members = volumes.map((volume) =>
    slidingWindow(options({ ...settings, channels: [volume] }))
  );
  const planes: Plane[][] = [[], []];
  for (let index = 0; index < shape[0]; index++) {
    for (const [m, member] of members.entries()) {
      const { value } = await member.next();
      planes[m]!.push({ index, scores: value!.scores.slice() });
    }
  }
  for (const [m, expected] of apart.entries()) {
    expect(bits(await collect(planes[m]!, shape, 2))).toEqual(expected);
  }
});

Deno.test("slidingWindow() stops before the next batch when an event aborts it", async () => {
  const controller = new AbortController();
  let calls = 0;
  const predict = neighbours();
  const scores = run({
    signal: controller.signal,
    predict: (input, count) => {
      calls++;
      // An event, as a signal handler is one: seen only if the event loop gets to run.
      setImmediate(() => controller.abort(new Error("stop")));
      return predict(input, count);
    },
  });
  await expect(scores).rejects.toThrow("stop");
  expect(calls).toBe(1);
});

Deno.test("slidingWindow() does not start when already aborted", async () => {
  let calls = 0;
  const scores = run({
    signal: AbortSignal.abort(),
    predict: (input) => Promise.resolve((calls++, input)),
  });
  await expect(scores).rejects.toThrow(DOMException);
  expect(calls).toBe(0);
});

Deno.test("slidingWindow() refuses sizes that do not fit together", async () => {
  const cases: [Partial<SlidingWindowOptions>, string][] = [
    [{ batch: 0 }, "batch must be a positive whole number"],
    [{ classes: 1.5 }, "classes must be a positive whole number"],
    [{ channels: [] }, "without channels"],
    [{ channels: [new Float32Array(5)] }, "630 voxels: one has 5"],
    [{ overlap: 1 }, "overlap must be in [0, 1)"],
    [{ classes: 3 }, "must give 384 scores: it has 256"],
  ];
  for (const [changes, message] of cases) {
    const scores = run(changes);
    await expect(scores).rejects.toThrow(RangeError);
    await expect(scores).rejects.toThrow(message);
  }
});
