/**
 * Damaged files for fuzz tests.
 * @module
 */
import fc from "fast-check";

/**
 * Variants of a valid file: a few bytes changed, a piece cut out or put in, the end cut off. Most stay
 * close to the original, so that they get past the first checks of a reader.
 */
export function mutation(
  original: Uint8Array,
): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const at = fc.nat({ max: Math.max(0, original.length - 1) });
  const value = fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(0, 1, 0x7f, 0x80, 0xff),
  );
  const change = fc.record({
    at,
    bytes: fc.array(value, { minLength: 1, maxLength: 8 }),
  });
  const splice = fc.record({
    at,
    removed: fc.nat({ max: 16 }),
    added: fc.array(value, { maxLength: 16 }),
  });
  return fc.record({
    changes: fc.array(change, { maxLength: 4 }),
    splice: fc.option(splice, { nil: undefined, freq: 3 }),
    end: fc.option(at, { nil: undefined, freq: 5 }),
  }).map(({ changes, splice, end }) => {
    const bytes = [...original];
    for (const change of changes) {
      change.bytes.forEach((byte, i) => {
        if (change.at + i < bytes.length) bytes[change.at + i] = byte;
      });
    }
    if (splice) bytes.splice(splice.at, splice.removed, ...splice.added);
    return new Uint8Array(end === undefined ? bytes : bytes.slice(0, end));
  });
}
