/**
 * Synthetic whole-body FDG-like PET with known lesions, for demonstrations and tests: plausible to the
 * eye and hard in the right way (hot organs are no tumour), but no model of a real scanner.
 *
 * The same options give the same bytes on every machine: all arithmetic is of operations that IEEE 754
 * rounds exactly, and what is left is rounded to steps.
 * @module
 */
import { type Vec3, type Volume, voxelCount } from "../volume.ts";
import { blur, gaussianWeights } from "./blur.ts";
import { makeBody } from "./body.ts";
import { addNoise } from "./noise.ts";
import { makeLesions } from "./lesions.ts";
import { makeOrgans } from "./organs.ts";
import { type Canvas, mark, paint, suvAt } from "./paint.ts";
import { placeBody } from "./placement.ts";
import { Random } from "./random.ts";
import { checkScale, type PhantomScale, toScale } from "./scale.ts";
import { inset } from "./shapes.ts";

export interface PhantomOptions {
  /** A whole number from 0 to 2^32 - 1. */
  readonly seed: number;
  /** Which case of the seed, from 0; each is another person. */
  readonly index: number;
  readonly shape: Vec3;
  readonly spacingMm: Vec3;
  /** @default "SUV" */
  readonly scale?: PhantomScale;
  /**
   * The last of every so many cases has no lesion; 0 gives every case some.
   * @default 8
   */
  readonly emptyEvery?: number;
}

export interface Phantom {
  readonly image: Volume<Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>>;
  /** 1 where the voxel's centre lies in a lesion as it is before the blur, else 0. */
  readonly label: Volume<Uint8Array<ArrayBuffer>>;
}

/** So that rules for empty labels are exercised, yet small sets have tumours in all cases. */
const EMPTY_EVERY = 8;

const FAT_LAYER_MM = 9;

/** A volume larger than this is a mistake rather than a wish. */
const MAX_VOXELS = 2 ** 28;

/** Reaching a case's random numbers takes time in proportion to its index. */
const MAX_INDEX = 99_999;

const MAX_SPACING_MM = 100;

/**
 * One case. A field of view shorter than 900 mm (or narrower than 480 x 330 mm) gets a person smaller
 * in proportion, lesions and point spread included, so that every shape shows a whole body.
 *
 * @throws {RangeError} for options outside the ranges above.
 */
export function makePhantom(options: PhantomOptions): Phantom {
  const { seed, index, shape, spacingMm, scale = "SUV" } = options;
  const { emptyEvery = EMPTY_EVERY } = options;
  check(options);
  const random = new Random(seed, index);
  const placement = placeBody(random, shape, spacingMm);
  const { affine } = placement;
  const data = new Float32Array(voxelCount(shape));
  const canvas: Canvas = { ...placement, shape, data };

  const body = makeBody(random, placement.armsRaised);
  const organs = makeOrgans(random);
  const softTissueSuv = random.uniform(0.5, 0.66);
  for (const part of body) paint(canvas, part, 0.5 * softTissueSuv);
  for (const part of body) {
    paint(canvas, inset(part, FAT_LAYER_MM), softTissueSuv);
  }
  for (const { shape, suv } of organs) paint(canvas, shape, suv);

  const label = new Uint8Array(data.length);
  if (!isEmptyCase(index, emptyEvery)) {
    const lesions = makeLesions(random, {
      placement,
      spacingMm,
      body,
      organs,
      suvAt: (point) => suvAt(canvas, point),
    });
    for (const { lobes, suv } of lesions) {
      for (const lobe of lobes) {
        paint(canvas, lobe, suv);
        mark(label, canvas, lobe);
      }
    }
  }

  const pointSpreadMm = placement.fit * random.uniform(5.2, 6.8);
  const [wi, wj, wk] = spacingMm.map((mm) =>
    gaussianWeights(pointSpreadMm, mm)
  );
  blur(data, shape, [wi!, wj!, wk!]);
  addNoise(data, shape, random, random.uniform(0.14, 0.21), [wi!, wj!, wk!]);
  return {
    image: { data: toScale(data, scale), shape, affine },
    label: { data: label, shape, affine },
  };
}

/** Whether a case is one without lesions. */
export function isEmptyCase(index: number, emptyEvery = EMPTY_EVERY): boolean {
  return emptyEvery > 0 && index % emptyEvery === emptyEvery - 1;
}

function check(options: PhantomOptions): void {
  const { seed, index, shape, spacingMm, scale = "SUV" } = options;
  const { emptyEvery = EMPTY_EVERY } = options;
  checkWhole("the seed", seed, 0, 2 ** 32 - 1);
  checkWhole("the index", index, 0, MAX_INDEX);
  checkWhole("emptyEvery", emptyEvery, 0, MAX_INDEX);
  for (const length of shape) checkWhole("a shape", length, 1, MAX_VOXELS);
  if (voxelCount(shape) > MAX_VOXELS) {
    throw new RangeError(
      `Cannot make a phantom of ${
        shape.join(" x ")
      } voxels: at most ${MAX_VOXELS} are allowed`,
    );
  }
  for (const mm of spacingMm) {
    if (!(mm > 0) || !(mm <= MAX_SPACING_MM)) {
      throw new RangeError(
        `Cannot make a phantom with a spacing of ${mm} mm: it must be above 0, ${MAX_SPACING_MM} at most`,
      );
    }
  }
  checkScale(scale);
}

function checkWhole(what: string, value: number, lo: number, hi: number): void {
  if (Number.isInteger(value) && value >= lo && value <= hi) return;
  throw new RangeError(
    `Cannot make a phantom: ${what} must be a whole number from ${lo} to ${hi}, not ${value}`,
  );
}
