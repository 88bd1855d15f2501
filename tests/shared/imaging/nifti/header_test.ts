import { expect } from "@std/expect";
import { parseNiftiHeader } from "../../../../shared/imaging/nifti/header.ts";
import { buildNifti, type Fields, problemOf, SROW, TYPES } from "./build.ts";

Deno.test("parseNiftiHeader() reads version, byte order, grid and layout", () => {
  for (const version of [1, 2] as const) {
    for (const littleEndian of [true, false]) {
      const file = buildNifti({
        version,
        littleEndian,
        dim: [3, 5, 6, 7, 1, 1, 1, 1],
        type: "int16",
        slope: 0.5,
        intercept: -3,
        qformCode: 2,
        sformCode: 4,
        voxOffset: 592,
        values: [],
      });
      const { bytes, datatype, ...header } = parseNiftiHeader(file);
      expect(header).toEqual({
        version,
        littleEndian,
        shape: [5, 6, 7],
        spacingMm: [2, 3, 4],
        affine: [...SROW, 0, 0, 0, 1],
        slope: 0.5,
        intercept: -3,
        sformCode: 4,
        qformCode: 2,
        dataOffset: 592,
        byteCount: 592 + 5 * 6 * 7 * 2,
      });
      expect(datatype.name).toBe("int16");
      expect(bytes).toEqual(file.slice(0, version === 1 ? 348 : 540));
    }
  }
});

Deno.test("parseNiftiHeader() needs no more than the header's own bytes and keeps its own copy", () => {
  for (const version of [1, 2] as const) {
    const file = buildNifti({ version });
    const header = parseNiftiHeader(
      file.subarray(0, version === 1 ? 348 : 540),
    );
    file.fill(0);
    expect(header.shape).toEqual([2, 2, 2]);
    expect(header.bytes[0]).toBe(version === 1 ? 0x5c : 0x1c);
  }
});

Deno.test("parseNiftiHeader() takes one volume in any number of dimensions", () => {
  const cases: [number[], number[]][] = [
    [[1, 5, 0, 0, 0, 0, 0, 0], [5, 1, 1]],
    [[2, 5, 6, 0, 0, 0, 0, 0], [5, 6, 1]],
    [[3, 5, 6, 7, 0, 0, 0, 0], [5, 6, 7]],
    [[3, 5, 6, 7, 9, 9, 9, 9], [5, 6, 7]],
    [[4, 5, 6, 7, 1, 0, 0, 0], [5, 6, 7]],
    [[7, 5, 6, 7, 1, 1, 1, 1], [5, 6, 7]],
  ];
  for (const [dim, shape] of cases) {
    for (const version of [1, 2] as const) {
      expect(parseNiftiHeader(buildNifti({ version, dim })).shape)
        .toEqual(shape);
    }
  }
});

Deno.test("parseNiftiHeader() treats slope and intercept as nibabel does", () => {
  const cases: [number, number, number, number][] = [
    [1, 0, 1, 0],
    [-2, 3.5, -2, 3.5],
    [0, 5, 1, 0],
    [NaN, 5, 1, 0],
    [NaN, NaN, 1, 0],
    [Infinity, NaN, 1, 0],
  ];
  for (const [slope, intercept, ...expected] of cases) {
    const header = parseNiftiHeader(buildNifti({ slope, intercept }));
    expect([header.slope, header.intercept]).toEqual(expected);
  }
});

