/** Where the classes of a mask and a label are, and how much they share: one pass over both. @module */
import type { Vec3, Volume } from "../imaging/volume.ts";
import type { Box } from "./region.ts";

/** What one value fills in a mask and in a label. */
export interface Extent {
  readonly maskVoxels: number;
  readonly labelVoxels: number;
  /** Voxels that hold the value in both. */
  readonly sharedVoxels: number;
  /** The smallest box around the value's voxels in both together. */
  readonly box: Box;
}

/**
 * The extent of every value but 0 that is there. Without a label, one that is empty is assumed.
 * The label has the mask's shape.
 */
export function findExtents(
  mask: Volume<Uint8Array<ArrayBuffer>>,
  label?: Volume<Uint8Array<ArrayBuffer>>,
): Map<number, Extent> {
  const maskCounts = new Int32Array(256);
  const labelCounts = new Int32Array(256);
  const sharedCounts = new Int32Array(256);
  const bounds = newBounds();
  const [ni, nj, nk] = mask.shape;
  const predicted = mask.data;
  const expected = label?.data;
  for (let i = 0, n = 0; i < ni; i++) {
    for (let j = 0; j < nj; j++) {
      for (let k = 0; k < nk; k++, n++) {
        const p = predicted[n]!;
        const e = expected === undefined ? 0 : expected[n]!;
        if (p === 0 && e === 0) continue;
        maskCounts[p]!++;
        stretch(bounds, p, i, j, k);
        if (p === e) {
          sharedCounts[p]!++;
        } else {
          labelCounts[e]!++;
          stretch(bounds, e, i, j, k);
        }
      }
    }
  }
  const extents = new Map<number, Extent>();
  for (let value = 1; value < 256; value++) {
    const sharedVoxels = sharedCounts[value]!;
    const maskVoxels = maskCounts[value]!;
    const labelVoxels = labelCounts[value]! + sharedVoxels;
    if (maskVoxels + labelVoxels === 0) continue;
    const box = boxOf(bounds, value);
    extents.set(value, { maskVoxels, labelVoxels, sharedVoxels, box });
  }
  return extents;
}

/** The least and greatest index per value and axis. */
interface Bounds {
  readonly least: Int32Array;
  readonly greatest: Int32Array;
}

function newBounds(): Bounds {
  return {
    least: new Int32Array(3 * 256).fill(2 ** 31 - 1),
    greatest: new Int32Array(3 * 256).fill(-1),
  };
}

function stretch(
  { least, greatest }: Bounds,
  value: number,
  i: number,
  j: number,
  k: number,
): void {
  const at = 3 * value;
  if (i < least[at]!) least[at] = i;
  if (i > greatest[at]!) greatest[at] = i;
  if (j < least[at + 1]!) least[at + 1] = j;
  if (j > greatest[at + 1]!) greatest[at + 1] = j;
  if (k < least[at + 2]!) least[at + 2] = k;
  if (k > greatest[at + 2]!) greatest[at + 2] = k;
}

function boxOf({ least, greatest }: Bounds, value: number): Box {
  const at = 3 * value;
  const [i, j, k] = [least[at]!, least[at + 1]!, least[at + 2]!];
  const shape: Vec3 = [
    greatest[at]! - i + 1,
    greatest[at + 1]! - j + 1,
    greatest[at + 2]! - k + 1,
  ];
  return { origin: [i, j, k], shape };
}
