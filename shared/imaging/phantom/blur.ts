/**
 * Separable Gaussian blur: the point spread of a scanner.
 * @module
 */
import type { Vec3 } from "../volume.ts";

const FWHM_PER_SIGMA = 2.3548200450309493;
const TRUNCATE_AT_SIGMAS = 3;

/** Columns blurred together: enough to keep the inner loop long, few enough to stay in the cache. */
const CHUNK = 256;

/**
 * The weights at distances 0, 1, 2... voxels; they and their mirror images sum to 1.
 *
 * @param widthMm full width at half maximum
 */
export function gaussianWeights(
  widthMm: number,
  spacingMm: number,
): Float64Array {
  const sigma = widthMm / FWHM_PER_SIGMA / spacingMm;
  const radius = Math.ceil(TRUNCATE_AT_SIGMAS * sigma);
  const weights = Float64Array.from(
    { length: radius + 1 },
    (_, n) => decay(n * n / (2 * sigma * sigma)),
  );
  let sum = weights[0]!;
  for (let n = 1; n <= radius; n++) sum += 2 * weights[n]!;
  return weights.map((weight) => weight / sum);
}

/**
 * Nearly exp(-x), as (1 + x / 4096)^-4096: the last bits of `Math.exp` differ between machines, those of
 * products do not.
 */
function decay(x: number): number {
  let power = 1 + x / 4096;
  for (let n = 0; n < 12; n++) power *= power;
  return 1 / power;
}

/**
 * Blurs in place, one axis after the other. Beyond the edges the outermost voxels go on, so that a body
 * that the field of view cuts does not fade there.
 *
 * @param weights for each axis, from {@linkcode gaussianWeights}
 */
export function blur(
  data: Float32Array,
  shape: Vec3,
  weights: readonly [Float64Array, Float64Array, Float64Array],
): void {
  const [ni, nj, nk] = shape;
  blurAxis(data, 1, ni, nj * nk, weights[0]);
  blurAxis(data, ni, nj, nk, weights[1]);
  blurAxis(data, ni * nj, nk, 1, weights[2]);
}

/** Blurs the middle axis of data indexed [outer][length][inner]. */
function blurAxis(
  data: Float32Array,
  outer: number,
  length: number,
  inner: number,
  weights: Float64Array,
): void {
  const radius = weights.length - 1;
  if (radius === 0) return;
  const columns = Math.min(CHUNK, inner);
  const padded = new Float32Array((length + 2 * radius) * columns);
  const sums = new Float64Array(columns);
  for (let block = 0; block < outer; block++) {
    for (let start = 0; start < inner; start += columns) {
      const width = Math.min(columns, inner - start);
      const base = block * length * inner + start;
      for (let row = 0; row < length + 2 * radius; row++) {
        const from = base +
          Math.min(length - 1, Math.max(0, row - radius)) * inner;
        for (let c = 0; c < width; c++) {
          padded[row * columns + c] = data[from + c]!;
        }
      }
      for (let row = 0; row < length; row++) {
        const middle = (row + radius) * columns;
        for (let c = 0; c < width; c++) {
          sums[c] = weights[0]! * padded[middle + c]!;
        }
        for (let n = 1; n <= radius; n++) {
          const weight = weights[n]!;
          const before = middle - n * columns;
          const after = middle + n * columns;
          for (let c = 0; c < width; c++) {
            sums[c]! += weight * (padded[before + c]! + padded[after + c]!);
          }
        }
        const to = base + row * inner;
        for (let c = 0; c < width; c++) data[to + c] = sums[c]!;
      }
    }
  }
}
