/** @module Lesion tables whose numbers can be told by hand. */
import { expect } from "@std/expect";
import { tabulateLesions } from "../../../dashboard/cases/lesion_table.ts";
import type { Vec3, Volume } from "../../../shared/imaging/volume.ts";

const SHAPE: Vec3 = [10, 10, 10];
/** Voxels of 10 mm: 1 ml each; the first one lies at R -50. */
const AFFINE = [10, 0, 0, -50, 0, 10, 0, 0, 0, 0, 10, 100, 0, 0, 0, 1];
const CLASSES = ["background", "tumour", "node"];

type Voxel = readonly [number, number, number];

function volume(
  voxels: readonly (readonly [Voxel, number])[],
): Volume<Uint8Array<ArrayBuffer>> {
  const data = new Uint8Array(1000);
  for (const [[i, j, k], value] of voxels) data[(i * 10 + j) * 10 + k] = value;
  return { data, shape: SHAPE, affine: AFFINE };
}

/** SUV = i + j + k. */
const image: Volume = {
  data: Float32Array.from(
    { length: 1000 },
    (_, n) => Math.floor(n / 100) + Math.floor(n / 10) % 10 + n % 10,
  ),
  shape: SHAPE,
  affine: AFFINE,
};

Deno.test("tabulateLesions() tells found, missed and false lesions, those that need a look first", () => {
  const label = volume([[[1, 1, 1], 1], [[1, 1, 2], 1], [[8, 8, 8], 1]]);
  const mask = volume([[[1, 1, 2], 1], [[1, 1, 3], 1], [[1, 1, 4], 1], [
    [5, 5, 5],
    1,
  ]]);
  const { lesions, nLeftOut } = tabulateLesions({
    mask,
    label,
    image,
    classes: CLASSES,
  });
  expect(nLeftOut).toBe(0);
  expect(lesions).toEqual([
    {
      className: "tumour",
      kind: "missed",
      labelMl: 1,
      maskMl: null,
      suvMax: 24,
      suvMean: 24,
      centroidMm: [30, 80, 180],
      atMm: [30, 80, 180],
    },
    {
      className: "tumour",
      kind: "false",
      labelMl: null,
      maskMl: 1,
      suvMax: 15,
      suvMean: 15,
      centroidMm: [0, 50, 150],
      atMm: [0, 50, 150],
    },
    {
      className: "tumour",
      kind: "found",
      labelMl: 2,
      maskMl: 3,
      suvMax: 4,
      suvMean: 3.5,
      centroidMm: [-40, 10, 115],
      atMm: [-40, 10, 110],
    },
  ]);
});

Deno.test("tabulateLesions() leads to a voxel of the lesion where its centre is outside of it", () => {
  // Three sides of a square: the centroid lies in the hole.
  const voxels: Voxel[] = [
    [2, 2, 2],
    [3, 2, 2],
    [4, 2, 2],
    [2, 3, 2],
    [
      4,
      3,
      2,
    ],
    [2, 4, 2],
    [4, 4, 2],
  ];
  const mask = volume(voxels.map((voxel) => [voxel, 1] as const));
  const { lesions } = tabulateLesions({
    mask,
    label: null,
    image: null,
    classes: CLASSES,
  });
  expect(lesions.length).toBe(1);
  expect(lesions[0]).toMatchObject({
    kind: "predicted",
    maskMl: 7,
    suvMax: null,
    atMm: [-20, 20, 120],
  });
});

Deno.test("tabulateLesions() matches lesions of one class only", () => {
  const { lesions } = tabulateLesions({
    mask: volume([[[1, 1, 1], 2]]),
    label: volume([[[1, 1, 1], 1]]),
    image: null,
    classes: CLASSES,
  });
  expect(lesions.map(({ className, kind }) => [className, kind])).toEqual([
    ["tumour", "missed"],
    ["node", "false"],
  ]);
});

Deno.test("tabulateLesions() is empty where nothing is", () => {
  expect(tabulateLesions({
    mask: volume([]),
    label: volume([]),
    image: null,
    classes: CLASSES,
  })).toEqual({ lesions: [], nLeftOut: 0 });
});
