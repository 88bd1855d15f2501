import { expect } from "@std/expect";
import type { Affine } from "../../../../shared/imaging/volume.ts";
import { parseNiftiHeader } from "../../../../shared/imaging/nifti/header.ts";
import { buildNifti, type Fields, problemOf, SROW } from "./build.ts";

function affineOf(fields: Fields): Affine {
  return parseNiftiHeader(buildNifti(fields)).affine;
}

function expectClose(affine: Affine, expected: Affine, digits = 5): void {
  expect(affine.length).toBe(16);
  affine.forEach((value, n) => expect(value).toBeCloseTo(expected[n]!, digits));
}

const QFORM: Fields = {
  sformCode: 0,
  qformCode: 1,
  pixdim: [1, 2, 3, 4, 1, 1, 1, 1],
  qoffset: [10, 20, 30],
};
const HALF = Math.SQRT1_2;

// deno-fmt-ignore
const UNTURNED: Affine = [2, 0, 0, 10, 0, 3, 0, 20, 0, 0, 4, 30, 0, 0, 0, 1];
// deno-fmt-ignore
const HALF_TURN_Z: Affine = [-2, 0, 0, 10, 0, -3, 0, 20, 0, 0, 4, 30, 0, 0, 0, 1];
// deno-fmt-ignore
const QUARTER_TURN_Z: Affine = [0, -3, 0, 10, 2, 0, 0, 20, 0, 0, 4, 30, 0, 0, 0, 1];

Deno.test("headerAffine() takes the sform before the qform, in both versions and byte orders", () => {
  for (const version of [1, 2] as const) {
    for (const littleEndian of [true, false]) {
      const affine = affineOf({
        ...QFORM,
        version,
        littleEndian,
        sformCode: 1,
        qformCode: 4,
      });
      expect(affine).toEqual([...SROW, 0, 0, 0, 1]);
    }
  }
});

Deno.test("headerAffine() takes the qform when sform_code is 0, whatever srow holds", () => {
  const cases: [Fields, Affine][] = [
    [{ quaternion: [0, 0, 0] }, UNTURNED],
    [{ quaternion: [0, 0, HALF] }, QUARTER_TURN_Z],
    [{ quaternion: [0, 0, 1] }, HALF_TURN_Z],
  ];
  for (const [fields, expected] of cases) {
    for (const version of [1, 2] as const) {
      const srow = SROW.map(() => NaN);
      expectClose(affineOf({ ...QFORM, ...fields, version, srow }), expected);
    }
  }
});

Deno.test("headerAffine() flips the third axis where pixdim[0] is -1, and only there", () => {
  const flipped = UNTURNED.with(10, -4);
  for (const qfac of [-1, 1, 0, 7, NaN]) {
    const pixdim = [qfac, 2, 3, 4, 1, 1, 1, 1];
    const expected = qfac === -1 ? flipped : UNTURNED;
    expectClose(affineOf({ ...QFORM, pixdim }), expected);
  }
});

Deno.test("headerAffine() agrees with nibabel on an oblique qform", () => {
  // nibabel 5.4.2: Nifti2Header.get_qform for these fields.
  const affine = affineOf({
    version: 2,
    sformCode: 0,
    qformCode: 1,
    pixdim: [-1, 2.5, 3, 4.25, 1, 1, 1, 1],
    quaternion: [0.1, -0.2, 0.3],
    qoffset: [-30, 20.5, 10],
  });
  // deno-fmt-ignore
  expectClose(affine, [
    1.85, -1.7892513291892, 1.3215151442343, -30,
    1.2910427743244, 2.4, 1.2982575721171, 20.5,
    1.0773618495496, 0.1964171097297, -3.825, 10,
    0, 0, 0, 1,
  ], 9);
});

