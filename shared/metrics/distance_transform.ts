/**
 * The exact Euclidean distance transform of a set of voxels, evaluated only at the voxels asked for.
 *
 * Squared distance separates by axis, so it is minimised along k, then along j (lower envelopes of
 * parabolas: Felzenszwalb & Huttenlocher, "Distance Transforms of Sampled Functions", 2012), then
 * along i. Each slice i is done by itself and offered at once to every voxel asked for, so that one
 * slice of memory suffices and slices that hold nothing, or are too far to matter, cost nothing.
 * @module
 */
import type { Vec3 } from "../imaging/volume.ts";

/**
 * The distance in millimetres from each voxel of `from` to the nearest voxel of `to`, both ascending
 * flat indices into a volume of this shape; Infinity where `to` is empty.
 */
export function nearestDistancesMm(
  from: Int32Array,
  to: Int32Array,
  [ni, nj, nk]: Vec3,
  spacingMm: Vec3,
): Float64Array<ArrayBuffer> {
  const slice = nj * nk;
  const nearest = new Float64Array(from.length).fill(Infinity);
  const inSlice = from.map((n) => n % slice);
  const firstFrom = firstOfSlices(from, ni, slice);
  const firstTo = firstOfSlices(to, ni, slice);
  const worst = new Float64Array(ni).fill(Infinity);
  const scratch = newScratch(inSlice, nj, nk, spacingMm);
  const { plane } = scratch;
  for (let i = 0; i < ni; i++) {
    if (firstTo[i] === firstTo[i + 1]) continue;
    const targets = to.subarray(firstTo[i], firstTo[i + 1]);
    transformSlice(scratch, targets, i * slice);
    for (let at = 0; at < ni; at++) {
      const across = ((at - i) * spacingMm[0]) ** 2;
      if (across >= worst[at]!) continue;
      const end = firstFrom[at + 1]!;
      let farthest = 0;
      for (let n = firstFrom[at]!; n < end; n++) {
        const squared = across + plane[inSlice[n]!]!;
        if (squared < nearest[n]!) nearest[n] = squared;
        if (nearest[n]! > farthest) farthest = nearest[n]!;
      }
      worst[at] = farthest;
    }
  }
  return nearest.map(Math.sqrt);
}

/** Where each slice's voxels begin in an ascending list, and the list's length at the end. */
function firstOfSlices(
  voxels: Int32Array,
  ni: number,
  slice: number,
): Int32Array<ArrayBuffer> {
  const first = new Int32Array(ni + 1);
  let n = 0;
  for (let i = 0; i < ni; i++) {
    first[i] = n;
    while (n < voxels.length && voxels[n]! < (i + 1) * slice) n++;
  }
  first[ni] = n;
  return first;
}

/** What the transforms of all slices share. */
interface Scratch {
  readonly nk: number;
  /** Spacing along j. */
  readonly rowMm: number;
  /** Squared distances in the last slice transformed, valid at the columns and rows asked for. */
  readonly plane: Float64Array;
  /** Squared distances along k, one row after the other for each row that holds targets. */
  readonly alongRows: Float64Array;
  /** The squared distance of voxels so many columns apart. */
  readonly squares: Float64Array;
  readonly columns: Int32Array;
  readonly firstRow: number;
  readonly lastRow: number;
}

function newScratch(
  inSlice: Int32Array,
  nj: number,
  nk: number,
  spacingMm: Vec3,
): Scratch {
  const used = new Uint8Array(nk);
  let [firstRow, lastRow] = [nj, -1];
  for (const n of inSlice) {
    const row = Math.floor(n / nk);
    used[n - row * nk] = 1;
    firstRow = Math.min(firstRow, row);
    lastRow = Math.max(lastRow, row);
  }
  return {
    nk,
    rowMm: spacingMm[1],
    plane: new Float64Array(nj * nk),
    alongRows: new Float64Array(nj * nk),
    squares: Float64Array.from(used, (_, k) => (k * spacingMm[2]) ** 2),
    columns: Int32Array.from(used.keys()).filter((k) => used[k] === 1),
    firstRow,
    lastRow,
  };
}

/** Writes `plane` for the targets of the slice that begins at `offset`; there is at least one. */
function transformSlice(
  scratch: Scratch,
  targets: Int32Array,
  offset: number,
): void {
  const { nk, rowMm, plane, alongRows, columns, firstRow, lastRow } = scratch;
  const rows = transformRows(scratch, targets, offset);
  // The rows whose parabolas make up the lower envelope, and up to where (in mm) each is lowest.
  const envelope = new Int32Array(rows.length);
  const until = new Float64Array(rows.length);
  for (const k of columns) {
    let last = 0;
    envelope[0] = 0;
    let lastMm = rows[0]! * rowMm;
    let lastHeight = alongRows[k]! + lastMm * lastMm;
    for (let row = 1; row < rows.length; row++) {
      const mm = rows[row]! * rowMm;
      const height = alongRows[row * nk + k]! + mm * mm;
      let crossing = (height - lastHeight) / (2 * (mm - lastMm));
      while (last > 0 && crossing <= until[last - 1]!) {
        const below = envelope[--last]!;
        lastMm = rows[below]! * rowMm;
        lastHeight = alongRows[below * nk + k]! + lastMm * lastMm;
        crossing = (height - lastHeight) / (2 * (mm - lastMm));
      }
      until[last++] = crossing;
      envelope[last] = row;
      lastMm = mm;
      lastHeight = height;
    }
    until[last] = Infinity;
    let piece = 0;
    for (let j = firstRow; j <= lastRow; j++) {
      while (until[piece]! < j * rowMm) piece++;
      const row = envelope[piece]!;
      const across = (j - rows[row]!) * rowMm;
      plane[j * nk + k] = alongRows[row * nk + k]! + across * across;
    }
  }
}

/** Writes `alongRows` and gives the rows that hold targets. */
function transformRows(
  { nk, alongRows, squares }: Scratch,
  targets: Int32Array,
  offset: number,
): Int32Array {
  const rows: number[] = [];
  let n = 0;
  while (n < targets.length) {
    const row = Math.floor((targets[n]! - offset) / nk);
    const at = rows.push(row) * nk - nk;
    const start = offset + row * nk;
    let target = targets[n]! - start;
    for (let k = 0; k < target; k++) alongRows[at + k] = squares[target - k]!;
    for (n++; n < targets.length && targets[n]! < start + nk; n++) {
      const next = targets[n]! - start;
      const middle = (target + next) >> 1;
      for (let k = target; k <= middle; k++) {
        alongRows[at + k] = squares[k - target]!;
      }
      for (let k = middle + 1; k < next; k++) {
        alongRows[at + k] = squares[next - k]!;
      }
      target = next;
    }
    for (let k = target; k < nk; k++) alongRows[at + k] = squares[k - target]!;
  }
  return Int32Array.from(rows);
}
