/**
 * Everything measured of one case. The schemas are the single source of the types.
 * Distances take the voxel axes as orthogonal, with the affine's column lengths as spacing.
 * @module
 */
import { z } from "zod";
import { CaseError } from "../case_error.ts";
import { determinant, spacingMm } from "../imaging/affine.ts";
import type { Volume } from "../imaging/volume.ts";
import { type Extent, findExtents } from "./extents.ts";
import {
  comparedLesionsSchema,
  compareLesions,
  findLesions,
  lesionsSchema,
} from "./lesions.ts";
import { measureOverlap, overlapSchema } from "./overlap.ts";
import { measurePet, petSchema, type PetUnit, petUnitSchema } from "./pet.ts";
import { cutOut } from "./region.ts";
import { gridDifference } from "./same_grid.ts";
import {
  measureSurfaces,
  surfaceDistances,
  surfaceMetricsSchema,
} from "./surface_distance.ts";

/** How mask and reference stand to each other; `missed`: an empty mask, `falseAlarm`: an empty reference. */
export const outcomeSchema = z.enum([
  "compared",
  "bothEmpty",
  "missed",
  "falseAlarm",
]);
export type Outcome = z.infer<typeof outcomeSchema>;

export const maskClassSchema = z.strictObject({
  name: z.string(),
  volumeMl: z.number().min(0),
  lesions: lesionsSchema,
  /** Of the mask, not of the reference. */
  pet: petSchema,
});

/** One class of a mask without a reference. */
export type MaskClassMetrics = z.infer<typeof maskClassSchema>;

export const comparedClassSchema = maskClassSchema.extend({
  outcome: outcomeSchema,
  referenceVolumeMl: z.number().min(0),
  ...overlapSchema.shape,
  ...surfaceMetricsSchema.shape,
  lesions: comparedLesionsSchema,
});

/** One class of a mask and its reference. */
export type ComparedClassMetrics = z.infer<typeof comparedClassSchema>;

export const maskMetricsSchema = z.strictObject({
  labelled: z.literal(false),
  unit: petUnitSchema,
  /** One entry per foreground class, in the classes' order. */
  classes: z.array(maskClassSchema),
});
export type MaskMetrics = z.infer<typeof maskMetricsSchema>;

export const comparedMetricsSchema = z.strictObject({
  labelled: z.literal(true),
  unit: petUnitSchema,
  /** One entry per foreground class, in the classes' order. */
  classes: z.array(comparedClassSchema),
});
export type ComparedMetrics = z.infer<typeof comparedMetricsSchema>;

/** The metrics of a case, with a label to compare with or without one. */
export const caseMetricsSchema = z.discriminatedUnion("labelled", [
  maskMetricsSchema,
  comparedMetricsSchema,
]);
export type CaseMetrics = z.infer<typeof caseMetricsSchema>;

export interface MaskToMeasure {
  readonly mask: Volume<Uint8Array<ArrayBuffer>>;
  /** The image the mask belongs to; needed for SUV figures only. */
  readonly image?: Volume;
  readonly unit: PetUnit;
  /** Names by mask value; the first is the background. */
  readonly classes: readonly string[];
}

export interface CaseToMeasure extends MaskToMeasure {
  readonly label: Volume<Uint8Array<ArrayBuffer>>;
}

/**
 * Compares a mask with its label, class by class: overlap, surface distances, lesions, PET quantities.
 *
 * @throws {CaseError} `label`, when the label lies on another grid, or mask or label hold a value that
 * is no class; `geometry`, when the image lies on another grid than the mask.
 */
export function measureCase(
  { mask, label, image, unit, classes }: CaseToMeasure,
): ComparedMetrics {
  requireSameGrid("label", mask, "its label", label);
  if (image) requireSameGrid("geometry", mask, "its image", image);
  const extents = findExtents(mask, label);
  requireKnownValues(extents, classes);
  const voxelMl = voxelVolumeMl(mask);
  const spacing = spacingMm(mask.affine);
  return {
    labelled: true,
    unit,
    classes: foreground(classes).map(([value, name]) => {
      const extent = extents.get(value) ?? NOWHERE;
      const ofMask = cutOut(mask, value, extent.box);
      const ofLabel = cutOut(label, value, extent.box);
      const distances = surfaceDistances(
        ofMask.data,
        ofLabel.data,
        extent.box.shape,
        spacing,
      );
      return {
        name,
        outcome: outcomeOf(extent),
        volumeMl: extent.maskVoxels * voxelMl,
        referenceVolumeMl: extent.labelVoxels * voxelMl,
        ...measureOverlap(extent),
        ...measureSurfaces(distances),
        lesions: compareLesions(ofMask, ofLabel, voxelMl),
        pet: measurePet(ofMask, voxelMl, unit, image),
      };
    }),
  };
}

/**
 * Measures a mask that has no label: volumes, lesions, PET quantities.
 *
 * @throws {CaseError} `label`, when the mask holds a value that is no class; `geometry`, when the image
 * lies on another grid than the mask.
 */
export function measureMask(
  { mask, image, unit, classes }: MaskToMeasure,
): MaskMetrics {
  if (image) requireSameGrid("geometry", mask, "its image", image);
  const extents = findExtents(mask);
  requireKnownValues(extents, classes);
  const voxelMl = voxelVolumeMl(mask);
  return {
    labelled: false,
    unit,
    classes: foreground(classes).map(([value, name]) => {
      const extent = extents.get(value) ?? NOWHERE;
      const ofMask = cutOut(mask, value, extent.box);
      return {
        name,
        volumeMl: extent.maskVoxels * voxelMl,
        lesions: findLesions(ofMask, voxelMl),
        pet: measurePet(ofMask, voxelMl, unit, image),
      };
    }),
  };
}

/** The extent of a class that is in neither mask nor label. */
const NOWHERE: Extent = {
  maskVoxels: 0,
  labelVoxels: 0,
  sharedVoxels: 0,
  box: { origin: [0, 0, 0], shape: [0, 0, 0] },
};

function foreground(classes: readonly string[]): [number, string][] {
  return classes.map((name, value): [number, string] => [value, name]).slice(1);
}

function voxelVolumeMl({ affine }: Pick<Volume, "affine">): number {
  return Math.abs(determinant(affine)) / 1000;
}

function outcomeOf({ maskVoxels, labelVoxels }: Extent): Outcome {
  if (maskVoxels === 0) return labelVoxels === 0 ? "bothEmpty" : "missed";
  return labelVoxels === 0 ? "falseAlarm" : "compared";
}

function requireSameGrid(
  kind: "label" | "geometry",
  mask: Pick<Volume, "shape" | "affine">,
  name: string,
  other: Pick<Volume, "shape" | "affine">,
): void {
  const difference = gridDifference(mask, "the mask", other, name);
  if (difference !== null) {
    throw new CaseError(kind, `the grids differ: ${difference}`);
  }
}

function requireKnownValues(
  extents: ReadonlyMap<number, Extent>,
  classes: readonly string[],
): void {
  for (const [value, { labelVoxels }] of extents) {
    if (value < classes.length) continue;
    const known = classes.map((name, index) => `${index} ${name}`).join(", ");
    throw new CaseError(
      "label",
      `${
        labelVoxels > 0 ? "its label" : "its mask"
      } holds the value ${value}, ` +
        `but the classes are ${known}`,
    );
  }
}
