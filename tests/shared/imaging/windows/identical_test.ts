import { expect } from "@std/expect";
import fc from "fast-check";
import {
  findIdentical,
  planReuse,
} from "../../../../shared/imaging/windows/identical.ts";
import { planWindows } from "../../../../shared/imaging/windows/plan.ts";
import {
  copyWindow,
  hashWindows,
} from "../../../../shared/imaging/windows/window_content.ts";
import { type Vec3, voxelCount } from "../../../../shared/imaging/volume.ts";
import { bits } from "./support.ts";

Deno.test("findIdentical() names the first window with the same content", () => {
  const plan = planWindows([1, 1, 8], [1, 1, 2], 0);
  const volume = new Float32Array([0, 0, 1, 2, 0, 0, 1, 2]);
  expect([...findIdentical([volume], plan)]).toEqual([0, 1, 0, 1]);
  const second = new Float32Array([0, 0, 0, 0, 0, 0, 0, 5]);
  expect([...findIdentical([volume, second], plan)]).toEqual([0, 1, 0, 3]);
});

Deno.test("findIdentical() compares bits: -0 is not 0, a NaN is itself", () => {
  const plan = planWindows([1, 1, 4], [1, 1, 1], 0);
  const volume = new Float32Array([0, -0, NaN, NaN]);
  expect([...findIdentical([volume], plan)]).toEqual([0, 1, 2, 2]);
});

Deno.test("findIdentical() reads a channel that begins inside a larger buffer", () => {
  const plan = planWindows([1, 1, 3], [1, 1, 1], 0);
  const volume = new Float32Array([9, 9, 1, 2, 1]).subarray(2);
  expect([...findIdentical([volume], plan)]).toEqual([0, 1, 0]);
});

Deno.test("findIdentical() never merges different windows, even when all hashes collide", () => {
  const size = fc.integer({ min: 1, max: 5 });
  const vec3: fc.Arbitrary<Vec3> = fc.tuple(size, size, size);
  const voxels = fc.array(fc.constantFrom(0, 0, 0, 1), {
    minLength: 125,
    maxLength: 125,
  });
  fc.assert(
    fc.property(vec3, vec3, voxels, (shape, roi, voxels) => {
      const plan = planWindows(shape, roi, 0.5);
      const volume = Float32Array.from(voxels.slice(0, voxelCount(shape)));
      const contents = plan.starts.map((start) => {
        const window = new Float32Array(voxelCount(roi));
        copyWindow([volume], plan, start, window, 0);
        return window.join();
      });
      const expected = contents.map((content) => contents.indexOf(content));
      expect([...findIdentical([volume], plan)]).toEqual(expected);
      const collide = () => new Int32Array(plan.starts.length);
      expect([...findIdentical([volume], plan, collide)]).toEqual(expected);
    }),
  );
});

Deno.test("hashWindows() tells windows apart that differ in one voxel or in order", () => {
  const plan = planWindows([4, 4, 64], [4, 4, 4], 0);
  const volume = new Float32Array(4 * 4 * 64);
  // One voxel of each window is 1: sixteen different places.
  for (let window = 0; window < 16; window++) {
    volume[window * 64 + 4 * window] = 1;
  }
  expect(new Set(hashWindows([volume], plan)).size).toBe(16);
});

Deno.test("hashWindows() spreads volumes of few grey values", () => {
  const plan = planWindows([24, 24, 24], [8, 8, 8], 0.75);
  const volume = Float32Array.from(
    { length: 24 ** 3 },
    (_, n) => Math.imul(n, 0x9e3779b1) >>> 30,
  );
  const hashes = hashWindows([volume], plan);
  expect(hashes.length).toBe(9 ** 3);
  expect(new Set(hashes).size).toBe(
    new Set(findIdentical([volume], plan)).size,
  );
});

Deno.test("planReuse() computes each content once where there is room", () => {
  const { source, lastUse } = planReuse(Int32Array.of(0, 1, 0, 1, 4, 0), 2);
  expect([...source]).toEqual([0, 1, 0, 1, 4, 0]);
  expect([lastUse[0], lastUse[1], lastUse[4]]).toEqual([5, 3, 4]);
});

Deno.test("planReuse() computes again what it has no room to keep", () => {
  // Content 0 is kept to its end, so 1 is computed twice and then kept: 0 is done.
  const { source, lastUse } = planReuse(Int32Array.of(0, 1, 0, 1, 1), 1);
  expect([...source]).toEqual([0, 1, 0, 3, 3]);
  expect([lastUse[0], lastUse[1], lastUse[3]]).toEqual([2, 1, 4]);
});

Deno.test("planReuse() keeps no more results than allowed", () => {
  const contents = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 40 });
  fc.assert(
    fc.property(contents, fc.integer({ min: 0, max: 4 }), (ids, maxKept) => {
      const first = Int32Array.from(ids, (id) => ids.indexOf(id));
      const { source, lastUse } = planReuse(first, maxKept);
      ids.forEach((id, window) => {
        const from = source[window]!;
        expect(ids[from]).toBe(id);
        expect(source[from]).toBe(from);
        expect(lastUse[from]).toBeGreaterThanOrEqual(window);
        const kept = ids.filter((_, w) =>
          w <= window && source[w] === w && lastUse[w]! > window
        );
        expect(kept.length).toBeLessThanOrEqual(maxKept);
      });
    }),
  );
});

Deno.test("copyWindow() puts a small volume in the middle of the window", () => {
  const plan = planWindows([1, 1, 2], [1, 3, 4], 0);
  const into = new Float32Array(25);
  const channels = [new Float32Array([1, 2]), new Float32Array([3, -0])];
  copyWindow(channels, plan, [0, 0, 0], into, 1);
  const expected = new Float32Array(25);
  expected.set([1, 2], 1 + 5);
  expected.set([3, -0], 1 + 12 + 5);
  expect(bits(into)).toEqual(bits(expected));
});
