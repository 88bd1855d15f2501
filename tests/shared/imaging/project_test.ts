import { expect } from "@std/expect";
import fc from "fast-check";
import { preprocess } from "../../../shared/imaging/preprocess.ts";
import type { PreparedCase } from "../../../shared/imaging/preprocess.ts";
import { preprocessLabel } from "../../../shared/imaging/preprocess_label.ts";
import type { Preprocessing } from "../../../shared/imaging/preprocessing.ts";
import { createProjector } from "../../../shared/imaging/project.ts";
import { resampleLinear } from "../../../shared/imaging/resample.ts";
import { voxelCount } from "../../../shared/imaging/volume.ts";
import type { Affine, Vec3, Volume } from "../../../shared/imaging/volume.ts";

const plain: Preprocessing = {
  spacingMm: "native",
  orientation: "RAS",
  intensity: [{ lo: 0, hi: 1 }],
  crop: "none",
};

function volume(
  shape: Vec3,
  values: readonly number[],
  [x, y, z]: Vec3 = [1, 1, 1],
): Volume {
  return {
    data: Float32Array.from(values),
    shape,
    affine: [x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0, 0, 0, 0, 1],
  };
}

/** Pushes [class][i][j][k] plane by plane. */
function project(
  prepared: PreparedCase,
  classes: number,
  probabilities: Float32Array<ArrayBuffer>,
  keepProbabilities = false,
) {
  const [ni, nj, nk] = prepared.shape;
  const projector = createProjector(prepared, classes, { keepProbabilities });
  const plane = new Float32Array(classes * nj * nk);
  for (let i = 0; i < ni; i++) {
    for (let c = 0; c < classes; c++) {
      const from = (c * ni + i) * nj * nk;
      plane.set(probabilities.subarray(from, from + nj * nk), c * nj * nk);
    }
    projector.push(i, plane);
  }
  return projector.finish();
}

Deno.test("createProjector() flips a mask back", () => {
  const image = volume([2, 3, 1], [0, 0, 0, 0, 0, 0], [-1, -1, 1]);
  const prepared = preprocess([image], plain);
  // RAS voxel (0, 0, 0) is the image's (1, 2, 0), (0, 2, 0) is (1, 0, 0).
  const background = [0.1, 1, 1, 1, 1, 1];
  const tumour = [0.9, 0, 0, 0, 0, 0];
  const { mask } = project(
    prepared,
    2,
    Float32Array.from([...background, ...tumour]),
  );
  expect([...mask]).toEqual([0, 0, 0, 0, 0, 1]);
});

Deno.test("createProjector() puts a crop back and leaves background around it", () => {
  const image = volume([1, 1, 5], [0, 0, 1, 1, 0]);
  const prepared = preprocess([image], { ...plain, crop: "foreground" });
  const { mask, probabilities } = project(
    prepared,
    3,
    Float32Array.of(0.2, 0.1, 0.3, 0.2, 0.5, 0.7),
    true,
  );
  expect([...mask]).toEqual([0, 0, 2, 2, 0]);
  expect([...probabilities!]).toEqual(
    [...Float32Array.of(
      0,
      0,
      0.2,
      0.1,
      0,
      0,
      0,
      0.3,
      0.2,
      0,
      0,
      0,
      0.5,
      0.7,
      0,
    )],
  );
});

Deno.test("createProjector() gives equals to the first class", () => {
  const prepared = preprocess([volume([1, 1, 3], [0, 0, 0])], plain);
  const { mask } = project(
    prepared,
    3,
    Float32Array.of(0.4, 0.2, 0, 0.4, 0.4, 0, 0.2, 0.4, 0),
  );
  expect([...mask]).toEqual([0, 1, 0]);
});

Deno.test("createProjector() interpolates probabilities onto the image's voxels", () => {
  const image = volume([1, 1, 5], [0, 0, 0, 0, 0]);
  const prepared = preprocess([image], { ...plain, spacingMm: [1, 1, 2] });
  expect(prepared.shape).toEqual([1, 1, 3]);
  const { mask, probabilities } = project(
    prepared,
    2,
    Float32Array.of(1, 0, 0.75, 0, 1, 0.25),
    true,
  );
  expect([...probabilities!])
    .toEqual([1, 0.5, 0, 0.375, 0.75, 0, 0.5, 1, 0.625, 0.25]);
  expect([...mask]).toEqual([0, 0, 1, 1, 0]);
});

