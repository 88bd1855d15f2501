import { decode } from "fast-png";
import { expect } from "@std/expect";
import {
  CLASS_COLOURS,
  coronalMip,
  LABEL_COLOUR,
  type Picture,
} from "../../../../shared/imaging/mip/mip.ts";
import { encodePng } from "../../../../shared/imaging/mip/png.ts";
import type {
  Affine,
  Vec3,
  Volume,
} from "../../../../shared/imaging/volume.ts";

const WINDOW = { lo: 0, hi: 10 };

/** A picture in letters, row by row: W white, B black, g grey, 1, 2... a class's outline, L the label's. */
function letters({ width, height, pixels, palette }: Picture): string[] {
  return Array.from(
    { length: height },
    (_, y) =>
      Array.from({ length: width }, (_, x) => {
        const colour = palette[pixels[y * width + x]!]!;
        if (colour === LABEL_COLOUR) return "L";
        const classIndex = CLASS_COLOURS.indexOf(colour);
        if (classIndex >= 0) return String(classIndex + 1);
        return colour[0] === 255 ? "W" : colour[0] === 0 ? "B" : "g";
      }).join(""),
  );
}

/** A volume whose axes run along the named directions, with spacing 1, and 10 at some points in RAS. */
function volumeAlong(
  directions: string,
  ras: Vec3,
  points: readonly Vec3[],
): Volume {
  const worlds = [...directions].map((direction) =>
    "RAS".includes(direction)
      ? { axis: "RAS".indexOf(direction), sign: 1 }
      : { axis: "LPI".indexOf(direction), sign: -1 }
  );
  const [ni, nj, nk] = worlds.map(({ axis }) => ras[axis]!) as [
    number,
    number,
    number,
  ];
  const affine: number[] = new Array(16).fill(0);
  affine[15] = 1;
  worlds.forEach(({ axis, sign }, column) => {
    affine[4 * axis + column] = sign;
    affine[4 * axis + 3] = sign === 1 ? 0 : ras[axis]! - 1;
  });
  const data = new Float32Array(ni * nj * nk);
  for (const point of points) {
    const [i, j, k] = worlds.map(({ axis, sign }) =>
      sign === 1 ? point[axis]! : ras[axis]! - 1 - point[axis]!
    );
    data[(i! * nj + j!) * nk + k!] = 10;
  }
  return { data, shape: [ni, nj, nk], affine };
}

for (
  const directions of ["RAS", "LPS", "LAS", "SRA", "IPL", "ASR", "PIR", "LIP"]
) {
  Deno.test(`coronalMip() shows axes ${directions} with the head up and the right on the left`, () => {
    // 4 wide, 3 deep, 5 tall. High on the right, in front; an arm's length to the left of it, behind;
    // and low on the left.
    const image = volumeAlong(directions, [4, 3, 5], [
      [3, 2, 4],
      [2, 0, 4],
      [0, 1, 0],
    ]);
    const picture = coronalMip(image, new Uint8Array(60), { window: WINDOW });
    expect(letters(picture)).toEqual([
      "BBWW",
      "WWWW",
      "WWWW",
      "WWWW",
      "WWWB",
    ]);
  });
}

Deno.test("coronalMip() sees a tilted grid along its axis nearest to front and back", () => {
  const image = volumeAlong("LPS", [4, 3, 5], [[3, 2, 4]]);
  const [cos, sin] = [Math.cos(0.3), Math.sin(0.3)];
  const a = image.affine;
  const tilted: Affine = [
    ...a.slice(0, 4),
    ...[0, 1, 2, 3].map((n) => cos * a[4 + n]! - sin * a[8 + n]!),
    ...[0, 1, 2, 3].map((n) => sin * a[4 + n]! + cos * a[8 + n]!),
    ...a.slice(12),
  ];
  const picture = coronalMip(
    { ...image, affine: tilted },
    new Uint8Array(60),
    { window: WINDOW },
  );
  expect(letters(picture)[0]).toBe("BWWW");
});

Deno.test("coronalMip() makes pixels square", () => {
  const image: Volume = {
    data: new Float32Array(6 * 2 * 4),
    shape: [6, 2, 4],
    affine: [-2, 0, 0, 0, 0, -9, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1],
  };
  const mask = new Uint8Array(48);
  const size = ({ width, height }: Picture) => [width, height];
  expect(size(coronalMip(image, mask))).toEqual([6, 10]);
  expect(size(coronalMip(image, mask, { pixelMm: 1 }))).toEqual([12, 20]);
  expect(size(coronalMip(image, mask, { pixelMm: 4 }))).toEqual([3, 5]);
});

Deno.test("coronalMip() bounds the picture whatever the spacings are", () => {
  const image: Volume = {
    data: new Float32Array(8),
    shape: [2, 2, 2],
    affine: [1e-9, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1e9, 0, 0, 0, 0, 1],
  };
  const { width, height } = coronalMip(image, new Uint8Array(8));
  expect([width, height]).toEqual([1, 2048]);
});

