import { expect } from "@std/expect";
import fc from "fast-check";
import { gzipSync } from "node:zlib";
import { CaseError } from "../../../../shared/case_error.ts";
import {
  readNifti,
  readNiftiHeader,
  readNiftiLabel,
} from "../../../../shared/imaging/nifti/read.ts";
import { encodeMask } from "../../../../shared/imaging/nifti/write.ts";
import { buildNifti } from "./build.ts";

const LIMITS = { maxVoxels: 2 ** 18 };
/** The file's content and the volume, both at most this; the rest is room for the garbage collector. */
const MOST_BYTES = LIMITS.maxVoxels * 12 + 18 * 2 ** 20;

const plain = [
  buildNifti({ dim: [3, 4, 5, 6], values: Array(120).fill(1) }),
  buildNifti({ version: 2, littleEndian: false, type: "int16", slope: 0.5 }),
  buildNifti({ version: 2, type: "float64", sformCode: 0, qformCode: 1 }),
  buildNifti({ littleEndian: false, type: "uint64", sformCode: 0 }),
  buildNifti({
    type: "float32",
    dim: [4, 2, 2, 2, 1, 1, 1, 1],
    voxOffset: 496,
  }),
];
const seeds = [
  ...plain,
  ...plain.map((file) => new Uint8Array(gzipSync(file))),
];

/** Numbers at which header arithmetic goes wrong. */
const BOUNDARIES = [
  0,
  1,
  2,
  7,
  8,
  127,
  255,
  256,
  348,
  352,
  540,
  4096,
  32767,
  32768,
  65535,
  2 ** 24,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 53,
  1e30,
  1e300,
  -1,
  -32768,
  -1e30,
  1e-30,
  NaN,
  Infinity,
];

type Change = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

function at(bytes: Uint8Array, fraction: number): number {
  return Math.min(bytes.length - 1, Math.floor(fraction * bytes.length));
}

const place = fc.double({ min: 0, max: 1, noNaN: true });

const change: fc.Arbitrary<Change> = fc.oneof(
  // One bit.
  fc.tuple(place, fc.integer({ min: 0, max: 7 })).map(
    ([where, bit]) => (bytes: Uint8Array<ArrayBuffer>) => {
      bytes[at(bytes, where)]! ^= 1 << bit;
      return bytes;
    },
  ),
  // One boundary number, in any width and byte order, anywhere in the first 544 bytes.
  fc.tuple(
    fc.integer({ min: 0, max: 543 }),
    fc.constantFrom(...BOUNDARIES),
    fc.constantFrom("Int16", "Int32", "BigInt64", "Float32", "Float64"),
    fc.boolean(),
  ).map(
    ([offset, value, kind, littleEndian]) =>
    (
      bytes: Uint8Array<ArrayBuffer>,
    ) => {
      if (offset + 8 > bytes.length) return bytes;
      const view = new DataView(bytes.buffer);
      if (kind === "Int16") view.setInt16(offset, value, littleEndian);
      else if (kind === "Int32") view.setInt32(offset, value, littleEndian);
      else if (kind === "Float32") view.setFloat32(offset, value, littleEndian);
      else if (kind === "Float64") view.setFloat64(offset, value, littleEndian);
      else if (Number.isSafeInteger(value)) {
        view.setBigInt64(offset, BigInt(value), littleEndian);
      }
      return bytes;
    },
  ),
  // Cut off, or a piece missing, or a piece twice.
  place.map((where) => (bytes: Uint8Array<ArrayBuffer>) =>
    bytes.slice(0, at(bytes, where))
  ),
  fc.tuple(place, place).map(([a, b]) => (bytes: Uint8Array<ArrayBuffer>) =>
    Uint8Array.from([
      ...bytes.subarray(0, at(bytes, a)),
      ...bytes.subarray(at(bytes, b)),
    ])
  ),
  // Bytes of any kind.
  fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 16 })).map((
    [where, noise],
  ) =>
  (bytes: Uint8Array<ArrayBuffer>) => {
    const start = at(bytes, where);
    bytes.set(noise.subarray(0, bytes.length - start), start);
    return bytes;
  }),
);

const mutated = fc.tuple(
  fc.integer({ min: 0, max: seeds.length - 1 }),
  fc.array(change, { minLength: 1, maxLength: 4 }),
  fc.boolean(),
).map(([seed, changes, compress]) => {
  const bytes = changes.reduce(
    (current, apply) => current.length === 0 ? current : apply(current),
    Uint8Array.from(seeds[seed]!),
  );
  // Changed first and compressed then, so that changes get past the checksum.
  return compress ? new Uint8Array(gzipSync(bytes)) : bytes;
});

/** What a call gives, or undefined after a CaseError; anything else is a failure of the test. */
function attempt<T>(fn: () => T): T | undefined {
  try {
    return fn();
  } catch (error) {
    if (error instanceof CaseError) {
      expect(error.problem).toMatch(/^[a-z0-9][^\n]{5,400}[^.]$/);
      return undefined;
    }
    throw error;
  }
}

Deno.test("readNifti() and its kin give a valid result or a CaseError for any damaged file", () => {
  let read = 0;
  let refused = 0;
  fc.assert(
    fc.property(mutated, (bytes) => {
      const header = attempt(() => readNiftiHeader(bytes, LIMITS));
      const image = attempt(() => readNifti(bytes, LIMITS));
      const label = attempt(() => readNiftiLabel(bytes, LIMITS));
      if (image !== undefined) {
        const { data, shape, affine } = image.volume;
        expect(header).toEqual(image.header);
        expect(data.length).toBe(shape[0] * shape[1] * shape[2]);
        expect(data.length).toBeLessThanOrEqual(LIMITS.maxVoxels);
        expect(data.every(Number.isFinite)).toBe(true);
        expect(affine.every(Number.isFinite)).toBe(true);
      }
      if (label !== undefined) {
        const { header, volume } = label;
        const again = readNiftiLabel(encodeMask(volume.data, header), LIMITS);
        expect(again.volume).toEqual(volume);
      }
      if (image === undefined) refused++;
      else read++;
    }),
    { numRuns: 3000 },
  );
  // The mutations are neither harmless nor hopeless: some 365 of 3,000 are read, give or take 18.
  expect(read).toBeGreaterThan(150);
  expect(refused).toBeGreaterThan(300);
});

Deno.test("readNifti() refuses a file cut anywhere", () => {
  for (const file of seeds) {
    for (let length = 0; length < file.length; length++) {
      expect(attempt(() => readNifti(file.subarray(0, length), LIMITS)))
        .toBeUndefined();
    }
  }
});

Deno.test("readNifti() allocates no more than the header check allows", () => {
  // A small file cannot make it allocate even what the limits allow: its bytes cannot hold that.
  const before = Deno.memoryUsage().rss;
  for (const side of [64, 1024, 4096, 32767]) {
    for (const datatype of [2, 64]) {
      const bitpix = datatype === 2 ? 8 : 64;
      const dim = [3, side, side, side, 1, 1, 1, 1];
      const file = buildNifti({ dim, datatype, bitpix });
      for (const bytes of [file, new Uint8Array(gzipSync(file))]) {
        expect(attempt(() => readNifti(bytes))).toBeUndefined();
        expect(attempt(() => readNiftiLabel(bytes, LIMITS))).toBeUndefined();
      }
    }
  }
  expect(Deno.memoryUsage().rss - before).toBeLessThan(MOST_BYTES);
});