Deno.test("headerAffine() normalises a quaternion that is longer than 1", () => {
  // 2 * (0, 0, 0, 1) is the half turn about z; rounding makes some stored half turns this long, too.
  expectClose(affineOf({ ...QFORM, quaternion: [0, 0, 2] }), HALF_TURN_Z);
  expectClose(
    affineOf({ ...QFORM, quaternion: [0, 0, 1.0000001] }),
    HALF_TURN_Z,
  );
});

Deno.test("headerAffine() counts codes outside the standard as 0", () => {
  for (const code of [-1, 6, 1000]) {
    expectClose(affineOf({ ...QFORM, sformCode: code }), UNTURNED);
  }
});

Deno.test("headerAffine() centres and flips x when both codes are 0, as nibabel does", () => {
  const affine = affineOf({
    sformCode: 0,
    dim: [3, 3, 5, 7, 1, 1, 1, 1],
    pixdim: [1, 3, 2, 1, 1, 1, 1, 1],
    values: [],
  });
  // The example of nibabel's AnalyzeHeader.get_base_affine.
  expect(affine).toEqual([-3, 0, 0, 3, 0, 2, 0, -4, 0, 0, 1, -3, 0, 0, 0, 1]);
});

Deno.test("headerAffine() gives axes that a 2D header does not use size 1", () => {
  const flat = {
    dim: [2, 3, 3, 0, 0, 0, 0, 0],
    pixdim: [1, 2, 3, 0, 0, 0, 0, 0],
  };
  const base = affineOf({ ...flat, sformCode: 0 });
  expect(base).toEqual([-2, 0, 0, 2, 0, 3, 0, -3, 0, 0, 1, 0, 0, 0, 0, 1]);
  const qform = affineOf({ ...flat, sformCode: 0, qformCode: 1 });
  expectClose(qform, [2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
});

Deno.test("headerAffine() refuses what is not finite, singular or without voxel sizes", () => {
  const flat = SROW.with(10, 0);
  const sheared = [2, 4, 0, 0, 3, 6, 0, 0, 0, 0, 4, 0];
  const cases: [Fields, string][] = [
    [
      { ...QFORM, quaternion: [NaN, 0, 0] },
      "geometry: its affine is not finite (qform quaternion is NaN, 0, 0, sform_code is 0)",
    ],
    [
      { ...QFORM, qoffset: [0, Infinity, 0] },
      "geometry: its affine is not finite (qform_code is 1, sform_code is 0)",
    ],
    [
      { srow: SROW.with(3, NaN) },
      "geometry: its affine is not finite (sform_code is 1)",
    ],
    [
      { version: 2, srow: SROW.with(0, 1e300).with(5, 1e300) },
      "geometry: its affine is not finite (sform_code is 1)",
    ],
    [
      { srow: flat },
      "geometry: its affine is singular, its voxels have no volume (sform_code is 1)",
    ],
    [
      { srow: sheared },
      "geometry: its affine is singular, its voxels have no volume (sform_code is 1)",
    ],
    [
      { ...QFORM, pixdim: [1, 2, 0, 4] },
      "geometry: its voxel sizes (pixdim) are 2 x 0 x 4 mm, but its qform needs them above 0",
    ],
    [
      { ...QFORM, pixdim: [1, 2, NaN, 4] },
      "geometry: its voxel sizes (pixdim) are 2 x NaN x 4 mm, but its qform needs them above 0",
    ],
    [
      { sformCode: 0, pixdim: [1, 2, 3, -4] },
      "geometry: its voxel sizes (pixdim) are 2 x 3 x -4 mm, but an affine without sform and qform needs them above 0",
    ],
  ];
  for (const [fields, problem] of cases) {
    expect(problemOf(() => affineOf(fields))).toBe(problem);
  }
});

Deno.test("headerAffine() does not look at pixdim when there is an sform", () => {
  const pixdim = [NaN, 0, -1, NaN, 0, 0, 0, 0];
  expect(affineOf({ pixdim })).toEqual([...SROW, 0, 0, 0, 1]);
});