for (const axis of [0, 1, 2]) {
  Deno.test(`createProjector() interpolates towards zero outside of the crop along axis ${axis}`, () => {
    const shape = [0, 1, 2].map((a) => a === axis ? 7 : 1);
    const spacing = [0, 1, 2].map((a) => a === axis ? 2 : 1);
    const image = volume(
      [shape[0]!, shape[1]!, shape[2]!],
      [0, 0, 1, 0, 0, 0, 0],
    );
    const prepared = preprocess([image], {
      ...plain,
      spacingMm: [spacing[0]!, spacing[1]!, spacing[2]!],
      crop: "foreground",
    });
    expect(voxelCount(prepared.shape)).toBe(1);
    const { mask, probabilities } = project(
      prepared,
      2,
      Float32Array.of(0.25, 0.75),
      true,
    );
    // Background loses as well: halfway out of the crop the tumour is still ahead, 0.375 to 0.125.
    expect([...mask]).toEqual([0, 1, 1, 1, 0, 0, 0]);
    expect([...probabilities!].slice(7)).toEqual([
      0,
      0.375,
      0.75,
      0.375,
      0,
      0,
      0,
    ]);
    expect([...project(prepared, 2, Float32Array.of(0.25, 0.75)).mask])
      .toEqual([...mask]);
  });
}

Deno.test("createProjector() refuses planes out of order, of another size, or missing", () => {
  const prepared = preprocess([volume([2, 1, 1], [0, 0])], plain);
  const projector = createProjector(prepared, 2);
  expect(() => projector.push(1, new Float32Array(2))).toThrow(RangeError);
  expect(() => projector.push(0, new Float32Array(3))).toThrow("2 x 1 x 1");
  projector.push(0, new Float32Array(2));
  expect(() => projector.finish()).toThrow("1 of 2 planes");
  projector.push(1, new Float32Array(2));
  expect(() => projector.push(2, new Float32Array(2))).toThrow(RangeError);
  expect(() => createProjector(prepared, 1)).toThrow(
    "Cannot project 1 classes",
  );
});

const shapes = fc.tuple(
  fc.integer({ min: 1, max: 7 }),
  fc.integer({ min: 1, max: 7 }),
  fc.integer({ min: 1, max: 7 }),
);

const axisOrders = fc.constantFrom(
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
);

/** A case with a random grid, some foreground, and a random label of classes 0 to 2. */
const images = fc.record({
  shape: shapes,
  axes: axisOrders,
  signs: fc.array(fc.constantFrom(1, -1), { minLength: 3, maxLength: 3 }),
  seed: fc.array(fc.integer({ min: 0, max: 2 }), {
    minLength: 343,
    maxLength: 343,
  }),
  hot: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
}).map(({ shape, axes, signs, seed, hot }) => {
  const affine = [0, 0, 0, -5, 0, 0, 0, 6, 0, 0, 0, 7, 0, 0, 0, 1];
  axes.forEach((world, axis) => {
    affine[4 * world + axis] = (2 + axis) * signs[axis]!;
  });
  const data = new Float32Array(voxelCount(shape));
  for (const n of hot) data[n % data.length] = 1;
  const label = Uint8Array.from(seed.slice(0, data.length));
  return { image: { data, shape, affine }, label };
});

Deno.test("createProjector() undoes preprocessLabel() at native spacing within the crop", () => {
  fc.assert(
    fc.property(images, ({ image, label }) => {
      const prepared = preprocess([image], { ...plain, crop: "foreground" });
      const classes = preprocessLabel({ ...image, data: label }, prepared);
      const count = classes.length;
      const oneHot = new Float32Array(3 * count);
      classes.forEach((c, n) => oneHot[c * count + n] = 1);
      const { mask } = project(prepared, 3, oneHot);
      // The foreground's box in the image, found without the code under test.
      const inside = (axis: number, index: number) => {
        const [, nj, nk] = image.shape;
        const at = (n: number) =>
          [Math.floor(n / (nj * nk)), Math.floor(n / nk) % nj, n % nk][axis]!;
        const hot = [...image.data.keys()].filter((n) => image.data[n]! > 0)
          .map(at);
        return at(index) >= Math.min(...hot) && at(index) <= Math.max(...hot);
      };
      const expected = label.map((c, n) =>
        [0, 1, 2].every((axis) => inside(axis, n)) ? c : 0
      );
      expect([...mask]).toEqual([...expected]);
    }),
    { numRuns: 60 },
  );
});

