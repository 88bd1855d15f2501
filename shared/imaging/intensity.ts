/**
 * Intensities as networks expect them.
 * @module
 */

export interface IntensityRange {
  readonly lo: number;
  readonly hi: number;
}

/** Maps lo..hi to 0..1 and clips, in place (MONAI 1.5's `ScaleIntensityRange` with `clip`). */
export function scaleAndClip(
  data: Float32Array<ArrayBuffer>,
  { lo, hi }: IntensityRange,
): void {
  const scale = 1 / (hi - lo);
  for (let n = 0; n < data.length; n++) {
    const value = (data[n]! - lo) * scale;
    data[n] = value < 0 ? 0 : value > 1 ? 1 : value;
  }
}
