import { expect } from "@std/expect";
import {
  cutInPlace,
  extract,
  foregroundBox,
  turnedBox,
  unionBox,
} from "../../../shared/imaging/crop.ts";
import { AS_STORED } from "../../../shared/imaging/orientation.ts";
import type { Vec3 } from "../../../shared/imaging/volume.ts";

function volumeWith(shape: Vec3, voxels: readonly Vec3[]) {
  const data = new Float32Array(shape[0] * shape[1] * shape[2]);
  for (const [i, j, k] of voxels) data[(i * shape[1] + j) * shape[2] + k] = 1;
  return data;
}

Deno.test("foregroundBox() includes its start and excludes its end", () => {
  const data = volumeWith([4, 5, 6], [[1, 4, 2], [2, 3, 5]]);
  expect(foregroundBox(data, [4, 5, 6], 0))
    .toEqual({ start: [1, 3, 2], end: [3, 5, 6] });
});

Deno.test("foregroundBox() finds a single voxel and the outermost ones", () => {
  expect(foregroundBox(volumeWith([3, 3, 3], [[1, 1, 1]]), [3, 3, 3], 0))
    .toEqual({ start: [1, 1, 1], end: [2, 2, 2] });
  const corners = volumeWith([3, 3, 3], [[0, 0, 0], [2, 2, 2]]);
  expect(foregroundBox(corners, [3, 3, 3], 0))
    .toEqual({ start: [0, 0, 0], end: [3, 3, 3] });
});

Deno.test("foregroundBox() takes what is above the threshold, not what equals it", () => {
  const data = Float32Array.of(70, 71, 70);
  expect(foregroundBox(data, [3, 1, 1], 70))
    .toEqual({ start: [1, 0, 0], end: [2, 1, 1] });
  expect(foregroundBox(data, [3, 1, 1], 71)).toBeUndefined();
});

Deno.test("unionBox() holds every box and ignores channels without one", () => {
  const a = { start: [1, 5, 2], end: [3, 6, 4] } as const;
  const b = { start: [2, 0, 3], end: [4, 1, 4] } as const;
  expect(unionBox([undefined, a, b, undefined]))
    .toEqual({ start: [1, 0, 2], end: [4, 6, 4] });
  expect(unionBox([undefined])).toBeUndefined();
});

Deno.test("turnedBox() follows permuted and flipped axes", () => {
  const box = { start: [1, 2, 3], end: [2, 4, 7] } as const;
  const orientation = { axes: [2, 0, 1], flips: [true, false, true] } as const;
  expect(turnedBox(box, [5, 6, 10], orientation))
    .toEqual({ start: [3, 1, 2], end: [7, 2, 4] });
});

Deno.test("extract() turns while it copies", () => {
  // 2 x 3 x 1, values i * 3 + j.
  const data = Float32Array.of(0, 1, 2, 3, 4, 5);
  const orientation = {
    axes: [1, 0, 2],
    flips: [true, false, false],
  } as const;
  // Turned: 3 x 2 x 1, axis 0 is j backwards.
  const whole = { start: [0, 0, 0], end: [3, 2, 1] } as const;
  expect([...extract(data, [2, 3, 1], orientation, whole)])
    .toEqual([2, 5, 1, 4, 0, 3]);
  const part = { start: [1, 1, 0], end: [3, 2, 1] } as const;
  expect([...extract(data, [2, 3, 1], orientation, part)]).toEqual([4, 3]);
});

Deno.test("cutInPlace() gives what extract() gives", () => {
  const shape: Vec3 = [3, 4, 5];
  const data = Float32Array.from({ length: 60 }, (_, n) => n);
  const box = { start: [1, 0, 2], end: [3, 3, 5] } as const;
  const expected = extract(data, shape, AS_STORED, box);
  expect([...cutInPlace(data, shape, box)]).toEqual([...expected]);
});
