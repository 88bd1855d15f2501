import { expect } from "@std/expect";
import { CaseError } from "../../../shared/case_error.ts";
import type { Vec3, Volume } from "../../../shared/imaging/volume.ts";
import {
  caseMetricsSchema,
  type CaseToMeasure,
  measureCase,
  measureMask,
} from "../../../shared/metrics/case_metrics.ts";
import { maskAt, maskOfBox, scaled, volume } from "./volumes.ts";

const SHAPE: Vec3 = [4, 6, 8];
const AFFINE = scaled([2, 4, 5]);
const CLASSES = ["background", "tumour"];

function mask(data: Uint8Array<ArrayBuffer>): Volume<Uint8Array<ArrayBuffer>> {
  return volume(data, SHAPE, AFFINE);
}

const NONE = mask(new Uint8Array(4 * 6 * 8));
const BOX = mask(maskOfBox(SHAPE, [0, 0, 0], [2, 2, 2]));
const SHIFTED = mask(maskOfBox(SHAPE, [1, 0, 0], [3, 2, 2]));

function measured(
  changes: Partial<CaseToMeasure>,
): ReturnType<typeof measureCase> {
  return measureCase({
    mask: BOX,
    label: SHIFTED,
    unit: "unknown",
    classes: CLASSES,
    ...changes,
  });
}

/** What a function throws, which must be a CaseError. */
function caseError(fn: () => unknown): CaseError {
  try {
    fn();
  } catch (error) {
    if (error instanceof CaseError) return error;
    throw error;
  }
  throw new Error("Nothing was thrown");
}

Deno.test("measureCase() measures everything of a class, and its schema takes it", () => {
  const metrics = measured({});
  expect(metrics).toEqual({
    labelled: true,
    unit: "unknown",
    classes: [{
      name: "tumour",
      outcome: "compared",
      volumeMl: 0.32,
      referenceVolumeMl: 0.32,
      dice: 0.5,
      iou: 1 / 3,
      rvd: 0,
      sensitivity: 0.5,
      precision: 0.5,
      hd95Mm: 2,
      hdMm: 2,
      assdMm: 1,
      nsd2mm: 1,
      lesions: {
        referenceCount: 1,
        predictedCount: 1,
        recall: 1,
        precision: 1,
        falsePositiveMl: 0,
        falseNegativeMl: 0,
        reference: [
          { volumeMl: 0.32, centroidVoxel: [1.5, 0.5, 0.5], matched: true },
        ],
        predicted: [
          { volumeMl: 0.32, centroidVoxel: [0.5, 0.5, 0.5], matched: true },
        ],
      },
      pet: {
        mtvMl: 0.32,
        suvMax: null,
        suvMean: null,
        suvPeak: null,
        tlgSuvMl: null,
      },
    }],
  });
  const stored: unknown = JSON.parse(JSON.stringify(metrics));
  expect(caseMetricsSchema.parse(stored)).toEqual(metrics);
});

for (
  const [outcome, own, label, dice, nsd2mm, rvd] of [
    ["bothEmpty", NONE, NONE, 1, null, null],
    ["missed", NONE, BOX, 0, 0, 1],
    ["falseAlarm", BOX, NONE, 0, 0, null],
  ] as const
) {
  Deno.test(`measureCase() gives Dice ${dice} and no distances when ${outcome}`, () => {
    const metrics = measured({ mask: own, label });
    expect(metrics.classes[0]).toMatchObject({
      outcome,
      dice,
      nsd2mm,
      rvd,
      hd95Mm: null,
      hdMm: null,
      assdMm: null,
    });
    expect(caseMetricsSchema.parse(metrics)).toEqual(metrics);
  });
}

Deno.test("measureCase() takes spacing and volume from an affine of any orientation", () => {
  // Axis i along -y with 2 mm, j along z with 4 mm, k along -x with 5 mm.
  const affine = [0, 0, -5, 90, -2, 0, 0, 60, 0, 4, 0, -30, 0, 0, 0, 1];
  const turned = measured({
    mask: { ...BOX, affine },
    label: { ...SHIFTED, affine },
  });
  expect(turned.classes[0]).toMatchObject({ hdMm: 2, volumeMl: 0.32 });
});

