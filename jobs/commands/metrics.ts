/**
 * `uptake metrics`: all metrics of one pair of files.
 * @module
 */
import { z } from "zod";
import { CaseError } from "../../shared/case_error.ts";
import { petUnitSchema } from "../../shared/metrics/pet.ts";
import { readNifti, readNiftiLabel } from "../../shared/imaging/nifti/read.ts";
import {
  type ComparedClassMetrics,
  measureCase,
} from "../../shared/metrics/case_metrics.ts";
import { readInputFile } from "../cli/inputs.ts";
import { commaList } from "../cli/option_types.ts";
import { digits, plainTable } from "../cli/summary_text.ts";
import { verb } from "../cli/verb.ts";

export const metrics = verb({
  name: "metrics",
  summary: "All metrics of one mask against its label",
  details: `
Distances are in mm: HD95 is the larger of the two directed 95th percentiles (linear
interpolation) between 6-neighbour surface voxels, ASSD the mean over both directed lists.
|RVD| is |Vmask - Vlabel| / Vlabel. A dash means undefined.

Example:
  uptake metrics results/masks/case1.nii.gz labels/case1.nii.gz --image case1.nii.gz --unit SUV`,
  positional: ["mask", "label"],
  options: z.strictObject({
    mask: z.string().describe("predicted mask (NIfTI)"),
    label: z.string().describe("label (NIfTI)"),
    classes: commaList.optional().describe(
      "names by value (default: background, tumour, or class 1, class 2, ...)",
    ),
    image: z.string().optional().describe("the PET image, for SUV figures")
      .meta({ placeholder: "file" }),
    unit: petUnitSchema.default("unknown").describe("what image values mean"),
  }),
  async run(options, context) {
    const read = (path: string) => readInputFile(context, path);
    const mask = named(options.mask, readNiftiLabel, await read(options.mask));
    const label = named(
      options.label,
      readNiftiLabel,
      await read(options.label),
    );
    const image = options.image === undefined
      ? undefined
      : named(options.image, readNifti, await read(options.image)).volume;
    const measured = measureCase({
      mask: mask.volume,
      label: label.volume,
      unit: options.unit,
      classes: options.classes ??
        defaultClasses([mask.volume.data, label.volume.data]),
      ...(image === undefined ? {} : { image }),
    });
    return {
      exitCode: 0,
      json: measured,
      text: measured.classes.map(classText).join("\n"),
    };
  },
});

/** Reads a file; what is wrong with it is told with its name. */
export function named<T>(
  path: string,
  parse: (bytes: Uint8Array) => T,
  bytes: Uint8Array,
): T {
  try {
    return parse(bytes);
  } catch (error) {
    if (!(error instanceof CaseError)) throw error;
    throw new CaseError(error.kind, `cannot read ${path}: ${error.problem}`, {
      cause: error.cause,
    });
  }
}

/** Names for whatever values the files hold. */
export function defaultClasses(
  volumes: readonly Uint8Array<ArrayBuffer>[],
): string[] {
  let highest = 1;
  for (const data of volumes) {
    for (const value of data) if (value > highest) highest = value;
  }
  return highest === 1 ? ["background", "tumour"] : [
    "background",
    ...Array.from({ length: highest }, (_, i) => `class ${i + 1}`),
  ];
}

function classText(of: ComparedClassMetrics): string {
  const table = plainTable([of.name, ""]);
  const { lesions, pet } = of;
  table.push(
    ["Dice", digits(of.dice, 4)],
    ["IoU", digits(of.iou, 4)],
    ["HD95", `${digits(of.hd95Mm, 2)} mm`],
    ["HD", `${digits(of.hdMm, 2)} mm`],
    ["ASSD", `${digits(of.assdMm, 2)} mm`],
    ["NSD at 2 mm", digits(of.nsd2mm, 4)],
    ["|RVD|", digits(of.rvd, 4)],
    ["Sensitivity", digits(of.sensitivity, 4)],
    ["Precision", digits(of.precision, 4)],
    ["Mask volume (MTV)", `${digits(of.volumeMl, 2)} ml`],
    ["Label volume", `${digits(of.referenceVolumeMl, 2)} ml`],
    [
      "Lesions in label / mask",
      `${lesions.referenceCount} / ${lesions.predictedCount}`,
    ],
    ["Lesion recall", digits(lesions.recall, 3)],
    ["Lesion precision", digits(lesions.precision, 3)],
    ["False-positive volume", `${digits(lesions.falsePositiveMl, 2)} ml`],
    ["False-negative volume", `${digits(lesions.falseNegativeMl, 2)} ml`],
  );
  if (pet.suvMax !== null) {
    table.push(
      ["SUVmax", digits(pet.suvMax, 2)],
      ["SUVmean", digits(pet.suvMean, 2)],
      ["SUVpeak (1 cm3)", digits(pet.suvPeak, 2)],
      ["TLG", `${digits(pet.tlgSuvMl, 1)} SUV ml`],
    );
  }
  return table.toString();
}
