import { expect } from "@std/expect";
import fc from "fast-check";
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { parseNiftiHeader } from "../../../../shared/imaging/nifti/header.ts";
import {
  readNifti,
  readNiftiLabel,
} from "../../../../shared/imaging/nifti/read.ts";
import {
  encodeMask,
  encodeNifti,
} from "../../../../shared/imaging/nifti/write.ts";
import type {
  Affine,
  Vec3,
  VoxelArray,
} from "../../../../shared/imaging/volume.ts";
import { scans, testWith } from "../../../support/requires.ts";
import { buildNifti, type Fields } from "./build.ts";

/** The header bytes that say where voxels lie: dim[1..3], pixdim[0..3], units, qform_code to srow_z. */
const GEOMETRY = {
  1: [[42, 48], [76, 92], [123, 124], [252, 328]],
  2: [[24, 48], [104, 136], [500, 504], [344, 496]],
} as const;

function geometryOf(file: Uint8Array, version: 1 | 2): Uint8Array[] {
  return GEOMETRY[version].map(([from, to]) => file.slice(from, to));
}

const MASK = Uint8Array.from([0, 1, 0, 0, 1, 1, 0, 2]);

const ODD_GEOMETRY: Fields = {
  pixdim: [-1, 2.1, 3.3, 4.7, 9, 9, 9, 9],
  qformCode: 3,
  sformCode: 2,
  quaternion: [0.1, 0.2, 0.3],
  qoffset: [-1.1, NaN, 3.3],
  srow: [2.1, 0.1, -0, 7.7, 0.2, 3.3, 0.3, 8.8, 1e-30, 0.1, 4.7, -9.9],
  units: 10,
  slope: 0.1,
  intercept: 5,
};

Deno.test("encodeMask() repeats the image's version, byte order and geometry bit for bit", () => {
  for (const version of [1, 2] as const) {
    for (const littleEndian of [true, false]) {
      const image = buildNifti({ ...ODD_GEOMETRY, version, littleEndian });
      const like = parseNiftiHeader(image);
      const file = encodeMask(MASK, like);
      expect(geometryOf(gunzipSync(file), version))
        .toEqual(geometryOf(image, version));
      const { header, volume } = readNiftiLabel(file);
      expect(volume.data).toEqual(MASK);
      expect(header).toMatchObject({
        version,
        littleEndian,
        shape: [2, 2, 2],
        affine: like.affine,
        slope: 1,
        intercept: 0,
        dataOffset: version === 1 ? 352 : 544,
      });
      expect(header.datatype.name).toBe("uint8");
    }
  }
});

Deno.test("encodeMask() leaves out everything but geometry", () => {
  const name = "NAME^PATIENT";
  for (const version of [1, 2] as const) {
    // The text again behind the header, as an extension would stand there.
    const image = buildNifti({ version, descrip: name, voxOffset: 640 });
    image.set(new TextEncoder().encode(name), 600);
    image.set(new TextEncoder().encode(name), version === 1 ? 14 : 525);
    const file = gunzipSync(encodeMask(MASK, parseNiftiHeader(image)));
    expect(new TextDecoder("latin1").decode(image)).toContain(name);
    expect(new TextDecoder("latin1").decode(file)).not.toContain("PATIENT");
    expect(file.length).toBe((version === 1 ? 352 : 544) + 8);
  }
});

Deno.test("encodeMask() makes a 3D mask of a 4D image, and a 2D mask of a 2D image", () => {
  const cases: [number[], number[]][] = [
    [[4, 2, 2, 2, 1, 0, 0, 0], [3, 2, 2, 2, 1, 1, 1, 1]],
    [[7, 2, 2, 2, 1, 1, 1, 1], [3, 2, 2, 2, 1, 1, 1, 1]],
    [[2, 2, 4, 0, 0, 0, 0, 0], [2, 2, 4, 0, 1, 1, 1, 1]],
  ];
  for (const [dim, expected] of cases) {
    const like = parseNiftiHeader(buildNifti({ dim }));
    const file = encodeMask(MASK, like);
    const view = new DataView(new Uint8Array(gunzipSync(file)).buffer);
    expect(expected.map((_, n) => view.getInt16(40 + 2 * n, true)))
      .toEqual(expected);
    expect(readNiftiLabel(file).volume.data).toEqual(MASK);
  }
});

Deno.test("encodeMask() gives the same bytes on every machine", () => {
  const mask = new Uint8Array(40 * 50 * 60);
  for (let n = 0; n < mask.length; n++) mask[n] = (n * n) % 7919 < 900 ? 1 : 0;
  const dim = [3, 40, 50, 60, 1, 1, 1, 1];
  const like = parseNiftiHeader(buildNifti({ dim, values: [] }));
  const file = encodeMask(mask, like);
  // No name, no time, no level, no operating system.
  expect([...file.subarray(0, 10)])
    .toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
  // Changes only with the zlib inside the runtime.
  expect(createHash("sha256").update(file).digest("hex")).toBe(
    "34acbd9337192990b33e4efd47864cf288a2b1ca2d786bbb99e57baa83fbead9",
  );
});