Deno.test("measureCase() measures each class by itself", () => {
  const own = maskAt(SHAPE, [[0, 0, 0], [0, 0, 1]]);
  const label = maskAt(SHAPE, [[0, 0, 0]]);
  // Neighbours along k, in the far corner.
  own[own.length - 1] = 2;
  label[label.length - 2] = 2;
  const { classes } = measured({
    mask: mask(own),
    label: mask(label),
    classes: ["background", "primary", "nodes", "other"],
  });
  expect(classes.map(({ name, dice, hdMm }) => [name, dice, hdMm])).toEqual([
    ["primary", 2 / 3, 5],
    ["nodes", 0, 5],
    ["other", 1, null],
  ]);
});

Deno.test("measureCase() counts one class in the place of another as false", () => {
  const { classes } = measured({
    mask: mask(maskAt(SHAPE, [[1, 1, 1]], 1)),
    label: mask(maskAt(SHAPE, [[1, 1, 1]], 2)),
    classes: ["background", "primary", "nodes"],
  });
  expect(classes.map(({ outcome }) => outcome)).toEqual([
    "falseAlarm",
    "missed",
  ]);
});

Deno.test("measureCase() measures SUV of an image in SUV", () => {
  const image = volume(new Float32Array(192).fill(2), SHAPE, AFFINE);
  const { classes: [tumour] } = measured({ image, unit: "SUV" });
  expect(tumour?.pet).toMatchObject({ suvMax: 2, suvPeak: 2, tlgSuvMl: 0.64 });
});

Deno.test("measureCase() refuses a label on another grid", () => {
  const moved = { ...SHIFTED, affine: scaled([2, 4, 5], [0, 1, 0]) };
  const error = caseError(() => measured({ label: moved }));
  expect(error.kind).toBe("label");
  expect(error.problem).toContain(
    "the grids differ: its label lies up to 1.00 mm away from the mask",
  );
  const other = volume(new Uint8Array(8), [2, 2, 2], AFFINE);
  expect(caseError(() => measured({ label: other })).problem).toContain(
    "its label has shape 2x2x2, the mask 4x6x8",
  );
});

Deno.test("measureCase() refuses an image on another grid", () => {
  const image = volume(new Float32Array(8), [2, 2, 2], AFFINE);
  expect(caseError(() => measured({ image, unit: "SUV" })).kind)
    .toBe("geometry");
});

Deno.test("measureCase() refuses values that are no class", () => {
  const error = caseError(() =>
    measured({ label: mask(maskAt(SHAPE, [[1, 1, 1]], 3)) })
  );
  expect(error.kind).toBe("label");
  expect(error.problem).toBe(
    "its label holds the value 3, but the classes are 0 background, 1 tumour",
  );
  const own = mask(maskAt(SHAPE, [[1, 1, 1]], 255));
  expect(caseError(() => measured({ mask: own })).problem)
    .toContain("its mask holds the value 255");
});

Deno.test("measureMask() measures what needs no label, and the schema takes it", () => {
  const metrics = measureMask({
    mask: mask(maskAt(SHAPE, [[0, 0, 0], [0, 0, 1], [3, 3, 3]])),
    image: volume(new Float32Array(192).fill(3), SHAPE, AFFINE),
    unit: "SUV",
    classes: ["background", "tumour", "other"],
  });
  const [tumour, other] = metrics.classes;
  expect(tumour).toMatchObject({
    name: "tumour",
    volumeMl: 0.12,
    lesions: { predictedCount: 2, predicted: [{ volumeMl: 0.08 }, {}] },
    pet: { mtvMl: 0.12, suvMean: 3 },
  });
  expect(other).toMatchObject({ volumeMl: 0, lesions: { predictedCount: 0 } });
  expect(caseMetricsSchema.parse(metrics)).toEqual(metrics);
});

Deno.test("measureMask() refuses values that are no class", () => {
  const own = mask(maskAt(SHAPE, [[1, 1, 1]], 2));
  expect(
    caseError(() =>
      measureMask({ mask: own, unit: "unknown", classes: CLASSES })
    ).problem,
  ).toContain("its mask holds the value 2");
});
