import { expect } from "@std/expect";
import fc from "fast-check";
import {
  type Connectivity,
  dropSmallComponents,
  findComponents,
  labelComponents,
} from "../../../shared/imaging/components.ts";
import { type Vec3, voxelCount } from "../../../shared/imaging/volume.ts";

const CONNECTIVITIES: readonly Connectivity[] = [6, 18, 26];

/** Labels by flood fill from each voxel in scan order: slow, but plain. */
function floodFill(
  mask: Uint8Array,
  [ni, nj, nk]: Vec3,
  connectivity: Connectivity,
): Int32Array<ArrayBuffer> {
  const farthest = { 6: 1, 18: 2, 26: 3 }[connectivity];
  const labels = new Int32Array(mask.length);
  let count = 0;
  for (let seed = 0; seed < mask.length; seed++) {
    if (mask[seed] === 0 || labels[seed] !== 0) continue;
    labels[seed] = ++count;
    const front = [seed];
    for (let n = front.pop(); n !== undefined; n = front.pop()) {
      const [i, j, k] = [
        Math.floor(n / nk / nj),
        Math.floor(n / nk) % nj,
        n % nk,
      ];
      for (let di = -1; di <= 1; di++) {
        for (let dj = -1; dj <= 1; dj++) {
          for (let dk = -1; dk <= 1; dk++) {
            const steps = Math.abs(di) + Math.abs(dj) + Math.abs(dk);
            const [a, b, c] = [i + di, j + dj, k + dk];
            const isInside = a >= 0 && a < ni && b >= 0 && b < nj && c >= 0 &&
              c < nk;
            const next = (a * nj + b) * nk + c;
            if (
              steps <= farthest && isInside && mask[next] === mask[seed] &&
              labels[next] === 0
            ) {
              labels[next] = count;
              front.push(next);
            }
          }
        }
      }
    }
  }
  return labels;
}

const masks = fc.tuple(
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 7 }),
).chain(([ni, nj, nk]) =>
  fc.record({
    shape: fc.constant<Vec3>([ni, nj, nk]),
    mask: fc.array(fc.constantFrom(0, 0, 1, 1, 2), {
      minLength: ni * nj * nk,
      maxLength: ni * nj * nk,
    }).map((values) => Uint8Array.from(values)),
  })
);

for (const connectivity of CONNECTIVITIES) {
  Deno.test(`labelComponents() agrees with flood fill at connectivity ${connectivity}`, () => {
    fc.assert(
      fc.property(masks, ({ mask, shape }) => {
        const expected = floodFill(mask, shape, connectivity);
        const { labels, count, sizes } = labelComponents(
          mask,
          shape,
          connectivity,
        );
        expect(labels).toEqual(expected);
        expect(count).toBe(Math.max(0, ...expected));
        expect([...sizes]).toEqual(
          Array.from(
            { length: count },
            (_, n) => expected.filter((label) => label === n + 1).length,
          ),
        );
      }),
      { numRuns: 300 },
    );
  });
}

const TOUCHING: readonly [string, Vec3, readonly number[]][] = [
  ["a face", [0, 1, 0], [1, 1, 1]],
  ["an edge", [0, 1, 1], [2, 1, 1]],
  ["an edge across rows", [1, 1, 0], [2, 1, 1]],
  ["a corner", [1, 1, 1], [2, 2, 1]],
  ["nothing", [0, 0, 2], [2, 2, 2]],
];

for (const [shared, other, counts] of TOUCHING) {
  Deno.test(`findComponents() joins voxels that share ${shared} where it should`, () => {
    const shape: Vec3 = [2, 2, 3];
    const mask = new Uint8Array(voxelCount(shape));
    mask[0] = 1;
    mask[(other[0] * 2 + other[1]) * 3 + other[2]] = 1;
    expect(
      CONNECTIVITIES.map((each) => findComponents(mask, shape, each).count),
    ).toEqual(counts);
  });
}

Deno.test("findComponents() keeps different values apart", () => {
  const { count, sizes } = findComponents(
    Uint8Array.of(1, 1, 2, 2, 2, 1),
    [1, 1, 6],
    26,
  );
  expect(count).toBe(3);
  expect([...sizes]).toEqual([2, 3, 1]);
});

Deno.test("findComponents() finds nothing in an empty mask", () => {
  expect(findComponents(new Uint8Array(8), [2, 2, 2], 18).count).toBe(0);
  expect(findComponents(new Uint8Array(0), [0, 2, 2], 18).count).toBe(0);
});

Deno.test("findComponents() refuses a mask that does not fill its shape", () => {
  expect(() => findComponents(new Uint8Array(7), [2, 2, 2], 18)).toThrow(
    "the mask has 7 voxels, its shape 2x2x2",
  );
});

Deno.test("dropSmallComponents() drops what is smaller, class by class, in a copy", () => {
  const mask = Uint8Array.of(1, 1, 1, 2, 2, 0, 1, 0, 2, 2, 2, 0);
  const shape: Vec3 = [1, 1, 12];
  const kept = dropSmallComponents(mask, shape, 0.5, 1.5);
  expect([...kept]).toEqual([1, 1, 1, 0, 0, 0, 0, 0, 2, 2, 2, 0]);
  expect([...mask.subarray(3, 7)]).toEqual([2, 2, 0, 1]);
});

Deno.test("dropSmallComponents() keeps what has exactly the least volume, and all without one", () => {
  const mask = Uint8Array.of(1, 1, 0, 1);
  expect([...dropSmallComponents(mask, [1, 1, 4], 0.5, 1)])
    .toEqual([1, 1, 0, 0]);
  expect(dropSmallComponents(mask, [1, 1, 4], 0.5, 0)).toEqual(mask);
});

Deno.test("dropSmallComponents() takes voxels that share an edge as one component", () => {
  const mask = Uint8Array.of(1, 0, 0, 1);
  expect(dropSmallComponents(mask, [1, 2, 2], 1, 2)).toEqual(mask);
  expect([...dropSmallComponents(mask, [1, 2, 2], 1, 2, 6)])
    .toEqual([0, 0, 0, 0]);
});
