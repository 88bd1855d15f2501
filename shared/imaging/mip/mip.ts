/**
 * Coronal maximum-intensity projections: the picture by which people know a PET scan at a glance.
 * @module
 */
import type { Volume, VoxelArray } from "../volume.ts";
import {
  type CoronalPlane,
  coronalPlane,
  projectClasses,
  projectMaximum,
} from "./coronal.ts";
import {
  forEachOutlinePixel,
  resampleLinear,
  resampleNearest,
  type Side,
} from "./raster.ts";

/** A picture of indexed colours, row by row from the top. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** One index into the palette per pixel. */
  readonly pixels: Uint8Array;
  /** Red, green, blue of each index. */
  readonly palette: readonly Colour[];
}

export type Colour = readonly [number, number, number];

export interface MipOptions {
  /** A reference segmentation on the image's grid, outlined in a colour of its own. */
  readonly label?: Uint8Array;
  /**
   * The values shown white and black.
   * @default air and six times soft tissue, whatever the image's unit: the brain and the bladder come
   * out black
   */
  readonly window?: { readonly lo: number; readonly hi: number };
  /**
   * Side of a pixel.
   * @default the smaller spacing of the two that are seen
   */
  readonly pixelMm?: number;
}

const GREYS = 240;
const LABEL_INDEX = GREYS;
const FIRST_CLASS_INDEX = GREYS + 1;

/** Blue beside red: to be told apart by nearly everybody. */
export const LABEL_COLOUR: Colour = [0, 110, 255];

/** Of class 1, class 2...; classes beyond the last start again. */
export const CLASS_COLOURS: readonly Colour[] = [
  [230, 0, 38],
  [245, 130, 0],
  [200, 0, 200],
  [0, 150, 60],
  [140, 80, 20],
  [0, 160, 170],
];

const PALETTE: readonly Colour[] = [
  ...Array.from({ length: GREYS }, (_, n): Colour => {
    const grey = Math.round(255 * (1 - n / (GREYS - 1)));
    return [grey, grey, grey];
  }),
  LABEL_COLOUR,
  ...CLASS_COLOURS,
];

/** About SUV 6 for FDG, where the median of the projected body is near SUV 1. */
const BLACK_TO_SOFT_TISSUE = 6;

/** No picture gets a longer side, whatever a header says of spacings. */
const LONGEST_SIDE = 2048;

/**
 * The coronal maximum-intensity projection of a scan in any orientation, seen from the front with the
 * head up and the patient's right on the left; high values are dark, pixels are square. The shadow of
 * each class of the mask is outlined, over the outline of the label.
 *
 * @param mask class numbers on the image's grid, 0 for background
 * @throws {RangeError} when mask or label do not fit the image, or an option makes no sense.
 */
export function coronalMip(
  image: Volume<VoxelArray>,
  mask: Uint8Array,
  options: MipOptions = {},
): Picture {
  const plane = coronalPlane(image);
  const [across, down] = pictureSides(plane, options.pixelMm);
  const values = resampleLinear(
    projectMaximum(image.data, image, plane),
    across,
    down,
  );
  const [width, height] = [across.to, down.to];
  const pixels = toGreys(values, options.window ?? robustWindow(values));
  const outline = (
    classes: Uint8Array,
    colourOf: (classNumber: number) => number,
  ) => {
    const shadows = projectClasses(classes, image, plane);
    for (const [classNumber, shadow] of shadows) {
      const colour = colourOf(classNumber);
      forEachOutlinePixel(
        resampleNearest(shadow, across, down),
        width,
        height,
        (pixel) => pixels[pixel] = colour,
      );
    }
  };
  if (options.label !== undefined) outline(options.label, () => LABEL_INDEX);
  outline(
    mask,
    (classNumber) =>
      FIRST_CLASS_INDEX + (classNumber - 1) % CLASS_COLOURS.length,
  );
  return { width, height, pixels, palette: PALETTE };
}

function pictureSides(
  { width, height, pixelMm: [acrossMm, downMm] }: CoronalPlane,
  wantedMm = Math.min(acrossMm, downMm),
): [Side, Side] {
  if (!(wantedMm > 0)) {
    throw new RangeError(
      `Cannot draw pixels of ${wantedMm} mm: their side must be above 0`,
    );
  }
  const longestMm = Math.max(width * acrossMm, height * downMm);
  const mm = Math.max(wantedMm, longestMm / LONGEST_SIDE);
  const side = (from: number, spacing: number): Side => ({
    from,
    to: Math.max(1, Math.round(from * spacing / mm)),
  });
  return [side(width, acrossMm), side(height, downMm)];
}

/**
 * The share of the picture that brain and bladder fill varies with the field of view, so that a
 * percentile alone would show some scans dark and others pale; soft tissue is much the same in all.
 */
function robustWindow(values: Float32Array): { lo: number; hi: number } {
  const sorted = values.toSorted();
  const at = (share: number) =>
    sorted[Math.round(share * (sorted.length - 1))]!;
  const lo = at(0.01);
  const air = lo + 0.05 * (at(0.97) - lo);
  const firstOfBody = sorted.findIndex((value) => value > air);
  if (firstOfBody === -1) return { lo, hi: lo };
  const softTissue = sorted[(firstOfBody + sorted.length) >> 1]!;
  return { lo, hi: lo + BLACK_TO_SOFT_TISSUE * (softTissue - lo) };
}

function toGreys(
  values: Float32Array,
  { lo, hi }: { lo: number; hi: number },
): Uint8Array {
  if (!(lo <= hi)) {
    throw new RangeError(`Cannot show the values from ${lo} to ${hi}`);
  }
  const perUnit = hi > lo ? (GREYS - 1) / (hi - lo) : 0;
  const greys = new Uint8Array(values.length);
  for (let n = 0; n < values.length; n++) {
    const level = Math.round((values[n]! - lo) * perUnit);
    greys[n] = level > GREYS - 1 ? GREYS - 1 : level > 0 ? level : 0;
  }
  return greys;
}
