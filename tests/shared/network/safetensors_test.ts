import { expect } from "@std/expect";
import fc from "fast-check";
import { CaseError } from "../../../shared/case_error.ts";
import {
  readSafetensors,
  type StoredTensor,
  writeSafetensors,
} from "../../../shared/network/safetensors.ts";
import { readGolden } from "../../support/golden.ts";
import { mutation } from "../../support/mutation.ts";
import { fixture } from "../../support/requires.ts";

/** A file of a header (text, or a value to write as JSON) and so many zero bytes of data. */
function fileOf(header: unknown, dataBytes: number): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

function stored(
  dtype: StoredTensor["dtype"],
  shape: number[],
  values: ArrayBufferView<ArrayBuffer>,
): StoredTensor {
  const { buffer, byteOffset, byteLength } = values;
  return {
    dtype,
    shape,
    bytes: new Uint8Array(buffer, byteOffset, byteLength),
  };
}

const EXAMPLE = new Map([
  ["b.weight", stored("F32", [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6))],
  ["half", stored("F16", [3], Float16Array.of(1, -2, 0.5))],
  ["__proto__", stored("F32", [], Float32Array.of(7))],
  ["none", stored("U8", [0, 4], new Uint8Array())],
  ["index", stored("I64", [1], BigInt64Array.of(-1n))],
]);

Deno.test("readSafetensors() reads files written by the reference implementation", () => {
  for (const name of ["ma3dseg_nano.forward", "ma3dseg_nano.step"]) {
    const path = fixture(`network/${name}.safetensors`);
    const { tensors, metadata } = readSafetensors(Deno.readFileSync(path));
    const golden = readGolden(path);
    expect([...tensors.keys()].toSorted()).toEqual(golden.names.toSorted());
    expect(Object.fromEntries(metadata)).toEqual(golden.metadata);
    const input = tensors.get("input")!;
    expect(input.shape).toEqual([1, 1, 32, 32, 32]);
    expect(new Float32Array(input.bytes.slice().buffer))
      .toEqual(golden.tensor("input").data);
  }
});

Deno.test("writeSafetensors() writes what readSafetensors() reads back", () => {
  const metadata = new Map([["who", "größe"]]);
  const file = writeSafetensors(EXAMPLE, metadata);
  const read = readSafetensors(file);
  expect(new Map(read.tensors)).toEqual(EXAMPLE);
  expect(read.metadata).toEqual(metadata);
});

Deno.test("writeSafetensors() gives the same bytes for any order, and aligns every tensor", () => {
  const metadata = new Map([["a", "1"], ["b", "2"]]);
  const file = writeSafetensors(EXAMPLE, metadata);
  const reversed = writeSafetensors(
    new Map([...EXAMPLE].reverse()),
    new Map([...metadata].reverse()),
  );
  expect(reversed).toEqual(file);
  const sizes = { F32: 4, F16: 2, U8: 1, I64: 8 } as Record<string, number>;
  for (const { dtype, bytes } of readSafetensors(file).tensors.values()) {
    expect(bytes.byteOffset % sizes[dtype]!).toBe(0);
  }
});

Deno.test("writeSafetensors() refuses bytes that do not fit the shape, and the reserved name", () => {
  const wrong = stored("F32", [2], Float32Array.of(1));
  expect(() => writeSafetensors(new Map([["w", wrong]]))).toThrow(RangeError);
  const fine = stored("F32", [1], Float32Array.of(1));
  expect(() => writeSafetensors(new Map([["__metadata__", fine]])))
    .toThrow('Cannot store "__metadata__"');
});

Deno.test("readSafetensors() says what is wrong with a file", () => {
  const entry = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(0), "the safetensors file is empty"],
    [new Uint8Array(5), "3 bytes of its header's length are missing"],
    [fileOf("{}", 0).subarray(0, 9), "1 bytes of its header are missing"],
    [
      new TextEncoder().encode("this is some text"),
      "has another format: it is no safetensors file",
    ],
    [fileOf("{nonsense}", 0), "has a header that is no JSON"],
    [fileOf('"\u0000', 0), "has a header that is no JSON"],
    [fileOf("[]", 0), "is no JSON object"],
    [fileOf("null", 0), "is no JSON object"],
    [fileOf("[".repeat(1e6), 0), "has a header that is no JSON"],
    [fileOf({ w: 3 }, 0), 'entry of "w" that makes no sense'],
    [fileOf({ w: { ...entry, more: 1 } }, 8), 'entry of "w"'],
    [fileOf({ w: { ...entry, shape: [-2] } }, 8), "(shape.0: "],
    [fileOf({ w: { ...entry, shape: [1.5] } }, 8), "(shape.0: "],
    [fileOf({ w: { ...entry, data_offsets: [0] } }, 8), "(data_offsets"],
    [fileOf({ w: { ...entry, dtype: "F8" } }, 8), 'number format "F8"'],
    [fileOf({ w: { ...entry, dtype: "toString" } }, 8), '"toString"'],
    [
      fileOf({ w: { ...entry, shape: [3] } }, 8),
      "8 bytes, and its shape takes 12",
    ],
    [
      fileOf({ w: { ...entry, shape: Array(40).fill(1e15) } }, 8),
      "and its shape takes Infinity",
    ],
    [
      fileOf({ w: { ...entry, shape: [0, ...Array(40).fill(1e15)] } }, 8),
      "8 bytes, and its shape takes 0",
    ],
    [
      fileOf({ w: { ...entry, data_offsets: [8, 0] } }, 8),
      'gives "w" -8 bytes',
    ],
    [fileOf({ w: entry }, 5), "is cut short: 3 bytes are missing"],
    [fileOf({ w: entry }, 9), "has 1 bytes behind its last tensor"],
    [fileOf({ v: entry, w: entry }, 8), "inside another tensor"],
    [
      fileOf({ v: entry, w: { ...entry, data_offsets: [4, 12] } }, 12),
      '"w" at byte 4 of its data, inside another tensor (expected 8)',
    ],
    [fileOf({ w: { ...entry, data_offsets: [4, 12] } }, 12), "behind a hole"],
    [
      fileOf({ __metadata__: { a: 1 } }, 0),
      '"__metadata__" that makes no sense',
    ],
    [fileOf({ __metadata__: "a" }, 0), '"__metadata__" that makes no sense'],
  ];
  for (const [bytes, problem] of cases) {
    expect(() => readSafetensors(bytes)).toThrow(CaseError);
    expect(() => readSafetensors(bytes)).toThrow(problem);
  }
});

Deno.test("readSafetensors() says how much is missing wherever a file is cut", () => {
  const whole = writeSafetensors(EXAMPLE, new Map([["a", "b"]]));
  for (let length = 1; length < whole.length; length++) {
    expect(() => readSafetensors(whole.subarray(0, length)))
      .toThrow(/is cut short: \d+ bytes.* missing/);
  }
});

Deno.test("readSafetensors() gives views inside the file or a CaseError for damaged files", () => {
  const whole = writeSafetensors(EXAMPLE, new Map([["a", "b"]]));
  fc.assert(
    fc.property(mutation(whole), (bytes) => {
      try {
        for (const tensor of readSafetensors(bytes).tensors.values()) {
          expect(tensor.bytes.buffer).toBe(bytes.buffer);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(CaseError);
      }
    }),
    { numRuns: 3000 },
  );
});
