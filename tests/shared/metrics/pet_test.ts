import { expect } from "@std/expect";
import {
  type Vec3,
  type Volume,
  voxelCount,
} from "../../../shared/imaging/volume.ts";
import { measurePet } from "../../../shared/metrics/pet.ts";
import type { Region } from "../../../shared/metrics/region.ts";
import { maskAt, maskWhere, scaled, volume } from "./volumes.ts";

const SHAPE: Vec3 = [9, 9, 9];

function whole(data: Uint8Array<ArrayBuffer>, shape = SHAPE): Region {
  return { data, shape, origin: [0, 0, 0] };
}

/** An image that is 1 everywhere but at the voxels given. */
function imageOf(
  hot: readonly (readonly [Vec3, number])[],
  spacingMm: Vec3,
  shape = SHAPE,
): Volume {
  const data = new Float32Array(voxelCount(shape)).fill(1);
  for (const [[i, j, k], value] of hot) {
    data[(i * shape[1] + j) * shape[2] + k] = value;
  }
  return volume(data, shape, scaled(spacingMm));
}

Deno.test("measurePet() measures SUV figures of an image in SUV", () => {
  const mask = whole(maskAt(SHAPE, [[4, 4, 4], [4, 4, 5]]));
  const image = imageOf([[[4, 4, 4], 20], [[4, 4, 5], 10]], [4, 4, 4]);
  const pet = measurePet(mask, 0.064, "SUV", image);
  expect(pet.mtvMl).toBe(0.128);
  expect(pet.suvMax).toBe(20);
  expect(pet.suvMean).toBe(15);
  expect(pet.tlgSuvMl).toBeCloseTo(15 * 0.128, 12);
  // At 4 mm the sphere of 1 cm3 holds 19 voxels: both hot ones and 17 of 1.
  expect(pet.suvPeak).toBeCloseTo((20 + 10 + 17) / 19, 6);
});

Deno.test("measurePet() gives the volume only unless the unit is SUV", () => {
  const mask = whole(maskAt(SHAPE, [[4, 4, 4]]));
  const image = imageOf([], [4, 4, 4]);
  const volumeOnly = {
    mtvMl: 0.064,
    suvMax: null,
    suvMean: null,
    suvPeak: null,
    tlgSuvMl: null,
  };
  expect(measurePet(mask, 0.064, "unknown", image)).toEqual(volumeOnly);
  expect(measurePet(mask, 0.064, "SUV")).toEqual(volumeOnly);
  expect(measurePet(mask, 0.064, "SUV", image).suvMax).toBe(1);
});

Deno.test("measurePet() of an empty mask has no SUV, but no glycolysis either", () => {
  const mask: Region = {
    data: new Uint8Array(0),
    shape: [0, 0, 0],
    origin: [0, 0, 0],
  };
  expect(measurePet(mask, 0.064, "SUV", imageOf([], [4, 4, 4]))).toEqual({
    mtvMl: 0,
    suvMax: null,
    suvMean: null,
    suvPeak: null,
    tlgSuvMl: 0,
  });
});

Deno.test("measurePet() finds the place of the mask's box in the image", () => {
  const mask: Region = {
    data: Uint8Array.of(0, 1, 1),
    shape: [1, 1, 3],
    origin: [2, 3, 4],
  };
  const image = imageOf(
    [[[2, 3, 4], 50], [[2, 3, 5], 6], [[2, 3, 6], 8]],
    [20, 20, 20],
  );
  // Voxels are larger than the sphere, so that the peak is the maximum.
  expect(measurePet(mask, 8, "SUV", image)).toEqual({
    mtvMl: 16,
    suvMax: 8,
    suvMean: 7,
    suvPeak: 8,
    tlgSuvMl: 112,
  });
});

Deno.test("measurePet() places the peak's sphere on the mask only, but lets it reach out", () => {
  const mask = whole(maskAt(SHAPE, [[4, 4, 4]]));
  const outside = imageOf([[[4, 4, 5], 20]], [4, 4, 4]);
  expect(measurePet(mask, 0.064, "SUV", outside).suvPeak)
    .toBeCloseTo((20 + 18) / 19, 6);
  const beyond = imageOf([[[4, 4, 6], 20]], [4, 4, 4]);
  expect(measurePet(mask, 0.064, "SUV", beyond).suvPeak).toBe(1);
});

Deno.test("measurePet() ignores the part of the peak's sphere outside the image", () => {
  const mask = whole(maskAt(SHAPE, [[0, 0, 0]]));
  const image = imageOf([[[0, 0, 0], 8]], [4, 4, 4]);
  // In the corner 7 of the 19 voxels are there: itself, three faces, three edges.
  expect(measurePet(mask, 0.064, "SUV", image).suvPeak)
    .toBeCloseTo((8 + 6) / 7, 6);
});

Deno.test("measurePet() averages over a sphere in millimetres, not in voxels", () => {
  const shape: Vec3 = [17, 17, 9];
  const spacingMm: Vec3 = [1, 1, 3];
  const inSphere = maskWhere(
    shape,
    (i, j, k) => Math.hypot(i - 8, j - 8, 3 * (k - 4)) <= 6.2035,
  );
  const image = volume(
    Float32Array.from(inSphere, (inside) => 1 + 3 * inside),
    shape,
    scaled(spacingMm),
  );
  const mask = whole(maskAt(shape, [[8, 8, 4]]), shape);
  expect(measurePet(mask, 0.003, "SUV", image).suvPeak).toBe(4);
});
