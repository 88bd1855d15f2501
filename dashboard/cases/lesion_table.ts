/**
 * The lesions of a case as a table: those of the label, each found or missed; and those of the mask that meet none
 * of them. Without a label, those of the mask.
 * @module
 */
import { z } from "zod";
import { determinant, transform } from "../../shared/imaging/affine.ts";
import { findComponents } from "../../shared/imaging/components.ts";
import type { Vec3, Volume } from "../../shared/imaging/volume.ts";
import { findExtents } from "../../shared/metrics/extents.ts";
import {
  LESION_CONNECTIVITY,
  MAX_LISTED_LESIONS,
} from "../../shared/metrics/lesions.ts";
import { cutOut, type Region } from "../../shared/metrics/region.ts";

export const lesionRowSchema = z.strictObject({
  className: z.string(),
  /** `false`: of the mask, where the label has nothing. `predicted`: there is no label to say. */
  kind: z.enum(["found", "missed", "false", "predicted"]),
  /** Of the label's lesion; null for one of the mask alone. */
  labelMl: z.number().min(0).nullable(),
  /** Of the mask's lesions that meet it, or its own. */
  maskMl: z.number().min(0).nullable(),
  /** Within the label's lesion, or the mask's where it has none; null unless the unit is SUV. */
  suvMax: z.number().nullable(),
  suvMean: z.number().nullable(),
  /** Mean position, in RAS+ millimetres. */
  centroidMm: z.tuple([z.number(), z.number(), z.number()]),
  /** The centre of the lesion's own voxel that is nearest to it. */
  atMm: z.tuple([z.number(), z.number(), z.number()]),
});
export type LesionRow = z.infer<typeof lesionRowSchema>;

export const lesionTableSchema = z.strictObject({
  /** The largest of each class and kind first. */
  lesions: z.array(lesionRowSchema),
  /** Those that the table leaves out. */
  nLeftOut: z.int().min(0),
  /** Why there are no SUVs where there should be; null: all is well. */
  problem: z.string().nullable(),
});
export type LesionTable = z.infer<typeof lesionTableSchema>;

export interface LesionInput {
  readonly mask: Volume<Uint8Array<ArrayBuffer>>;
  readonly label: Volume<Uint8Array<ArrayBuffer>> | null;
  /** In SUV; null where it is not, or is not known. */
  readonly image: Volume | null;
  /** Names by value; the first is the background. */
  readonly classes: readonly string[];
}

/** Mask, label and image lie on one grid. */
export function tabulateLesions(
  { mask, label, image, classes }: LesionInput,
): Omit<LesionTable, "problem"> {
  const extents = findExtents(mask, label ?? undefined);
  const rows = classes.flatMap((className, value) => {
    const extent = value === 0 ? undefined : extents.get(value);
    if (extent === undefined) return [];
    const ofMask = components(cutOut(mask, value, extent.box), mask, image);
    if (label === null) {
      return ofMask.list.map((one) =>
        rowOf(className, "predicted", one, null, one.volumeMl)
      );
    }
    const ofLabel = components(cutOut(label, value, extent.box), mask, image);
    const found = ofLabel.list.map((one) => {
      const met = [...ofMask.meeting(one)];
      const maskMl = met.reduce((sum, { volumeMl }) => sum + volumeMl, 0);
      return met.length > 0
        ? rowOf(className, "found", one, one.volumeMl, maskMl)
        : rowOf(className, "missed", one, one.volumeMl, null);
    });
    const wrong = ofMask.list
      .filter((one) => ofLabel.meeting(one).size === 0)
      .map((one) => rowOf(className, "false", one, null, one.volumeMl));
    return [...found, ...wrong];
  });
  const sorted = rows.sort((a, b) =>
    KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || sizeOf(b) - sizeOf(a)
  );
  const lesions = sorted.slice(0, MAX_LISTED_LESIONS);
  return { lesions, nLeftOut: sorted.length - lesions.length };
}

/** What needs a look comes first. */
const KINDS: readonly LesionRow["kind"][] = [
  "missed",
  "false",
  "found",
  "predicted",
];

