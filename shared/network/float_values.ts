/**
 * Raw little-endian numbers to 32-bit floats, for weights stored in other number formats.
 * @module
 */

/** The bytes in a buffer of their own where they do not start on a multiple of `itemBytes`. */
function aligned(
  bytes: Uint8Array,
  itemBytes: number,
): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = bytes;
  if (buffer instanceof ArrayBuffer && byteOffset % itemBytes === 0) {
    return new Uint8Array(buffer, byteOffset, byteLength);
  }
  return new Uint8Array(bytes);
}

/** 32-bit floats; a view of the same memory where it is aligned. */
export function float32From(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = aligned(bytes, 4);
  return new Float32Array(buffer, byteOffset, byteLength / 4);
}

/** 64-bit floats, rounded. */
export function float32FromFloat64(
  bytes: Uint8Array,
): Float32Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = aligned(bytes, 8);
  return new Float32Array(new Float64Array(buffer, byteOffset, byteLength / 8));
}

/** IEEE half-precision floats. */
export function float32FromFloat16(
  bytes: Uint8Array,
): Float32Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = aligned(bytes, 2);
  return new Float32Array(new Float16Array(buffer, byteOffset, byteLength / 2));
}

/** bfloat16: the upper half of a 32-bit float. */
export function float32FromBfloat16(
  bytes: Uint8Array,
): Float32Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = aligned(bytes, 2);
  const halves = new Uint16Array(buffer, byteOffset, byteLength / 2);
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
  return new Float32Array(bits.buffer);
}
