import { expect } from "@std/expect";
import { transform } from "../../../shared/imaging/affine.ts";
import {
  isAxisAligned,
  resampleLinear,
  resampleOnto,
  sameGrid,
} from "../../../shared/imaging/resample.ts";
import type {
  Affine,
  Grid,
  Vec3,
  Volume,
} from "../../../shared/imaging/volume.ts";

function scaling([x, y, z]: Vec3, [a, b, c]: Vec3 = [0, 0, 0]): Affine {
  return [x, 0, 0, a, 0, y, 0, b, 0, 0, z, c, 0, 0, 0, 1];
}

/** A volume whose values are a linear function of the world, which interpolation must not change. */
function ramp(grid: Grid): Volume {
  const [ni, nj, nk] = grid.shape;
  const data = new Float32Array(ni * nj * nk);
  let n = 0;
  for (let i = 0; i < ni; i++) {
    for (let j = 0; j < nj; j++) {
      for (let k = 0; k < nk; k++) data[n++] = rampAt(grid.affine, [i, j, k]);
    }
  }
  return { data, ...grid };
}

function rampAt(affine: Affine, voxel: Vec3): number {
  const [x, y, z] = transform(affine, voxel);
  return 3 + 0.5 * x - 0.25 * y + 0.125 * z;
}

Deno.test("resampleLinear() interpolates between voxels and repeats the last", () => {
  const volume = {
    data: Float32Array.of(10, 20, 40),
    shape: [1, 1, 3],
    affine: scaling([1, 1, 2]),
  } as const;
  const target: Grid = { shape: [1, 1, 6], affine: scaling([1, 1, 1]) };
  expect([...resampleLinear(volume, target)])
    .toEqual([10, 15, 20, 30, 40, 40]);
  const below: Grid = {
    shape: [1, 1, 3],
    affine: scaling([1, 1, 1], [0, 0, -3]),
  };
  expect([...resampleLinear(volume, below)]).toEqual([10, 10, 10]);
});

Deno.test("resampleLinear() mixes all eight neighbours", () => {
  const volume: Volume = {
    data: Float32Array.of(0, 8, 16, 24, 32, 40, 48, 56),
    shape: [2, 2, 2],
    affine: scaling([1, 1, 1]),
  };
  const target: Grid = {
    shape: [1, 1, 1],
    affine: scaling([1, 1, 1], [0.25, 0.5, 0.75]),
  };
  // 32 * 0.25 + 16 * 0.5 + 8 * 0.75
  expect([...resampleLinear(volume, target)]).toEqual([22]);
});

Deno.test("resampleLinear() writes a box of the target, turned", () => {
  const grid: Grid = { shape: [4, 5, 6], affine: scaling([3, 3, 3]) };
  const target: Grid = { shape: [5, 7, 8], affine: scaling([2, 2, 2]) };
  const values = resampleLinear(
    ramp(grid),
    target,
    { start: [1, 2, 3], end: [3, 5, 8] },
    { axes: [2, 0, 1], flips: [true, false, true] },
  );
  // Turned voxel (a, b, c): k = 7 - a, i = 1 + b, j = 4 - c; shape 5 x 2 x 3.
  const expected: number[] = [];
  for (let a = 0; a < 5; a++) {
    for (let b = 0; b < 2; b++) {
      for (let c = 0; c < 3; c++) {
        expected.push(rampAt(target.affine, [1 + b, 4 - c, 7 - a]));
      }
    }
  }
  expect(values.length).toBe(30);
  values.forEach((value, n) => expect(value).toBeCloseTo(expected[n]!, 5));
});

Deno.test("resampleLinear() reads a sheared grid in the world", () => {
  // deno-fmt-ignore
  const sheared: Grid = {
    shape: [20, 20, 20],
    affine: [2, 0.6, 0, -20, 0, 2, -0.8, -10, 0.2, 0, 2, -20, 0, 0, 0, 1],
  };
  const target: Grid = {
    shape: [4, 5, 6],
    affine: scaling([1.5, 1.5, 1.5], [2, 0, 0]),
  };
  const values = resampleLinear(ramp(sheared), target, undefined, {
    axes: [0, 2, 1],
    flips: [false, false, true],
  });
  const expected: number[] = [];
  for (let i = 0; i < 4; i++) {
    for (let k = 0; k < 6; k++) {
      for (let j = 4; j >= 0; j--) {
        expected.push(rampAt(target.affine, [i, j, k]));
      }
    }
  }
  values.forEach((value, n) => expect(value).toBeCloseTo(expected[n]!, 4));
});

Deno.test("isAxisAligned() judges how far a sample moves", () => {
  const tilted = (
    by: number,
  ): Affine => [1, 0, by, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  expect(isAxisAligned(tilted(1e-7), [100, 100, 100])).toBe(true);
  expect(isAxisAligned(tilted(1e-5), [100, 100, 100])).toBe(false);
  expect(isAxisAligned(tilted(1e-5), [100, 100, 5])).toBe(true);
});

Deno.test("sameGrid() allows a thousandth of a millimetre", () => {
  const grid: Grid = { shape: [2, 2, 2], affine: scaling([1, 1, 1]) };
  const moved = (mm: number) => ({
    shape: grid.shape,
    affine: scaling([1, 1, 1], [0, mm, 0]),
  });
  expect(sameGrid(grid, moved(0.0009))).toBe(true);
  expect(sameGrid(grid, moved(0.1))).toBe(false);
  expect(sameGrid(grid, { ...grid, shape: [2, 2, 3] })).toBe(false);
});

Deno.test("resampleOnto() finds the same place in the world from another grid", () => {
  const ct = ramp({
    shape: [30, 30, 20],
    affine: scaling([-1, -1, 2], [15, 15, -20]),
  });
  const pet: Grid = {
    shape: [6, 5, 7],
    affine: scaling([4, 4, 4], [-12, -12, -15]),
  };
  const { data, shape, affine } = resampleOnto(ct, pet);
  expect(shape).toEqual(pet.shape);
  expect(affine).toEqual(pet.affine);
  const expected = ramp(pet).data;
  data.forEach((value, n) => expect(value).toBeCloseTo(expected[n]!, 4));
});

Deno.test("resampleOnto() fills beyond the field of view, half a voxel around it", () => {
  const volume: Volume = {
    data: Float32Array.of(5, 7),
    shape: [1, 1, 2],
    affine: scaling([1, 1, 4]),
  };
  const target: Grid = {
    shape: [1, 1, 7],
    affine: scaling([1, 1, 1.5], [0, 0, -3]),
  };
  // z = -3, -1.5, 0, 1.5, 3, 4.5, 6 in a field from -2 to 6.
  expect([...resampleOnto(volume, target, -1024).data])
    .toEqual([-1024, 5, 5, 5.75, 6.5, 7, 7]);
  expect(resampleOnto(volume, target).data[0]).toBe(5);
});

Deno.test("resampleOnto() keeps the values of a volume that lies there already", () => {
  const volume = ramp({ shape: [3, 3, 3], affine: scaling([2, 2, 2]) });
  const onto = resampleOnto(volume, volume);
  expect(onto.data).toBe(volume.data);
});