Deno.test("encodeMask() refuses a mask of another size", () => {
  const like = parseNiftiHeader(buildNifti());
  expect(() => encodeMask(new Uint8Array(7), like)).toThrow(
    new RangeError("Cannot write 7 voxels as 1 volume(s) of 2 x 2 x 2"),
  );
});

// deno-fmt-ignore
const AFFINE: Affine = [0, -3, 0, 10, 2, 0, 0, 20, 0, 0, 4, 30, 0, 0, 0, 1];

Deno.test("encodeNifti() stores each array type as what it is", () => {
  const cases: [VoxelArray, string][] = [
    [Uint8Array.of(0, 1, 2, 3, 4, 255), "uint8"],
    [Int16Array.of(0, -1, 2, 3, -32768, 32767), "int16"],
    [Float32Array.of(0, -1.5, 0.1, 3, 1e30, -0), "float32"],
    [Float64Array.of(0, -1.5, 0.1, 3, 1e30, -0), "float64"],
  ];
  for (const [data, name] of cases) {
    const file = encodeNifti({ data, shape: [1, 2, 3], affine: AFFINE });
    const { header, volume } = readNifti(file);
    expect(header.datatype.name).toBe(name);
    expect(header).toMatchObject({ version: 1, littleEndian: true });
    expect(volume.affine).toEqual(AFFINE);
    expect(volume.shape).toEqual([1, 2, 3]);
    expect(volume.data).toEqual(Float32Array.from(data));
  }
});

Deno.test("encodeNifti() writes volumes one after another, on an image's grid and in its byte order", () => {
  for (const littleEndian of [true, false]) {
    const image = buildNifti({ ...ODD_GEOMETRY, littleEndian });
    const like = parseNiftiHeader(image);
    // Volume 0 holds 0 to 7, volume 1 holds 10 to 17, volume 2 holds 20 to 27, in our order.
    const data = Float32Array.from(
      { length: 24 },
      (_, n) => 10 * Math.floor(n / 8) + n % 8,
    );
    const file = new Uint8Array(
      gunzipSync(encodeNifti({ data, volumes: 3, like })),
    );
    expect(geometryOf(file, 1)).toEqual(geometryOf(image, 1));
    const view = new DataView(file.buffer);
    const dim = Array.from(
      { length: 8 },
      (_, n) => view.getInt16(40 + 2 * n, littleEndian),
    );
    expect(dim).toEqual([4, 2, 2, 2, 3, 1, 1, 1]);
    const stored = Array.from(
      { length: 24 },
      (_, n) => view.getFloat32(352 + 4 * n, littleEndian),
    );
    const first = [0, 4, 2, 6, 1, 5, 3, 7]; // i fastest
    expect(stored).toEqual(
      [0, 10, 20].flatMap((add) => first.map((value) => value + add)),
    );
    expect(file.length).toBe(352 + 24 * 4);
  }
});

Deno.test("encodeNifti() writes a qform that turns as the sform does, except for a sheared affine", () => {
  const half = Math.SQRT1_2;
  // deno-fmt-ignore
  const turns: number[][] = [
    [1, 0, 0, 0, 1, 0, 0, 0, 1],
    [-1, 0, 0, 0, -1, 0, 0, 0, 1],
    [-1, 0, 0, 0, 1, 0, 0, 0, -1],
    [1, 0, 0, 0, -1, 0, 0, 0, -1],
    [-1, 0, 0, 0, 1, 0, 0, 0, 1],
    [0, 1, 0, 0, 0, 1, 1, 0, 0],
    [0, 0, -1, 1, 0, 0, 0, -1, 0],
    [half, -half, 0, half, half, 0, 0, 0, -1],
    [0.36, 0.48, -0.8, -0.8, 0.6, 0, 0.48, 0.64, 0.6],
    // By -170 degrees about x: the real part of the quaternion is the small one.
    [1, 0, 0, 0, -0.984807753, 0.173648178, 0, -0.173648178, -0.984807753],
  ];
  for (const r of turns) {
    // deno-fmt-ignore
    const affine = [
      2 * r[0]!, 3 * r[1]!, 4 * r[2]!, -70.5,
      2 * r[3]!, 3 * r[4]!, 4 * r[5]!, 80.25,
      2 * r[6]!, 3 * r[7]!, 4 * r[8]!, 90,
      0, 0, 0, 1,
    ];
    const content = { data: MASK, shape: [2, 2, 2] as const, affine };
    const file = new Uint8Array(gunzipSync(encodeNifti(content)));
    new DataView(file.buffer).setInt16(254, 0, true); // sform_code
    const header = parseNiftiHeader(file);
    expect(header.qformCode).toBe(1);
    header.affine.forEach((value, n) =>
      expect(value).toBeCloseTo(affine[n]!, 5)
    );
  }
  const affine: Affine = AFFINE.with(0, 0.1);
  const sheared = encodeNifti({ data: MASK, shape: [2, 2, 2], affine });
  const { header } = readNifti(sheared);
  expect([header.sformCode, header.qformCode]).toEqual([1, 0]);
  expect(header.affine[0]).toBeCloseTo(0.1, 7);
});

