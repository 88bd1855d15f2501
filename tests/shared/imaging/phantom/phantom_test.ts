import { expect } from "@std/expect";
import {
  makePhantom,
  type PhantomOptions,
} from "../../../../shared/imaging/phantom/phantom.ts";
import { DISPLAY_SCALE } from "../../../../shared/imaging/phantom/scale.ts";
import type { Vec3 } from "../../../../shared/imaging/volume.ts";

const SMALL = {
  seed: 1,
  index: 0,
  shape: [32, 30, 56],
  spacingMm: [18, 18, 18],
} as const;

async function sha256(data: BufferSource): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data)).toHex();
}

function count(label: Uint8Array): number {
  return label.reduce((sum, value) => sum + value, 0);
}

Deno.test("makePhantom() gives the same bytes on every machine", async () => {
  const suv = makePhantom(SMALL);
  const display = makePhantom({ ...SMALL, scale: DISPLAY_SCALE });
  expect({
    suv: await sha256(suv.image.data),
    display: await sha256(display.image.data),
    label: await sha256(suv.label.data),
  }).toEqual({
    suv: "b5bde93625f6424fea75b503f059a3d6d21f5356a25611a3aef35f0d6852aead",
    display: "48116a7226ec7549d651a0c5694c7a8f20ebdbc4a315b26daba58d0e397bc68b",
    label: "cd51903e900122c64f62e910a4edd706ab300e9723b408ae50cf698c9e62d4e8",
  });
});

Deno.test("makePhantom() gives the same case again, whatever was made between", () => {
  const first = makePhantom(SMALL);
  makePhantom({ ...SMALL, index: 1 });
  expect(makePhantom(SMALL)).toEqual(first);
});

for (const change of [{ seed: 2 }, { index: 1 }]) {
  Deno.test(`makePhantom() makes another person for ${JSON.stringify(change)}`, () => {
    const a = makePhantom(SMALL);
    const b = makePhantom({ ...SMALL, ...change });
    expect(b.image.data).not.toEqual(a.image.data);
    expect(b.label.data).not.toEqual(a.label.data);
  });
}

Deno.test("makePhantom() puts label and image on one grid whose axes run to L, P and S", () => {
  const { image, label } = makePhantom({
    ...SMALL,
    shape: [30, 31, 32],
    spacingMm: [20, 18, 30],
  });
  expect(label.shape).toEqual(image.shape);
  expect(label.affine).toEqual(image.affine);
  expect(label.data.length).toBe(30 * 31 * 32);
  expect(image.data.length).toBe(30 * 31 * 32);
  const [xi, , , , , yj, , , , , zk] = image.affine;
  expect([xi, yj, zk]).toEqual([-20, -18, 30]);
});

Deno.test("makePhantom() leaves the last of every eight cases without lesions", () => {
  const empty = Array.from({ length: 17 }, (_, index) => index)
    .filter((index) =>
      count(makePhantom({ ...SMALL, index }).label.data) === 0
    );
  expect(empty).toEqual([7, 15]);
});

for (
  const { emptyEvery, expected } of [
    { emptyEvery: 0, expected: [] },
    { emptyEvery: 1, expected: [0, 1, 2, 3] },
    { emptyEvery: 2, expected: [1, 3] },
  ]
) {
  Deno.test(`makePhantom() of emptyEvery ${emptyEvery} leaves [${expected}] of 0..3 empty`, () => {
    const empty = [0, 1, 2, 3].filter((index) =>
      count(makePhantom({ ...SMALL, index, emptyEvery }).label.data) === 0
    );
    expect(empty).toEqual(expected);
  });
}

