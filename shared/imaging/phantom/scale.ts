/**
 * The values that a phantom's voxels are stored as.
 * @module
 */

/**
 * SUV as floating-point numbers, or a display scale of whole numbers as some collections have it: `lo`
 * for no uptake, `hi` for `suvAtHi` and more, linear between.
 */
export type PhantomScale = "SUV" | {
  readonly lo: number;
  readonly hi: number;
  readonly suvAtHi: number;
};

/**
 * The scale of lymphoma scans kept as 70 (air) to 255. Read off their histograms: there the liver is at
 * 114 to 128, muscle of the thigh at 84, the brain at 200 and above, and lesions begin at 137 sharp;
 * with 255 for SUV 7 these are SUV 1.7 to 2.2, 0.5, from 4.9, and the usual threshold of SUV 2.5.
 */
export const DISPLAY_SCALE = { lo: 70, hi: 255, suvAtHi: 7 } as const;

/** SUVs are stored in these steps: fine against the noise, and files of them pack well. */
const SUV_STEPS_PER_UNIT = 256;

/** @throws {RangeError} when a display scale does not fit into 8 bits or rises nowhere. */
export function checkScale(scale: PhantomScale): void {
  if (scale === "SUV") return;
  const { lo, hi, suvAtHi } = scale;
  const isByte = (value: number) =>
    Number.isInteger(value) && value >= 0 && value <= 255;
  if (!isByte(lo) || !isByte(hi) || lo >= hi) {
    throw new RangeError(
      `Cannot scale phantoms to ${lo}..${hi}: both must be whole numbers from 0 to 255, the first the smaller`,
    );
  }
  if (!(suvAtHi > 0) || !Number.isFinite(suvAtHi)) {
    throw new RangeError(
      `Cannot scale phantoms: the SUV shown as ${hi} must be above 0, not ${suvAtHi}`,
    );
  }
}

/** Rounds SUVs to what is stored; those of "SUV" in place. None is negative. */
export function toScale(
  suv: Float32Array<ArrayBuffer>,
  scale: PhantomScale,
): Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer> {
  if (scale === "SUV") {
    for (let n = 0; n < suv.length; n++) {
      suv[n] = Math.max(0, Math.round(suv[n]! * SUV_STEPS_PER_UNIT)) /
        SUV_STEPS_PER_UNIT;
    }
    return suv;
  }
  const { lo, hi, suvAtHi } = scale;
  const perSuv = (hi - lo) / suvAtHi;
  const bytes = new Uint8Array(suv.length);
  for (let n = 0; n < suv.length; n++) {
    const value = Math.round(lo + perSuv * suv[n]!);
    bytes[n] = value < lo ? lo : value > hi ? hi : value;
  }
  return bytes;
}
