/** @module A voxel's value, with as many digits as anyone can use. */

/** Two digits after the point at most, and one where SUVs and counts are large. */
export function valueText(value: number): string {
  const size = Math.abs(value);
  if (size >= 10) return value.toFixed(1);
  if (size >= 0.1 || value === 0) return value.toFixed(2);
  return value.toPrecision(2);
}