Deno.test("encodeNifti() refuses what does not fit into a header", () => {
  const data = new Uint8Array(8);
  const shape: Vec3 = [2, 2, 2];
  const cases: [Parameters<typeof encodeNifti>[0], string][] = [
    [
      { data, shape: [32768, 1, 1], affine: AFFINE },
      "Cannot write an image of 32768 x 1 x 1 voxels: a side must be 1 to 32767",
    ],
    [
      { data, shape: [2, 2.5, 2], affine: AFFINE },
      "Cannot write an image of 2 x 2.5 x 2 voxels: a side must be 1 to 32767",
    ],
    [
      { data, shape, affine: AFFINE.with(3, NaN) },
      "Cannot write an image with the affine [0, -3, 0, NaN, 2, 0, 0, 20, 0, 0, 4, 30, 0, 0, 0, 1]: it must be finite and invertible",
    ],
    [
      { data, shape, affine: AFFINE.with(10, 0) },
      "Cannot write an image with the affine [0, -3, 0, 10, 2, 0, 0, 20, 0, 0, 0, 30, 0, 0, 0, 1]: it must be finite and invertible",
    ],
    [
      { data, shape, affine: AFFINE, volumes: 2 },
      "Cannot write 8 voxels as 2 volume(s) of 2 x 2 x 2",
    ],
  ];
  for (const [content, message] of cases) {
    expect(() => encodeNifti(content)).toThrow(new RangeError(message));
  }
});

const side = fc.integer({ min: 1, max: 40 });
const bytesOf = fc.uint8Array({ minLength: 1, maxLength: 64 });

Deno.test("encodeNifti() then readNifti() gives back every voxel and the affine", () => {
  fc.assert(
    fc.property(
      fc.tuple(side, side, side),
      bytesOf,
      fc.constantFrom(Uint8Array, Int16Array, Float32Array, Float64Array),
      fc.constantFrom<1 | 2>(1, 2),
      fc.boolean(),
      (shape, seed, Type, version, littleEndian) => {
        const count = shape[0] * shape[1] * shape[2];
        const data = new Type(count);
        for (let n = 0; n < count; n++) data[n] = seed[n % seed.length]! ^ n;
        const dim = [3, ...shape, 1, 1, 1, 1];
        const like = parseNiftiHeader(
          buildNifti({ version, littleEndian, dim, values: [] }),
        );
        const { header, volume } = readNifti(encodeNifti({ data, like }));
        expect(header.affine).toEqual(like.affine);
        expect(header.shape).toEqual(shape);
        expect(volume.data).toEqual(Float32Array.from(data));
      },
    ),
    { numRuns: 60 },
  );
});

testWith(
  scans,
  "encodeMask() keeps the geometry of every real scan bit for bit",
  (folder) => {
    const images = [...Deno.readDirSync(`${folder}/lbt/imagesTr`)];
    expect(images.length).toBe(48);
    for (const { name } of images) {
      const bytes = Deno.readFileSync(`${folder}/lbt/imagesTr/${name}`);
      const original = gunzipSync(bytes);
      const like = parseNiftiHeader(original);
      const [ni, nj, nk] = like.shape;
      const mask = new Uint8Array(ni * nj * nk);
      const marked = Math.floor(mask.length / 3);
      mask[marked] = 1;
      const file = gunzipSync(encodeMask(mask, like));
      expect(geometryOf(file, 1)).toEqual(geometryOf(original, 1));
      const k = marked % nk;
      const j = Math.floor(marked / nk) % nj;
      const i = Math.floor(marked / nk / nj);
      expect(file.indexOf(1, 352)).toBe(352 + i + ni * (j + nj * k));
      expect(file.length).toBe(352 + mask.length);
    }
  },
);

testWith(
  scans,
  "readNiftiLabel() keeps every lesion of a real label",
  (folder) => {
    const bytes = Deno.readFileSync(`${folder}/lbt/labelsTr/labels0004.nii.gz`);
    const { volume, header } = readNiftiLabel(bytes);
    expect(header.datatype.name).toBe("uint16");
    expect(header.shape).toEqual([192, 192, 406]);
    const sums = [0, 0, 0];
    for (const value of volume.data) sums[value]!++;
    // Counted in the file's bytes with NumPy: 4223 voxels are 65535, all others 0.
    expect(sums).toEqual([192 * 192 * 406 - 4223, 4223, 0]);
  },
);