/** A 7 x 1 x 6 volume of zeros seen from the front: row 0 of the picture is k = 5. */
const FLAT = volumeAlong("LPS", [7, 1, 6], []);

/** Class numbers on FLAT from a picture of them. */
function classesFrom(rows: readonly string[]): Uint8Array {
  const classes = new Uint8Array(42);
  rows.forEach((row, y) =>
    [...row].forEach((digit, x) => classes[x * 6 + (5 - y)] = Number(digit))
  );
  return classes;
}

Deno.test("coronalMip() draws a line of one pixel around the mask, not over it", () => {
  const mask = classesFrom([
    "0000000",
    "0011000",
    "0010000",
    "0000000",
    "0000010",
    "0000000",
  ]);
  expect(letters(coronalMip(FLAT, mask, { window: WINDOW }))).toEqual([
    "WW11WWW",
    "W1WW1WW",
    "W1W1WWW",
    "WW1WW1W",
    "WWWW1W1",
    "WWWWW1W",
  ]);
});

Deno.test("coronalMip() colours the outline of each class, and begins again after the last colour", () => {
  const mask = classesFrom([
    "1000000",
    "0000000",
    "0000000",
    "0000002",
    "0000000",
    "7000000",
  ]);
  expect(letters(coronalMip(FLAT, mask, { window: WINDOW }))).toEqual([
    "W1WWWWW",
    "1WWWWWW",
    "WWWWWW2",
    "WWWWW2W",
    "1WWWWW2",
    "W1WWWWW",
  ]);
});

Deno.test("coronalMip() draws the label's outline under the mask's", () => {
  const mask = classesFrom(["1", "0", "0", "0", "0", "0"]);
  const label = classesFrom(["1000000", "1000000", "0", "0", "0", "2"]);
  expect(letters(coronalMip(FLAT, mask, { window: WINDOW, label }))).toEqual([
    "W1WWWWW",
    "1LWWWWW",
    "LWWWWWW",
    "WWWWWWW",
    "LWWWWWW",
    "WLWWWWW",
  ]);
});

Deno.test("coronalMip() keeps the outline one pixel wide where pixels are made square", () => {
  const image = {
    ...FLAT,
    affine: FLAT.affine.map((v, n) => n === 10 ? 2 : v),
  };
  const mask = classesFrom(["0", "0", "001", "0", "0", "0"]);
  expect(letters(coronalMip(image, mask, { window: WINDOW })).slice(2, 8))
    .toEqual([
      "WWWWWWW",
      "WW1WWWW",
      "W1W1WWW",
      "W1W1WWW",
      "WW1WWWW",
      "WWWWWWW",
    ]);
});

Deno.test("coronalMip() shows air white and six times soft tissue black, in any unit", () => {
  for (const [scale, offset] of [[1, 0], [26, 70]] as const) {
    // 100 columns: 40 of air, 55 of soft tissue at 1, 5 of a brain at 9.
    const data = Float32Array.from(
      { length: 100 },
      (_, n) => offset + scale * (n < 40 ? 0 : n < 55 ? 1 : n < 60 ? 9 : 1),
    );
    const image: Volume = {
      data,
      shape: [100, 1, 1],
      affine: [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
    };
    const { pixels, palette } = coronalMip(image, new Uint8Array(100));
    const greyAt = (x: number) => palette[pixels[x]!]![0];
    expect([greyAt(0), greyAt(57)]).toEqual([255, 0]);
    expect(Math.abs(greyAt(45) - 255 * 5 / 6)).toBeLessThan(2);
  }
});

Deno.test("coronalMip() shows an image of one value white", () => {
  const image = { ...FLAT, data: FLAT.data.map(() => 3) };
  const rows = letters(coronalMip(image, new Uint8Array(42)));
  expect(new Set(rows)).toEqual(new Set(["WWWWWWW"]));
});

Deno.test("coronalMip() refuses masks and labels of another size, and senseless options", () => {
  const mask = new Uint8Array(42);
  expect(() => coronalMip(FLAT, new Uint8Array(41))).toThrow(
    "Cannot project 41 class numbers: the image has 42 voxels",
  );
  expect(() => coronalMip(FLAT, mask, { label: new Uint8Array(43) }))
    .toThrow(RangeError);
  expect(() => coronalMip(FLAT, mask, { window: { lo: 2, hi: 1 } }))
    .toThrow("Cannot show the values from 2 to 1");
  expect(() => coronalMip(FLAT, mask, { pixelMm: 0 })).toThrow(RangeError);
});

Deno.test("encodePng() makes a file that decodes to the same picture", () => {
  const mask = classesFrom(["0", "0010000", "0", "0000300", "0", "0"]);
  const picture = coronalMip(FLAT, mask, { window: WINDOW });
  const bytes = encodePng(picture);
  const decoded = decode(bytes);
  expect([decoded.width, decoded.height]).toEqual([7, 6]);
  expect([...decoded.data]).toEqual([...picture.pixels]);
  expect(decoded.palette).toEqual(picture.palette);
  expect(encodePng(picture)).toEqual(bytes);
});