Deno.test("makePhantom() shows lesions hotter than what surrounds them", () => {
  for (let index = 0; index < 6; index++) {
    const shape: Vec3 = [96, 96, 167];
    const { image, label } = makePhantom({
      seed: 5,
      index,
      shape,
      spacingMm: [6, 6, 6],
    });
    const inside = { sum: 0, count: 0 };
    const around = { sum: 0, count: 0 };
    const [, nj, nk] = shape;
    const reach = 3;
    const near = new Uint8Array(label.data.length);
    label.data.forEach((value, n) => {
      if (value === 0) return;
      inside.sum += image.data[n]!;
      inside.count++;
      for (const step of [1, nk, nj * nk]) {
        near[n + reach * step] = 1;
        near[n - reach * step] = 1;
      }
    });
    near.forEach((value, n) => {
      if (value === 0 || label.data[n] === 1) return;
      around.sum += image.data[n]!;
      around.count++;
    });
    const contrast = (inside.sum / inside.count) / (around.sum / around.count);
    expect(contrast).toBeGreaterThan(1.5);
  }
});

Deno.test("makePhantom() has organs hotter than many a lesion in cases without lesions", () => {
  const { image, label } = makePhantom({ ...SMALL, index: 7 });
  expect(count(label.data)).toBe(0);
  const suvs = image.data.toSorted();
  const cm3 = 18 ** 3 / 1000;
  const hot = suvs.filter((suv) => suv > 4).length * cm3;
  expect(hot).toBeGreaterThan(500);
  expect(suvs[suvs.length >> 1]).toBeLessThan(0.3);
});

Deno.test("makePhantom() stores SUVs in steps of 1/256, none negative", () => {
  const { image } = makePhantom(SMALL);
  expect(image.data).toBeInstanceOf(Float32Array);
  expect(
    image.data.every((suv) => suv >= 0 && Number.isInteger(suv * 256)),
  ).toBe(true);
});

Deno.test("makePhantom() maps SUVs onto the display scale", () => {
  const suv = makePhantom(SMALL).image.data;
  const display = makePhantom({ ...SMALL, scale: DISPLAY_SCALE }).image.data;
  expect(display).toBeInstanceOf(Uint8Array);
  display.forEach((value, n) => {
    const expected = Math.min(255, 70 + suv[n]! * 185 / 7);
    // Rounding to whole numbers, and to the steps of SUVs, may go either way.
    expect(Math.abs(value - expected)).toBeLessThan(0.6);
  });
  const air = display.filter((value) => value === 70).length;
  expect(air / display.length).toBeGreaterThan(0.4);
  expect(display.some((value) => value === 255)).toBe(true);
});

for (
  const shape of [
    [16, 16, 16],
    [1, 1, 1],
    [40, 3, 40],
    [40, 40, 1],
    [2, 90, 7],
  ] as const
) {
  Deno.test(`makePhantom() puts a small body with a lesion into ${shape} voxels`, () => {
    for (let index = 0; index < 7; index++) {
      const { image, label } = makePhantom({
        seed: 1,
        index,
        shape,
        spacingMm: [4, 4, 4],
      });
      expect(image.data.every(Number.isFinite)).toBe(true);
      expect(count(label.data)).toBeGreaterThan(0);
    }
  });
}

const WRONG: { options: Partial<PhantomOptions>; says: string }[] = [
  { options: { seed: -1 }, says: "the seed must be a whole number" },
  { options: { seed: 2 ** 32 }, says: "the seed must be a whole number" },
  { options: { index: 0.5 }, says: "the index must be a whole number" },
  { options: { emptyEvery: -8 }, says: "emptyEvery must be a whole number" },
  { options: { shape: [0, 4, 4] }, says: "a shape must be a whole number" },
  { options: { shape: [1e4, 1e4, 1e4] }, says: "at most" },
  { options: { spacingMm: [4, 0, 4] }, says: "a spacing of 0 mm" },
  { options: { spacingMm: [4, 4, NaN] }, says: "a spacing of NaN mm" },
  {
    options: { scale: { lo: 70, hi: 256, suvAtHi: 7 } },
    says: "from 0 to 255",
  },
  { options: { scale: { lo: 70, hi: 70, suvAtHi: 7 } }, says: "the smaller" },
  { options: { scale: { lo: 70, hi: 255, suvAtHi: 0 } }, says: "above 0" },
];

for (const { options, says } of WRONG) {
  Deno.test(`makePhantom() refuses ${JSON.stringify(options)}`, () => {
    const make = () => makePhantom({ ...SMALL, ...options });
    expect(make).toThrow(RangeError);
    expect(make).toThrow(says);
  });
}
