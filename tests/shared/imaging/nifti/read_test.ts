import { expect } from "@std/expect";
import { gunzipSync, gzipSync } from "node:zlib";
import { DATATYPES } from "../../../../shared/imaging/nifti/datatypes.ts";
import {
  readNifti,
  readNiftiHeader,
  readNiftiLabel,
} from "../../../../shared/imaging/nifti/read.ts";
import { fixture } from "../../../support/requires.ts";
import {
  buildNifti,
  type DatatypeName,
  type Fields,
  problemOf,
  SROW,
} from "./build.ts";

/** Values of a 2 x 2 x 2 file, written a to h with i fastest, in our order with k fastest. */
function ours<T>([a, b, c, d, e, f, g, h]: readonly T[]): T[] {
  return [a!, e!, c!, g!, b!, f!, d!, h!];
}

function join(...parts: Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(
    parts.reduce((length, part) => length + part.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

const VALUES: Record<DatatypeName, readonly (number | bigint)[]> = {
  int8: [-128, 127, 0, 1, -1, 2, 3, 4],
  uint8: [0, 255, 128, 127, 1, 2, 3, 4],
  int16: [-32768, 32767, 0, 258, -1, 2, 3, 4],
  uint16: [0, 65535, 32768, 258, 1, 2, 3, 4],
  int32: [-(2 ** 31), 2 ** 31 - 1, 0, 16909060, -1, 2, 3, 4],
  uint32: [0, 2 ** 32 - 1, 2 ** 31, 16909060, 1, 2, 3, 4],
  int64: [
    -(2n ** 63n),
    2n ** 63n - 1n,
    0n,
    -4294967297n,
    4294967297n,
    -1n,
    2n,
    3n,
  ],
  uint64: [0n, 2n ** 64n - 1n, 2n ** 63n, 4294967297n, 1n, 2n, 3n, 4n],
  float32: [-1.5, 3e38, 1e-40, 0.1, -0.1, 0, 1, 2],
  float64: [-1.5, 3e38, 1e-40, 0.1, -0.1, 0, 1, 2 ** 53 - 1],
};

for (const [type, values] of Object.entries(VALUES)) {
  Deno.test(`readNifti() reads ${type} in both byte orders and versions, plain and gzip-compressed`, () => {
    const expected = ours(values).map((value) => Math.fround(Number(value)));
    for (const version of [1, 2] as const) {
      for (const littleEndian of [true, false]) {
        const file = buildNifti({
          version,
          littleEndian,
          type: type as DatatypeName,
          values,
        });
        for (const bytes of [file, gzipSync(file)]) {
          const { header, volume } = readNifti(bytes);
          expect(header.datatype.name).toBe(type);
          expect(volume.shape).toEqual([2, 2, 2]);
          expect(volume.affine).toEqual([...SROW, 0, 0, 0, 1]);
          expect(volume.data).toBeInstanceOf(Float32Array);
          expect([...volume.data]).toEqual(expected);
        }
      }
    }
  });
}

Deno.test("readNifti() turns i fastest into k fastest for sides around its block size", () => {
  for (
    const shape of [[1, 1, 1], [3, 2, 5], [5, 3, 31], [2, 3, 32], [4, 2, 33], [
      3,
      2,
      70,
    ]]
  ) {
    const [ni, nj, nk] = [shape[0]!, shape[1]!, shape[2]!];
    const values: number[] = [];
    for (let k = 0; k < nk; k++) {
      for (let j = 0; j < nj; j++) {
        for (let i = 0; i < ni; i++) values.push(10000 * i + 100 * j + k);
      }
    }
    const dim = [3, ni, nj, nk, 1, 1, 1, 1];
    const { volume } = readNifti(buildNifti({ dim, type: "int32", values }));
    let at = 0;
    for (let i = 0; i < ni; i++) {
      for (let j = 0; j < nj; j++) {
        for (let k = 0; k < nk; k++) {
          expect(volume.data[at++]).toBe(10000 * i + 100 * j + k);
        }
      }
    }
  }
});

Deno.test("readNifti() applies slope and intercept in doubles", () => {
  const values = [0, 1, 2, 3, 4, 5, 6, 65535];
  const scaled = buildNifti({
    version: 2,
    type: "uint16",
    values,
    slope: 1 / 65535,
    intercept: -0.25,
  });
  expect([...readNifti(scaled).volume.data]).toEqual(
    ours(values).map((value) => Math.fround(value / 65535 - 0.25)),
  );
  // (2^24 + 1) - 2^24 is 1 only where the sum is not rounded to float32 first.
  const exact = buildNifti({
    type: "int32",
    values: values.fill(2 ** 24 + 1),
    intercept: -(2 ** 24),
  });
  expect(new Set(readNifti(exact).volume.data)).toEqual(new Set([1]));
});

Deno.test("readNifti() takes stored values as they are when the slope is 0 or NaN", () => {
  for (const slope of [0, NaN]) {
    const { volume } = readNifti(buildNifti({ slope, intercept: 7 }));
    expect([...volume.data]).toEqual(ours([0, 1, 2, 3, 4, 5, 6, 7]));
  }
});

Deno.test("readNifti() reads 4D images of one volume, and voxels at any offset", () => {
  const expected = ours([0, 1, 2, 3, 4, 5, 6, 7]);
  const cases: Fields[] = [
    { dim: [4, 2, 2, 2, 1, 0, 0, 0] },
    { dim: [5, 2, 2, 2, 1, 1, 0, 0], voxOffset: 496 },
    { voxOffset: 353, type: "float64" },
    { voxOffset: 355, type: "int16", littleEndian: false },
  ];
  for (const fields of cases) {
    const file = buildNifti(fields);
    // The file need not start at a round address either.
    const shifted = join(new Uint8Array(1), file).subarray(1);
    expect([...readNifti(shifted).volume.data]).toEqual(expected);
    expect([...readNifti(gzipSync(file)).volume.data]).toEqual(expected);
  }
});

Deno.test("readNifti() reads gzip files of several members, zero-padded, and with a name in the header", () => {
  const file = buildNifti();
  const members = [
    file.subarray(0, 100),
    file.subarray(100, 355),
    file.subarray(355),
  ];
  const named = gzipSync(file);
  const name = new TextEncoder().encode("image.nii\0");
  const flagged = join(named.subarray(0, 10), name, named.subarray(10));
  flagged[3] = 8; // FNAME
  const extra = join(
    named.subarray(0, 10),
    new Uint8Array([0xff, 0xff]),
    new Uint8Array(65535).fill(7),
    named.subarray(10),
  );
  extra[3] = 4; // FEXTRA, of the greatest length
  const files = [
    join(...members.map((member) => gzipSync(member))),
    join(gzipSync(file), new Uint8Array(512)),
    flagged,
    extra,
  ];
  for (const bytes of files) {
    expect([...readNifti(bytes).volume.data]).toEqual(
      ours([0, 1, 2, 3, 4, 5, 6, 7]),
    );
    expect(readNiftiHeader(bytes.subarray(0, 2 ** 17)).shape)
      .toEqual([2, 2, 2]);
  }
});

Deno.test("readNifti() ignores a little after the last voxel, and refuses a lot", () => {
  const file = buildNifti();
  const little = join(file, new Uint8Array(1000));
  const much = join(file, new Uint8Array(2 ** 20 + 1));
  for (const bytes of [little, gzipSync(little)]) {
    expect(readNifti(bytes).volume.data.length).toBe(8);
  }
  expect(problemOf(() => readNifti(much))).toBe(
    "unreadable: it holds 1048937 bytes, but its header describes 360",
  );
  expect(problemOf(() => readNifti(gzipSync(much)))).toBe(
    "unreadable: its gzip data hold more than the 1048936 bytes its header allows for",
  );
});

Deno.test("readNifti() refuses damaged files, and says how they are damaged", () => {
  const file = buildNifti({
    dim: [3, 16, 16, 16],
    values: Array(4096).fill(3),
  });
  const packed = gzipSync(file);
  const flipped = Uint8Array.from(packed);
  flipped[flipped.length - 5]! ^= 1;
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(), "unreadable: it is empty"],
    [gzipSync(new Uint8Array()), "unreadable: it is empty"],
    [
      file.subarray(0, 4000),
      "unreadable: its data are cut short: 4000 of the 4448 bytes its header promises",
    ],
    [
      gzipSync(file.subarray(0, 4000)),
      "unreadable: its data are cut short: 4000 of the 4448 bytes its header promises",
    ],
    [
      packed.subarray(0, packed.length - 8),
      "unreadable: its gzip data are cut short",
    ],
    [
      packed.subarray(0, packed.length - 1),
      "unreadable: its gzip data are cut short",
    ],
    [
      flipped,
      "unreadable: its gzip data are corrupt (incorrect data check)",
    ],
    [
      join(packed, new Uint8Array(10).fill(65)),
      "unreadable: its gzip data are corrupt (incorrect header check)",
    ],
    [
      join(packed.subarray(0, 10), new Uint8Array(100).fill(0xff)),
      "unreadable: its gzip data are corrupt (invalid block type)",
    ],
  ];
  for (const [bytes, problem] of cases) {
    expect(problemOf(() => readNifti(bytes))).toBe(problem);
    expect(problemOf(() => readNiftiLabel(bytes))).toBe(problem);
  }
});

Deno.test("readNifti() reads no bomb: what a header does not promise is never inflated, nor the reverse", () => {
  const zeros = gzipSync(new Uint8Array(2 ** 24));
  const bomb = join(gzipSync(buildNifti()), ...Array(64).fill(zeros)); // 1 GiB
  const before = Deno.memoryUsage().rss;
  expect(problemOf(() => readNifti(bomb))).toMatch(
    /hold more than the 1048936/,
  );
  const greedy = gzipSync(
    buildNifti({ dim: [3, 1024, 512, 512], datatype: 64, bitpix: 64 }),
  );
  expect(problemOf(() => readNifti(greedy))).toMatch(
    /^unreadable: its header promises 2147484000 bytes, more than its \d+ compressed bytes can hold$/,
  );
  expect(Deno.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20);
});

Deno.test("readNifti() refuses voxels that are not finite, counts them and tells the first", () => {
  const values = [0, 1, 2, 3, NaN, Infinity, 6, 7];
  const cases: [Fields, string][] = [
    [
      { type: "float32", values },
      "voxels: 2 of its 8 voxels are NaN or infinite, the first at [0, 0, 1] is NaN",
    ],
    [
      { type: "float64", values: [0, 0, 0, -Infinity, 0, 0, 0, 0] },
      "voxels: 1 of its 8 voxels are NaN or infinite, the first at [1, 1, 0] is -Infinity",
    ],
    [
      { type: "float64", values: [0, 0, 1e39, 0, 0, 0, 0, 0] },
      "voxels: 1 of its 8 voxels are NaN or infinite, the first at [0, 1, 0] is Infinity",
    ],
    [
      { version: 2, type: "int16", slope: 1e38 },
      "voxels: 4 of its 8 voxels are NaN or infinite, the first at [0, 0, 1] is Infinity",
    ],
  ];
  for (const [fields, problem] of cases) {
    expect(problemOf(() => readNifti(buildNifti(fields)))).toBe(problem);
  }
});

Deno.test("readNiftiLabel() rounds scaled labels instead of truncating them", () => {
  const { volume, header } = readNiftiLabel(buildNifti({
    type: "uint16",
    values: [0, 65535, 0, 0, 65535, 0, 0, 0],
    slope: 1 / 65535, // as float32: 65535 becomes 0.9999999978
  }));
  expect(header.slope * 65535).toBeLessThan(1);
  expect(volume.data).toEqual(Uint8Array.from(ours([0, 1, 0, 0, 1, 0, 0, 0])));
});

Deno.test("readNiftiLabel() takes whole numbers from 0 to 255 of every type", () => {
  for (const { name } of DATATYPES.values()) {
    const largest = name === "int8" ? 127 : 255;
    const values = [0, 1, 2, 3, 4, 5, 6, largest];
    const file = buildNifti({ type: name as DatatypeName, values });
    expect([...readNiftiLabel(file).volume.data]).toEqual(ours(values));
  }
});

Deno.test("readNiftiLabel() takes values within 0.001 of a whole number", () => {
  const values = [0.0009, -0.0009, 1.0009, 0.9991, 255.0009, 254.9991, -0, 2];
  const file = buildNifti({ type: "float64", values });
  expect([...readNiftiLabel(file).volume.data])
    .toEqual(ours([0, 0, 1, 1, 255, 255, 0, 2]));
});

Deno.test("readNiftiLabel() refuses what is no label", () => {
  const cases: [number, string][] = [
    [
      0.5,
      "label: 1 of its 8 voxels are no labels (whole numbers from 0 to 255), the first at [0, 1, 0] is 0.5",
    ],
    [
      1.002,
      "label: 1 of its 8 voxels are no labels (whole numbers from 0 to 255), the first at [0, 1, 0] is 1.002",
    ],
    [
      -1,
      "label: 1 of its 8 voxels are no labels (whole numbers from 0 to 255), the first at [0, 1, 0] is -1",
    ],
    [
      256,
      "label: 1 of its 8 voxels are no labels (whole numbers from 0 to 255), the first at [0, 1, 0] is 256",
    ],
    [
      1e300,
      "label: 1 of its 8 voxels are no labels (whole numbers from 0 to 255), the first at [0, 1, 0] is 1e+300",
    ],
    [
      NaN,
      "voxels: 1 of its 8 voxels are NaN or infinite, the first at [0, 1, 0] is NaN",
    ],
    [
      Infinity,
      "voxels: 1 of its 8 voxels are NaN or infinite, the first at [0, 1, 0] is Infinity",
    ],
  ];
  for (const [value, problem] of cases) {
    const file = buildNifti({
      type: "float64",
      values: [0, 1, value, 0, 0, 0, 1, 1],
    });
    expect(problemOf(() => readNiftiLabel(file))).toBe(problem);
  }
});

Deno.test("readNiftiHeader() needs only the first bytes of a file", () => {
  for (const name of ["lps", "oblique", "permuted"]) {
    const path = fixture(`preprocess/phantom_${name}.nii.gz`);
    const bytes = Deno.readFileSync(path);
    expect(readNiftiHeader(bytes.subarray(0, 1024)))
      .toEqual(readNifti(bytes).header);
  }
  const plain = buildNifti({ version: 2, littleEndian: false });
  expect(readNiftiHeader(plain.subarray(0, 540)))
    .toEqual(readNifti(plain).header);
});

Deno.test("readNifti() reads the phantoms voxel by voxel as their bytes say", () => {
  for (const name of ["lps", "oblique", "permuted"]) {
    const bytes = Deno.readFileSync(
      fixture(`preprocess/phantom_${name}.nii.gz`),
    );
    const { buffer, byteOffset } = gunzipSync(bytes);
    const view = new DataView(buffer, byteOffset);
    const [ni, nj, nk] = [42, 44, 46].map((at) => view.getInt16(at, true));
    const isFloat = view.getInt16(70, true) === 16;
    const slope = view.getFloat32(112, true);
    const intercept = view.getFloat32(116, true);
    const { volume } = readNifti(bytes);
    expect(volume.shape).toEqual([ni, nj, nk]);
    const expected = new Float32Array(ni! * nj! * nk!);
    for (let i = 0, at = 0; i < ni!; i++) {
      for (let j = 0; j < nj!; j++) {
        for (let k = 0; k < nk!; k++) {
          const n = i + ni! * (j + nj! * k);
          const stored = isFloat
            ? view.getFloat32(352 + 4 * n, true)
            : view.getInt16(352 + 2 * n, true);
          expected[at++] = stored * slope + intercept;
        }
      }
    }
    expect(volume.data).toEqual(expected);
    expect(new Set(volume.data).size).toBeGreaterThan(100);
  }
});