Deno.test("parseNiftiHeader() refuses what cannot be read, and says why", () => {
  const cases: [Fields, string][] = [
    [
      { dim: [4, 2, 2, 2, 12, 1, 1, 1] },
      "geometry: it holds 12 volumes (2 x 2 x 2 x 12), not one",
    ],
    [
      { dim: [5, 2, 2, 2, 1, 3, 1, 1] },
      "geometry: it holds 3 volumes (2 x 2 x 2 x 1 x 3), not one",
    ],
    [
      { dim: [0, 2, 2, 2] },
      "unreadable: its header is damaged: it claims 0 dimensions, not 1 to 7",
    ],
    [
      { dim: [200, 2, 2, 2] },
      "unreadable: its header is damaged: it claims 200 dimensions, not 1 to 7",
    ],
    [
      { dim: [-1, 2, 2, 2] },
      "unreadable: its header is damaged: it claims -1 dimensions, not 1 to 7",
    ],
    [
      { dim: [3, 2, 0, 2] },
      "unreadable: its header claims 2 x 0 x 2 voxels, and a side must be 1 to 32767",
    ],
    [
      { dim: [3, -1, 1, 1] },
      "unreadable: its header claims -1 x 1 x 1 voxels, and a side must be 1 to 32767",
    ],
    [
      { version: 2, dim: [3, 2, 2, 40000] },
      "unreadable: its header claims 2 x 2 x 40000 voxels, and a side must be 1 to 32767",
    ],
    [
      { dim: [3, 4096, 4096, 4096] },
      "unreadable: its header claims 4096 x 4096 x 4096 voxels, more than the limit of 268435456",
    ],
    [
      { dim: [7, 32767, 32767, 32767, 1, 1, 1, 1] },
      "unreadable: its header claims 32767 x 32767 x 32767 x 1 x 1 x 1 x 1 voxels, more than the limit of 268435456",
    ],
    [
      { bitpix: 16 },
      "unreadable: its header is damaged: 16 bits per voxel (bitpix) do not fit its datatype uint8",
    ],
    [
      { voxOffset: 348 },
      "unreadable: its header is damaged: the voxels start at byte 348 (vox_offset), which is no whole number from 352 to 16777216",
    ],
    [
      { version: 2, voxOffset: 352 },
      "unreadable: its header is damaged: the voxels start at byte 352 (vox_offset), which is no whole number from 544 to 16777216",
    ],
    [
      { voxOffset: 352.5 },
      "unreadable: its header is damaged: the voxels start at byte 352.5 (vox_offset), which is no whole number from 352 to 16777216",
    ],
    [
      { voxOffset: Infinity },
      "unreadable: its header is damaged: the voxels start at byte Infinity (vox_offset), which is no whole number from 352 to 16777216",
    ],
    [
      { voxOffset: NaN },
      "unreadable: its header is damaged: the voxels start at byte NaN (vox_offset), which is no whole number from 352 to 16777216",
    ],
    [
      { voxOffset: 2 ** 25 },
      "unreadable: its header is damaged: the voxels start at byte 33554432 (vox_offset), which is no whole number from 352 to 16777216",
    ],
    [
      { slope: 2, intercept: NaN },
      "unreadable: its header is damaged: scl_slope is 2, but scl_inter is NaN",
    ],
    [
      { magic: "ni1" },
      "unreadable: it is the header of a .hdr/.img pair; convert the pair to one .nii file",
    ],
    [
      { version: 2, magic: "ni2\0\r\n\x1a\n" },
      "unreadable: it is the header of a .hdr/.img pair; convert the pair to one .nii file",
    ],
    [
      { magic: "" },
      "unreadable: it is an Analyze 7.5 header, not NIfTI; convert it first",
    ],
    [
      { magic: "n+9" },
      'unreadable: its NIfTI magic is "n+9\\u0000", not "n+1\\u0000"',
    ],
    [
      { version: 2, magic: "n+2\0\n\x1a\n\0" },
      'unreadable: its NIfTI magic is "n+2\\u0000\\n\\u001a\\n\\u0000", not "n+2\\u0000\\r\\n\\u001a\\n"',
    ],
  ];
  for (const [fields, problem] of cases) {
    const file = buildNifti(fields);
    expect(problemOf(() => parseNiftiHeader(file))).toBe(problem);
  }
});

Deno.test("parseNiftiHeader() refuses datatypes that are no single number per voxel, by name", () => {
  const known =
    "int8, uint8, int16, uint16, int32, uint32, int64, uint64, float32, float64";
  const cases: [number, number, string][] = [
    [1, 1, "binary"],
    [32, 64, "complex64"],
    [128, 24, "RGB24"],
    [1536, 128, "float128"],
    [1792, 128, "complex128"],
    [2048, 256, "complex256"],
    [2304, 32, "RGBA32"],
    [77, 8, "code 77"],
  ];
  for (const [datatype, bitpix, name] of cases) {
    const file = buildNifti({ datatype, bitpix });
    expect(problemOf(() => parseNiftiHeader(file))).toBe(
      `unreadable: its datatype is ${name}, not one of ${known}`,
    );
  }
});

Deno.test("parseNiftiHeader() knows every type by its name and size", () => {
  for (const [name, [datatype, bytes]] of Object.entries(TYPES)) {
    const header = parseNiftiHeader(
      buildNifti({ datatype, bitpix: 8 * bytes }),
    );
    expect(header.datatype.name).toBe(name);
    expect(header.byteCount).toBe(352 + 8 * bytes);
  }
});

Deno.test("parseNiftiHeader() holds images to the caller's limit", () => {
  const file = buildNifti({ dim: [3, 10, 10, 10] });
  expect(parseNiftiHeader(file, { maxVoxels: 1000 }).shape)
    .toEqual([10, 10, 10]);
  expect(problemOf(() => parseNiftiHeader(file, { maxVoxels: 999 }))).toBe(
    "unreadable: its header claims 10 x 10 x 10 voxels, more than the limit of 999",
  );
});

Deno.test("parseNiftiHeader() says how much of a header there is", () => {
  const file = buildNifti();
  const second = buildNifti({ version: 2, littleEndian: false });
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(), "unreadable: it is empty"],
    [
      file.subarray(0, 347),
      "unreadable: it is cut short: 347 of the 348 bytes of a NIfTI-1 header",
    ],
    [
      file.subarray(0, 4),
      "unreadable: it is cut short: 4 of the 348 bytes of a NIfTI-1 header",
    ],
    [
      second.subarray(0, 400),
      "unreadable: it is cut short: 400 of the 540 bytes of a NIfTI-2 header",
    ],
    [
      file.subarray(0, 3),
      "unreadable: it is no NIfTI file: it starts with neither 348 nor 540, the sizes of a NIfTI header",
    ],
    [
      new Uint8Array(1000),
      "unreadable: it is no NIfTI file: it starts with neither 348 nor 540, the sizes of a NIfTI header",
    ],
  ];
  for (const [bytes, problem] of cases) {
    expect(problemOf(() => parseNiftiHeader(bytes))).toBe(problem);
  }
});