function sizeOf({ labelMl, maskMl }: LesionRow): number {
  return labelMl ?? maskMl ?? 0;
}

/** One lesion, by the runs of voxels it is made of. */
interface Component {
  readonly volumeMl: number;
  readonly suvMax: number | null;
  readonly suvMean: number | null;
  readonly centroidMm: [number, number, number];
  readonly atMm: [number, number, number];
  /** First and last + 1 flat index in the box, in turn. */
  readonly runs: readonly number[];
}

interface Components {
  readonly list: readonly Component[];
  /** Those that share a voxel with another segmentation's lesion in the same box. */
  meeting(other: Component): Set<Component>;
}

function components(
  { data, shape, origin }: Region,
  grid: Pick<Volume, "shape" | "affine">,
  image: Volume | null,
): Components {
  const found = findComponents(data, shape, LESION_CONNECTIVITY);
  const runs = Array.from({ length: found.count }, (): number[] => []);
  const owners = new Int32Array(data.length).fill(-1);
  for (let run = 0; run < found.starts.length; run++) {
    const [start, end] = [found.starts[run]!, found.ends[run]!];
    runs[found.components[run]!]!.push(start, end);
    owners.fill(found.components[run]!, start, end);
  }
  const voxelMl = Math.abs(determinant(grid.affine)) / 1000;
  const list = runs.map((own) =>
    measure(own, { shape, origin }, grid, image, voxelMl)
  );
  return {
    list,
    meeting(other) {
      const met = new Set<Component>();
      forEachVoxel(other.runs, (n) => {
        const owner = owners[n]!;
        if (owner !== -1) met.add(list[owner]!);
      });
      return met;
    },
  };
}

function measure(
  runs: readonly number[],
  { shape: [, nj, nk], origin }: Pick<Region, "shape" | "origin">,
  { shape: [, gridJ, gridK], affine }: Pick<Volume, "shape" | "affine">,
  image: Volume | null,
  voxelMl: number,
): Component {
  const voxelOf = (n: number): Vec3 => {
    const row = Math.floor(n / nk);
    const i = Math.floor(row / nj);
    return [
      origin[0] + i,
      origin[1] + row - i * nj,
      origin[2] + n - row * nk,
    ];
  };
  const sum = [0, 0, 0];
  let [count, total, max] = [0, 0, -Infinity];
  forEachVoxel(runs, (n) => {
    const [i, j, k] = voxelOf(n);
    sum[0]! += i;
    sum[1]! += j;
    sum[2]! += k;
    count++;
    if (image === null) return;
    const value = image.data[(i * gridJ + j) * gridK + k]!;
    total += value;
    if (value > max) max = value;
  });
  const centroid: Vec3 = [sum[0]! / count, sum[1]! / count, sum[2]! / count];
  const centroidMm = transform(affine, centroid);
  let [nearest, nearestMm] = [centroidMm, Infinity];
  forEachVoxel(runs, (n) => {
    const at = transform(affine, voxelOf(n));
    const distance = Math.hypot(
      at[0] - centroidMm[0],
      at[1] - centroidMm[1],
      at[2] - centroidMm[2],
    );
    if (distance < nearestMm) [nearest, nearestMm] = [at, distance];
  });
  return {
    volumeMl: count * voxelMl,
    suvMax: image === null ? null : max,
    suvMean: image === null ? null : total / count,
    centroidMm: [...centroidMm],
    atMm: [...nearest],
    runs,
  };
}

function forEachVoxel(
  runs: readonly number[],
  visit: (n: number) => void,
): void {
  for (let at = 0; at < runs.length; at += 2) {
    for (let n = runs[at]!; n < runs[at + 1]!; n++) visit(n);
  }
}

function rowOf(
  className: string,
  kind: LesionRow["kind"],
  { suvMax, suvMean, centroidMm, atMm }: Component,
  labelMl: number | null,
  maskMl: number | null,
): LesionRow {
  return {
    className,
    kind,
    labelMl,
    maskMl,
    suvMax,
    suvMean,
    centroidMm,
    atMm,
  };
}
