import { expect } from "@std/expect";
import {
  slidingWindow,
  type SlidingWindowOptions,
} from "../../../../shared/imaging/windows/sliding_window.ts";
import type { Predict } from "../../../../shared/imaging/windows/predict.ts";
import { type Vec3, voxelCount } from "../../../../shared/imaging/volume.ts";
import { readGolden } from "../../../support/golden.ts";
import { fixture, reference, testWith } from "../../../support/requires.ts";
import { collect, largestDifference } from "./support.ts";

type Case =
  & Pick<SlidingWindowOptions, "shape" | "roi" | "overlap">
  & Pick<SlidingWindowOptions, "mode">;

/** The golden data's network: tanh(conv3d(x, weight, padding=1)) + linspace(0, 1, roi[2]) along k. */
function goldenNetwork(roi: Vec3, weight: ArrayLike<number>): Predict {
  const [depth, height, width] = roi;
  const size = voxelCount(roi);
  return (input) => {
    const scores = new Float32Array(2 * input.length);
    for (let n = 0; n < 2 * input.length; n++) {
      const k = n % width;
      const j = Math.floor(n / width) % height;
      const i = Math.floor(n / (width * height)) % depth;
      const window = Math.floor(n / (2 * size)) * size;
      let sum = 0;
      let tap = (Math.floor(n / size) % 2) * 27;
      for (let a = i - 1; a <= i + 1; a++) {
        for (let b = j - 1; b <= j + 1; b++) {
          for (let c = k - 1; c <= k + 1; c++, tap++) {
            const inside = a >= 0 && a < depth && b >= 0 && b < height &&
              c >= 0 && c < width;
            if (!inside) continue;
            sum += weight[tap]! * input[window + (a * height + b) * width + c]!;
          }
        }
      }
      scores[n] = Math.tanh(sum) + k / (width - 1);
    }
    return Promise.resolve(scores);
  };
}

async function matchesGolden(path: string): Promise<void> {
  const golden = readGolden(path);
  const weight = golden.tensor("weight").data;
  const cases: Case[] = JSON.parse(golden.metadata["cases"] ?? "[]");
  expect(cases.length).toBe(5);
  for (const [n, settings] of cases.entries()) {
    const { shape, roi } = settings;
    const planes = slidingWindow({
      ...settings,
      channels: [Float32Array.from(golden.tensor(`${n}.input`).data)],
      classes: 2,
      batch: 2,
      predict: goldenNetwork(roi, weight),
    });
    const scores = await collect(planes, shape, 2);
    const expected = golden.tensor(`${n}.output`).data;
    expect(largestDifference(scores, expected)).toBeLessThan(1e-4);
  }
}

Deno.test("slidingWindow() agrees with MONAI 1.5 on small volumes", async () => {
  await matchesGolden(fixture("inference/sliding_window_small.safetensors"));
});

testWith(
  reference,
  "slidingWindow() agrees with MONAI 1.5 on larger volumes",
  (path) => matchesGolden(`${path}/inference/sliding_window.safetensors`),
);
