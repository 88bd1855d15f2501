import { expect } from "@std/expect";
import fc from "fast-check";
import { CaseError } from "../../../shared/case_error.ts";
import { transform } from "../../../shared/imaging/affine.ts";
import { extract, foregroundBox } from "../../../shared/imaging/crop.ts";
import { AS_STORED } from "../../../shared/imaging/orientation.ts";
import {
  preprocess,
  uncroppedShape,
} from "../../../shared/imaging/preprocess.ts";
import { preprocessLabel } from "../../../shared/imaging/preprocess_label.ts";
import type { Preprocessing } from "../../../shared/imaging/preprocessing.ts";
import type { Affine, Vec3, Volume } from "../../../shared/imaging/volume.ts";

const plain: Preprocessing = {
  spacingMm: "native",
  orientation: "native",
  intensity: [{ lo: 0, hi: 10 }],
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

/** Row k of a volume of one row. */
function row(values: readonly number[], mm = 1): Volume {
  return volume([1, 1, values.length], values, [1, 1, mm]);
}

Deno.test("preprocess() flips an LPS image to RAS and moves its origin along", () => {
  // x and y decrease with i and j: the RAS volume starts at the last i and j.
  const lps = volume([2, 3, 1], [0, 1, 2, 3, 4, 5], [-2, -3, 4]);
  const { channels, shape, affine } = preprocess([lps], {
    ...plain,
    orientation: "RAS",
  });
  expect(shape).toEqual([2, 3, 1]);
  expect([...channels[0]!].map((v) => Math.round(v * 10)))
    .toEqual([5, 4, 3, 2, 1, 0]);
  expect(transform(affine, [0, 0, 0])).toEqual([-2, -6, 0]);
  expect(transform(affine, [1, 2, 0])).toEqual([0, 0, 0]);
});

Deno.test("preprocess() resamples along the file's axes before it turns them", () => {
  // i runs to superior, j to the right, k to anterior.
  const data = new Float32Array(5 * 9 * 3);
  // deno-fmt-ignore
  const affine: Affine = [
    0, 2, 0, 0,
    0, 0, 3, 0,
    4, 0, 0, 0,
    0, 0, 0, 1,
  ];
  const image: Volume = { data, shape: [5, 9, 3], affine };
  const prepared = preprocess([image], {
    ...plain,
    spacingMm: [8, 4, 3],
    orientation: "RAS",
  });
  expect(prepared.resampled.shape).toEqual([3, 5, 3]);
  expect(prepared.shape).toEqual([5, 3, 3]);
  expect(prepared.affine.map((v) => v + 0))
    .toEqual([4, 0, 0, 0, 0, 3, 0, 0, 0, 0, 8, 0, 0, 0, 0, 1]);
});

Deno.test("preprocess() leaves the image as it was and scales a copy", () => {
  const image = row([0, 5, 20]);
  const { channels } = preprocess([image], plain);
  expect([...channels[0]!]).toEqual([0, 0.5, 1]);
  expect([...image.data]).toEqual([0, 5, 20]);
});

Deno.test("preprocess() interpolates before it clips", () => {
  // Halfway between 0 and 40 is 20, clipped to 1; clipping first would give 0.5.
  const { channels } = preprocess([row([0, 40], 2)], {
    ...plain,
    spacingMm: [1, 1, 1],
  });
  expect([...channels[0]!]).toEqual([0, 1, 1]);
});

Deno.test("preprocess() crops to what is above lo, start included and end excluded", () => {
  const { channels, shape, affine, box } = preprocess(
    [row([3, 2, 4, 2, 5, 3, 3])],
    { ...plain, intensity: [{ lo: 3, hi: 5 }], crop: "foreground" },
  );
  expect(shape).toEqual([1, 1, 3]);
  expect([...channels[0]!]).toEqual([0.5, 0, 1]);
  expect(box).toEqual({ start: [0, 0, 2], end: [1, 1, 5] });
  expect(transform(affine, [0, 0, 0])).toEqual([0, 0, 2]);
});

Deno.test("preprocess() crops to the foreground of any channel", () => {
  const { channels, shape } = preprocess(
    [row([0, 1, 0, 0, 0]), row([-5, -5, -5, -1, -5])],
    {
      ...plain,
      intensity: [{ lo: 0, hi: 1 }, { lo: -5, hi: -1 }],
      crop: "foreground",
    },
  );
  expect(shape).toEqual([1, 1, 3]);
  expect(channels.map((c) => [...c])).toEqual([[1, 0, 0], [0, 0, 1]]);
});

for (const spacingMm of ["native", [1, 1, 0.5]] as const) {
  Deno.test(`preprocess() keeps an image without foreground whole (${spacingMm})`, () => {
    const { shape, channels } = preprocess([row([0, -1, 0])], {
      ...plain,
      spacingMm: spacingMm === "native" ? spacingMm : [...spacingMm],
      crop: "foreground",
    });
    const expected = spacingMm === "native" ? 3 : 5;
    expect(shape).toEqual([1, 1, expected]);
    expect([...channels[0]!]).toEqual(new Array(expected).fill(0));
  });
}

Deno.test("preprocess() keeps the region of foreground that resampling loses", () => {
  // Samples at 0, 3, 6, 9 mm miss the voxel at 4 mm, which lies between the second and the third.
  const { shape, box } = preprocess([row([0, 0, 0, 0, 9, 0, 0, 0, 0, 0])], {
    ...plain,
    spacingMm: [1, 1, 3],
    crop: "foreground",
  });
  expect(shape).toEqual([1, 1, 1]);
  expect(box).toEqual({ start: [0, 0, 1], end: [1, 1, 2] });
});

Deno.test("preprocess() refuses another number of channels", () => {
  const error = caught(() => preprocess([row([1]), row([1])], plain));
  expect(error.kind).toBe("channels");
  expect(error.problem).toBe("its image has 2 channels where 1 are expected");
});

Deno.test("preprocess() refuses a singular affine and a grid that is too large", () => {
  const flat = {
    ...row([1, 2]),
    affine: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  };
  expect(caught(() => preprocess([flat], plain)).kind).toBe("geometry");
  const nan = { ...flat, affine: flat.affine.map(() => NaN) };
  expect(caught(() => preprocess([nan], plain)).kind).toBe("geometry");
  const fine: Preprocessing = { ...plain, spacingMm: [1, 1, 1e-9] };
  const error = caught(() => preprocess([row([1, 2])], fine));
  expect(error.kind).toBe("geometry");
  expect(error.problem).toContain("makes 1 x 1 x 1000000001, more than");
});

Deno.test("uncroppedShape() tells the shape that preprocess() makes without a crop", () => {
  const spacing = fc.constantFrom(1.3, 2, 2.9, 5);
  fc.assert(
    fc.property(
      storedAffine,
      shapes,
      fc.tuple(spacing, spacing, spacing),
      (affine, shape, spacingMm) => {
        const options = { ...plain, orientation: "RAS", spacingMm } as const;
        const data = new Float32Array(shape[0] * shape[1] * shape[2]);
        expect(uncroppedShape({ shape, affine }, options)).toEqual(
          preprocess([{ data, shape, affine }], options).shape,
        );
      },
    ),
    { numRuns: 50 },
  );
  const fine: Preprocessing = { ...plain, spacingMm: [1, 1, 1e-9] };
  expect(caught(() => uncroppedShape(row([1, 2]), fine)).kind).toBe("geometry");
});

Deno.test("preprocess() refuses channels on different grids", () => {
  const intensity = [{ lo: 0, hi: 1 }, { lo: 0, hi: 1 }];
  expect(() =>
    preprocess([row([1, 2]), row([1, 2], 3)], { ...plain, intensity })
  )
    .toThrow(RangeError);
});

function caught(run: () => unknown): CaseError {
  try {
    run();
  } catch (error) {
    if (error instanceof CaseError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

Deno.test("preprocessLabel() takes the nearest voxel, the even one of two", () => {
  const image = row([0, 0, 0, 0, 0, 0], 2);
  const prepared = preprocess([image], { ...plain, spacingMm: [1, 1, 1.5] });
  const label = { ...image, data: Uint8Array.of(0, 1, 2, 3, 4, 5) };
  // Samples at 0, 0.75, 1.5, 2.25, 3, 3.75, 4.5, 5.25 (beyond the last voxel).
  expect([...preprocessLabel(label, prepared)])
    .toEqual([0, 1, 2, 2, 3, 4, 4, 5]);
});

Deno.test("preprocessLabel() follows the image's turning and crop", () => {
  const image = volume([2, 3, 1], [0, 0, 0, 0, 4, 4], [-1, -1, 1]);
  const prepared = preprocess([image], {
    ...plain,
    orientation: "RAS",
    crop: "foreground",
  });
  const label = { ...image, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
  expect([...preprocessLabel(label, prepared)]).toEqual([6, 5]);
});

Deno.test("preprocessLabel() reads a sheared label at its place in the world", () => {
  const affine: Affine = [1, 0.5, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  const image: Volume = {
    data: new Float32Array(21 * 21),
    shape: [21, 21, 1],
    affine,
  };
  const prepared = preprocess([image], {
    ...plain,
    spacingMm: [1, 1, 2],
    orientation: "RAS",
  });
  expect(prepared.shape).toEqual([31, 21, 1]);
  // The voxel (10, 6, 0) lies at x = 13, y = 6.
  const data = new Uint8Array(21 * 21);
  data[10 * 21 + 6] = 1;
  const result = preprocessLabel({ ...image, data }, prepared);
  const marked = [...result.keys()].filter((n) => result[n] === 1);
  expect(marked).toEqual([13 * 21 + 6]);
});

Deno.test("preprocessLabel() refuses a label of another shape", () => {
  const prepared = preprocess([row([1, 2])], plain);
  const label = { ...row([1]), data: Uint8Array.of(1) };
  const error = caught(() => preprocessLabel(label, prepared));
  expect(error.kind).toBe("label");
});

/** Any of the 48 ways to store axes, with voxels of 2, 3 and 4 mm. */
const storedAffine = fc.record({
  axes: fc.constantFrom(
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ),
  signs: fc.tuple(
    fc.constantFrom(1, -1),
    fc.constantFrom(1, -1),
    fc.constantFrom(1, -1),
  ),
}).map(({ axes, signs }): Affine => {
  const affine = [0, 0, 0, 11, 0, 0, 0, 12, 0, 0, 0, 13, 0, 0, 0, 1];
  axes.forEach((world, axis) => {
    affine[4 * world + axis] = (2 + axis) * signs[axis]!;
  });
  return affine;
});

const shapes = fc.tuple(
  fc.integer({ min: 1, max: 6 }),
  fc.integer({ min: 1, max: 6 }),
  fc.integer({ min: 1, max: 6 }),
);

Deno.test("preprocess() at native spacing puts every voxel where it is in the world", () => {
  fc.assert(
    fc.property(storedAffine, shapes, (affine, shape) => {
      const count = shape[0] * shape[1] * shape[2];
      const data = Float32Array.from({ length: count }, (_, n) => n);
      const { channels, ...grid } = preprocess([{ data, shape, affine }], {
        ...plain,
        orientation: "RAS",
        intensity: [{ lo: 0, hi: count }],
      });
      const [, nj, nk] = grid.shape;
      channels[0]!.forEach((value, n) => {
        const id = Math.round(value * count);
        const stored: Vec3 = [
          Math.floor(id / (shape[1] * shape[2])),
          Math.floor(id / shape[2]) % shape[1],
          id % shape[2],
        ];
        const turned: Vec3 = [
          Math.floor(n / (nj * nk)),
          Math.floor(n / nk) % nj,
          n % nk,
        ];
        expect(transform(grid.affine, turned)).toEqual(
          transform(affine, stored),
        );
      });
      // RAS+: every axis runs up along its own world axis.
      expect([0, 5, 10].every((n) => grid.affine[n]! > 0)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

Deno.test("preprocess() crops a resampled image as if it had resampled all of it", () => {
  const spacing = fc.constantFrom(1.3, 2, 2.9, 5);
  fc.assert(
    fc.property(
      storedAffine,
      shapes,
      fc.tuple(spacing, spacing, spacing),
      fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
      (affine, shape, spacingMm, hot) => {
        const data = new Float32Array(shape[0] * shape[1] * shape[2]);
        for (const n of hot) data[n % data.length] = 5;
        const options: Preprocessing = {
          ...plain,
          orientation: "RAS",
          spacingMm,
        };
        const image = { data, shape, affine };
        const whole = preprocess([image], options);
        const box = foregroundBox(whole.channels[0]!, whole.shape, 0);
        fc.pre(box !== undefined);
        const cropped = preprocess([image], { ...options, crop: "foreground" });
        expect(cropped.box).toEqual(box);
        expect(cropped.channels[0]).toEqual(
          extract(whole.channels[0]!, whole.shape, AS_STORED, box!),
        );
      },
    ),
    { numRuns: 100 },
  );
});
