/** @module Where a segmentation is, when no lesion can be named. */

/**
 * The voxel of a segmentation that is nearest to the middle of it all; null where it has none. Distances are in
 * voxels, which is near enough for a first look.
 *
 * @param shape the first axis is the fastest
 */
export function middleOf(
  data: Uint8Array,
  [ni, nj]: readonly [number, number, number],
): [number, number, number] | null {
  const voxelOf = (n: number): [number, number, number] => {
    const row = Math.floor(n / ni);
    return [n % ni, row % nj, Math.floor(row / nj)];
  };
  const sum = [0, 0, 0];
  let count = 0;
  for (let n = 0; n < data.length; n++) {
    if (data[n] === 0) continue;
    count++;
    voxelOf(n).forEach((index, axis) => sum[axis]! += index);
  }
  if (count === 0) return null;
  let [nearest, least] = [0, Infinity];
  for (let n = 0; n < data.length; n++) {
    if (data[n] === 0) continue;
    const away = Math.hypot(
      ...voxelOf(n).map((index, axis) => index - sum[axis]! / count),
    );
    if (away < least) [nearest, least] = [n, away];
  }
  return voxelOf(nearest);
}