/** The same inverse by whole volumes: padding, turning back, one resampling per class. */
function projectWhole(
  prepared: PreparedCase,
  classes: number,
  probabilities: Float32Array<ArrayBuffer>,
): Float32Array<ArrayBuffer>[] {
  const { resampled, orientation, box, shape, image } = prepared;
  const strides = [
    resampled.shape[1] * resampled.shape[2],
    resampled.shape[2],
    1,
  ];
  return Array.from({ length: classes }, (_, c) => {
    const data = new Float32Array(voxelCount(resampled.shape));
    let n = c * voxelCount(shape);
    for (let i = 0; i < shape[0]; i++) {
      for (let j = 0; j < shape[1]; j++) {
        for (let k = 0; k < shape[2]; k++) {
          let at = 0;
          [i, j, k].forEach((index, axis) => {
            const stored = orientation.axes[axis]!;
            const turned = index + box.start[axis]!;
            at += strides[stored]! *
              (orientation.flips[axis]
                ? resampled.shape[stored] - 1 - turned
                : turned);
          });
          data[at] = probabilities[n++]!;
        }
      }
    }
    return resampleLinear({ data, ...resampled }, image);
  });
}

function softmaxLike(count: number, seed: readonly number[]) {
  const p = new Float32Array(3 * count);
  for (let n = 0; n < count; n++) {
    const scores = [0, 1, 2].map((c) => 1 + seed[(3 * n + c) % seed.length]!);
    const sum = scores.reduce((a, b) => a + b);
    scores.forEach((score, c) => p[c * count + n] = score / sum);
  }
  return p;
}

function expectSameProjection(
  prepared: PreparedCase,
  seed: readonly number[],
): void {
  const p = softmaxLike(voxelCount(prepared.shape), seed);
  const expected = projectWhole(prepared, 3, p);
  const { mask, probabilities } = project(prepared, 3, p, true);
  const plainMask = project(prepared, 3, p).mask;
  expected.forEach((values, c) =>
    values.forEach((value, n) =>
      expect(Math.abs(probabilities![c * mask.length + n]! - value))
        .toBeLessThan(1e-5)
    )
  );
  mask.forEach((winner, n) => {
    const scores = expected.map((values) => values[n]!);
    expect(scores[winner]!).toBeGreaterThan(Math.max(...scores) - 1e-5);
    expect(scores[plainMask[n]!]!).toBeGreaterThan(Math.max(...scores) - 1e-5);
  });
}

const spacing = fc.constantFrom(1.1, 2, 3.7, 6);
const seeds = fc.array(fc.double({ min: 0, max: 9, noNaN: true }), {
  minLength: 50,
  maxLength: 50,
});

Deno.test("createProjector() resamples plane by plane as whole volumes would", () => {
  fc.assert(
    fc.property(
      images,
      fc.tuple(spacing, spacing, spacing),
      seeds,
      ({ image }, spacingMm, seed) =>
        expectSameProjection(
          preprocess([image], { ...plain, spacingMm, crop: "foreground" }),
          seed,
        ),
    ),
    { numRuns: 60 },
  );
});

Deno.test("createProjector() resamples sheared images as whole volumes would", () => {
  const lean = fc.double({ min: -0.9, max: 0.9, noNaN: true });
  fc.assert(
    fc.property(
      images,
      fc.tuple(lean, lean),
      seeds,
      ({ image }, [a, b], seed) => {
        const affine: Affine = image.affine.map((value, n) =>
          n === 1 ? value + a : n === 6 ? value + b : value
        );
        const sheared = { ...image, affine };
        expectSameProjection(
          preprocess([sheared], {
            ...plain,
            spacingMm: [2.5, 2, 3],
            crop: "foreground",
          }),
          seed,
        );
      },
    ),
    { numRuns: 40 },
  );
});
