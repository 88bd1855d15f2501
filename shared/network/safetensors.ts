/**
 * The safetensors file format: an 8-byte header length, a JSON header, and raw little-endian data.
 *
 * Source: the format's description in huggingface/safetensors.
 * @module
 */
import { z } from "zod";
import { CaseError } from "../case_error.ts";
import { elementCount, type Shape } from "./graph.ts";
import { quote } from "./quote.ts";
import { schemaProblem } from "./schema_problem.ts";

/** Bytes per value. */
const DTYPE_BYTES = Object.freeze({
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
});

export type Dtype = keyof typeof DTYPE_BYTES;

export interface StoredTensor {
  readonly dtype: Dtype;
  readonly shape: Shape;
  /** Raw little-endian values, row-major; a view of the file where it was read from one. */
  readonly bytes: Uint8Array;
}

export interface Safetensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** Room for 100,000 tensors; bounds what a forged header can make us parse. */
const MAX_HEADER_BYTES = 16 * 1024 ** 2;
const LENGTH_BYTES = 8;
const METADATA = "__metadata__";

const count = z.int().min(0);
const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(count).max(64),
  data_offsets: z.tuple([count, count]),
});
const metadataSchema = z.record(z.string(), z.string());

/**
 * Reads a file; the tensors are views of `bytes`.
 *
 * @throws {CaseError} kind `model` saying what is wrong with it, and how many bytes are missing where
 *   it is cut short.
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const header = readHeader(bytes);
  const data = bytes.subarray(header.byteLength);
  const metadata = header.entries.get(METADATA) ?? {};
  header.entries.delete(METADATA);

  const tensors = new Map<string, StoredTensor>();
  const spans: Span[] = [];
  for (const [name, entry] of header.entries) {
    const { dtype, shape, data_offsets: [from, to] } = parse(
      entrySchema,
      entry,
      `of ${quote(name)}`,
    );
    if (!isDtype(dtype)) {
      refuse(
        `has ${quote(name)} in the unknown number format ${quote(dtype)}`,
      );
    }
    const size = elementCount(shape) * DTYPE_BYTES[dtype];
    if (to - from !== size) {
      refuse(
        `gives ${quote(name)} ${to - from} bytes, and its shape takes ${size}`,
      );
    }
    spans.push({ name, from, to });
    tensors.set(name, { dtype, shape, bytes: data.subarray(from, to) });
  }
  checkSpans(spans, data.length);
  return {
    tensors,
    metadata: new Map(
      Object.entries(parse(metadataSchema, metadata, `of "${METADATA}"`)),
    ),
  };
}

interface Span {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

function refuse(problem: string, cause?: unknown): never {
  throw new CaseError("model", `the safetensors file ${problem}`, { cause });
}

function isDtype(name: string): name is Dtype {
  return Object.hasOwn(DTYPE_BYTES, name);
}

function parse<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  refuse(
    `has a header entry ${where} that makes no sense (${
      schemaProblem(parsed.error)
    })`,
    parsed.error,
  );
}

/** The header's entries, and where the data starts. */
function readHeader(
  bytes: Uint8Array,
): { entries: Map<string, unknown>; byteLength: number } {
  if (bytes.length < LENGTH_BYTES) {
    refuse(
      bytes.length === 0
        ? "is empty"
        : `is cut short: ${
          LENGTH_BYTES - bytes.length
        } bytes of its header's length are missing`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES) {
    refuse(
      "has another format: it is no safetensors file. `uptake import` makes one of a .pth",
    );
  }
  const byteLength = LENGTH_BYTES + length;
  if (byteLength > bytes.length) {
    refuse(
      `is cut short: ${
        byteLength - bytes.length
      } bytes of its header are missing`,
    );
  }
  const header = parseJson(bytes.subarray(LENGTH_BYTES, byteLength));
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    refuse("has a header that is no JSON object");
  }
  return { entries: new Map(Object.entries(header)), byteLength };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    refuse("has a header that is no JSON", cause);
  }
}

/** The format wants the data filled without overlap, holes or a rest. */
function checkSpans(spans: Span[], dataBytes: number): void {
  spans.sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  for (const { name, from, to } of spans) {
    if (from !== end) {
      refuse(
        `has ${quote(name)} at byte ${from} of its data, ${
          from < end ? "inside another tensor" : "behind a hole"
        } (expected ${end})`,
      );
    }
    end = to;
  }
  if (end > dataBytes) {
    refuse(`is cut short: ${end - dataBytes} bytes are missing`);
  }
  if (end < dataBytes) {
    refuse(`has ${dataBytes - end} bytes behind its last tensor`);
  }
}

/**
 * Writes a file. The same tensors give the same bytes: they are sorted by descending size of their
 * numbers (so that each is aligned) and then by name. The data starts at a multiple of 8 bytes.
 *
 * @throws {RangeError} when a tensor's bytes do not fit its shape, or its name is reserved.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array<ArrayBuffer> {
  const sorted = [...tensors].sort(([a, { dtype: x }], [b, { dtype: y }]) =>
    DTYPE_BYTES[y] - DTYPE_BYTES[x] || compareText(a, b)
  );
  const entries: [string, unknown][] = [];
  if (metadata.size > 0) {
    const texts = [...metadata].sort(([a], [b]) => compareText(a, b));
    entries.push([METADATA, Object.fromEntries(texts)]);
  }
  let end = 0;
  for (const [name, { dtype, shape, bytes }] of sorted) {
    const size = elementCount(shape) * DTYPE_BYTES[dtype];
    if (bytes.length !== size || name === METADATA) {
      throw new RangeError(
        `Cannot store "${name}" of shape [${
          shape.join(", ")
        }] and type ${dtype} in ${bytes.length} bytes`,
      );
    }
    entries.push([name, { dtype, shape, data_offsets: [end, end + size] }]);
    end += size;
  }
  const json = new TextEncoder().encode(
    JSON.stringify(Object.fromEntries(entries)),
  );
  const start = LENGTH_BYTES + Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(start + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(start - LENGTH_BYTES), true);
  file.fill(0x20, LENGTH_BYTES, start); // the format pads its header with spaces
  file.set(json, LENGTH_BYTES);
  let at = start;
  for (const [, { bytes }] of sorted) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

/** By code units, whatever the locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
