/**
 * Pictures of a projection: making pixels square, and outlines.
 * @module
 */

/** How one side of a picture is resampled: from so many pixels to so many. */
export interface Side {
  readonly from: number;
  readonly to: number;
}

/** Bilinear, pixel areas aligned; the outermost values go on to the edge. */
export function resampleLinear(
  values: Float32Array,
  across: Side,
  down: Side,
): Float32Array {
  const columns = positions(across);
  const rows = positions(down);
  const result = new Float32Array(across.to * down.to);
  for (let y = 0, n = 0; y < down.to; y++) {
    const row = rows[y]!;
    const upper = row.before * across.from;
    const lower = row.after * across.from;
    for (let x = 0; x < across.to; x++, n++) {
      const { before, after, share } = columns[x]!;
      const above = values[upper + before]! * (1 - share) +
        values[upper + after]! * share;
      const below = values[lower + before]! * (1 - share) +
        values[lower + after]! * share;
      result[n] = above * (1 - row.share) + below * row.share;
    }
  }
  return result;
}

interface Position {
  readonly before: number;
  readonly after: number;
  /** How much of `after` there is. */
  readonly share: number;
}

function positions({ from, to }: Side): Position[] {
  return Array.from({ length: to }, (_, n) => {
    const at = (n + 0.5) * from / to - 0.5;
    const inside = Math.min(from - 1, Math.max(0, at));
    const before = Math.floor(inside);
    return {
      before,
      after: Math.min(from - 1, before + 1),
      share: inside - before,
    };
  });
}

/** The pixel that each pixel's middle falls into, so that areas keep sharp edges. */
export function resampleNearest(
  values: Uint8Array,
  across: Side,
  down: Side,
): Uint8Array {
  const result = new Uint8Array(across.to * down.to);
  for (let y = 0, n = 0; y < down.to; y++) {
    const row = nearest(y, down) * across.from;
    for (let x = 0; x < across.to; x++, n++) {
      result[n] = values[row + nearest(x, across)]!;
    }
  }
  return result;
}

function nearest(n: number, { from, to }: Side): number {
  return Math.min(from - 1, Math.floor((n + 0.5) * from / to));
}

/**
 * Calls back for every pixel outside an area (values above 0) that touches it with a side: a line of one
 * pixel that leaves the area itself, even one of a single pixel, to be seen.
 */
export function forEachOutlinePixel(
  area: Uint8Array,
  width: number,
  height: number,
  visit: (pixel: number) => void,
): void {
  for (let y = 0, n = 0; y < height; y++) {
    for (let x = 0; x < width; x++, n++) {
      if (area[n]! > 0) continue;
      const touches = (x > 0 && area[n - 1]! > 0) ||
        (x < width - 1 && area[n + 1]! > 0) ||
        (y > 0 && area[n - width]! > 0) ||
        (y < height - 1 && area[n + width]! > 0);
      if (touches) visit(n);
    }
  }
}
