/**
 * Reads the golden data's safetensors files: a reader of the tests' own, so that expected values do not
 * pass through the code under test.
 * @module
 */

export interface GoldenTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Every element as a number, in C order. */
  readonly data: ArrayLike<number>;
}

export interface Golden {
  readonly metadata: Readonly<Record<string, string>>;
  /** The tensor of a name; throws where there is none. */
  tensor(name: string): GoldenTensor;
  readonly names: readonly string[];
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

function typed(dtype: string, bytes: ArrayBuffer): ArrayLike<number> {
  switch (dtype) {
    case "F32":
      return new Float32Array(bytes);
    case "F64":
      return new Float64Array(bytes);
    case "U8":
      return new Uint8Array(bytes);
    case "I32":
      return new Int32Array(bytes);
    case "I64":
      return Float64Array.from(new BigInt64Array(bytes), Number);
    default:
      throw new TypeError(`Cannot read golden data of type ${dtype}`);
  }
}

/** Reads a safetensors file: 8-byte header length, JSON header, raw little-endian data. */
export function readGolden(path: string): Golden {
  const { buffer } = Deno.readFileSync(path);
  const start = 8 + Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(
    new TextDecoder().decode(new Uint8Array(buffer, 8, start - 8)),
  );
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors = new Map<string, Entry>(Object.entries<Entry>(entries));
  return {
    metadata,
    names: [...tensors.keys()],
    tensor(name) {
      const entry = tensors.get(name);
      if (entry === undefined) {
        throw new RangeError(`Cannot find "${name}" in ${path}`);
      }
      const [from, to] = entry.data_offsets;
      const bytes = buffer.slice(start + from, start + to);
      return {
        dtype: entry.dtype,
        shape: entry.shape,
        data: typed(entry.dtype, bytes),
      };
    },
  };
}
