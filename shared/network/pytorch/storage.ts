/**
 * PyTorch's typed storages: how their raw little-endian bytes become 32-bit floats.
 * @module
 */
import {
  float32From,
  float32FromBfloat16,
  float32FromFloat16,
  float32FromFloat64,
} from "../float_values.ts";

export interface StorageType {
  readonly itemBytes: number;
  /** The values as 32-bit floats; 32-bit floats themselves are viewed, not copied. */
  readonly toFloat32: (bytes: Uint8Array) => Float32Array<ArrayBuffer>;
}

function float32FromIntegers(
  itemBytes: number,
  read: (view: DataView, at: number) => number,
): StorageType {
  return {
    itemBytes,
    toFloat32(bytes) {
      const view = new DataView(
        bytes.buffer,
        bytes.byteOffset,
        bytes.byteLength,
      );
      const values = new Float32Array(bytes.byteLength / itemBytes);
      for (let i = 0; i < values.length; i++) {
        values[i] = read(view, i * itemBytes);
      }
      return values;
    },
  };
}

const unsigned8 = float32FromIntegers(1, (view, at) => view.getUint8(at));

/** By the Python name with which a pickle refers to the type. */
export const STORAGE_TYPES: ReadonlyMap<string, StorageType> = new Map([
  ["torch FloatStorage", { itemBytes: 4, toFloat32: float32From }],
  ["torch DoubleStorage", { itemBytes: 8, toFloat32: float32FromFloat64 }],
  ["torch HalfStorage", { itemBytes: 2, toFloat32: float32FromFloat16 }],
  ["torch BFloat16Storage", { itemBytes: 2, toFloat32: float32FromBfloat16 }],
  [
    "torch LongStorage",
    float32FromIntegers(8, (view, at) => Number(view.getBigInt64(at, true))),
  ],
  ["torch IntStorage", float32FromIntegers(4, (v, at) => v.getInt32(at, true))],
  [
    "torch ShortStorage",
    float32FromIntegers(2, (v, at) => v.getInt16(at, true)),
  ],
  ["torch CharStorage", float32FromIntegers(1, (v, at) => v.getInt8(at))],
  ["torch ByteStorage", unsigned8],
  ["torch BoolStorage", unsigned8],
]);
