import { expect } from "@std/expect";
import { mirrored } from "../../../../shared/imaging/windows/mirror.ts";
import type { Predict } from "../../../../shared/imaging/windows/predict.ts";
import { type Vec3, voxelCount } from "../../../../shared/imaging/volume.ts";
import { bits, counting, pointwise } from "./support.ts";

Deno.test("mirrored() changes nothing for a network that mirrors with its input", async () => {
  const roi: Vec3 = [2, 3, 4];
  const options = { batch: 2, channels: 1, classes: 2, roi };
  const predict = pointwise(roi, [(x) => 2 * x, (x) => 5 - x]);
  const input = counting(2 * voxelCount(roi));
  const expected = await predict(input.slice(), 2);
  const both = mirrored(predict, options);
  for (let call = 1; call <= 2; call++) {
    expect(bits(await both(input, 2))).toEqual(bits(expected));
  }
  expect(input).toEqual(counting(2 * voxelCount(roi)));
});

Deno.test("mirrored() averages a network that sees positions over all eight mirrored ones", async () => {
  const roi: Vec3 = [2, 2, 2];
  // Scores are 1, 2, 4 ... at the eight voxels, whatever the input: each voxel visits every place once.
  const scores = Float32Array.from({ length: 8 }, (_, n) => 2 ** n);
  const predict: Predict = () => Promise.resolve(scores);
  const options = { batch: 1, channels: 1, classes: 1, roi };
  const averaged = await mirrored(predict, options)(new Float32Array(8), 1);
  expect([...averaged]).toEqual(Array(8).fill(255 / 8));
});

Deno.test("mirrored() mirrors the input before and the scores after", async () => {
  // The network answers its first voxel along k at the first place and 0 elsewhere.
  const predict: Predict = (input) =>
    Promise.resolve(input.map((value, n) => n % 3 === 0 ? value : 0));
  const options = {
    batch: 1,
    channels: 2,
    classes: 2,
    roi: [1, 1, 3] as const,
  };
  const input = new Float32Array([8, 5, 16, 24, 7, 32]);
  const averaged = await mirrored(predict, options)(input, 1);
  // In four views the first voxel is first, in the four mirrored along k the last one is.
  expect([...averaged]).toEqual([4, 0, 8, 12, 0, 16]);
});

Deno.test("mirrored() stops before the next view when aborted", async () => {
  const controller = new AbortController();
  let calls = 0;
  const predict: Predict = (input) => {
    if (++calls === 3) controller.abort(new Error("stop"));
    return Promise.resolve(input);
  };
  const averaged = mirrored(predict, {
    batch: 1,
    channels: 1,
    classes: 1,
    roi: [2, 2, 2],
    signal: controller.signal,
  });
  await expect(averaged(new Float32Array(8), 1)).rejects.toThrow("stop");
  expect(calls).toBe(3);
});

Deno.test("mirrored() refuses an answer of another size", async () => {
  const predict: Predict = () => Promise.resolve(new Float32Array(3));
  const options = {
    batch: 1,
    channels: 1,
    classes: 1,
    roi: [1, 2, 2] as const,
  };
  const averaged = mirrored(predict, options)(new Float32Array(4), 1);
  await expect(averaged).rejects.toThrow("must give 4 scores: it has 3");
});
