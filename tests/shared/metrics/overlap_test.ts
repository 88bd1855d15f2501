import { expect } from "@std/expect";
import { measureOverlap } from "../../../shared/metrics/overlap.ts";

Deno.test("measureOverlap() counts shared voxels against mask and reference", () => {
  expect(
    measureOverlap({ maskVoxels: 6, labelVoxels: 4, sharedVoxels: 3 }),
  ).toEqual({
    dice: 0.6,
    iou: 3 / 7,
    rvd: 0.5,
    sensitivity: 0.75,
    precision: 0.5,
  });
});

Deno.test("measureOverlap() takes the absolute volume difference", () => {
  const { rvd } = measureOverlap({
    maskVoxels: 3,
    labelVoxels: 4,
    sharedVoxels: 0,
  });
  expect(rvd).toBe(0.25);
});

Deno.test("measureOverlap() of two empty masks is full agreement, quotients undefined", () => {
  expect(
    measureOverlap({ maskVoxels: 0, labelVoxels: 0, sharedVoxels: 0 }),
  ).toEqual({
    dice: 1,
    iou: 1,
    rvd: null,
    sensitivity: null,
    precision: null,
  });
});

Deno.test("measureOverlap() of one empty mask is no agreement", () => {
  expect(
    measureOverlap({ maskVoxels: 0, labelVoxels: 5, sharedVoxels: 0 }),
  ).toEqual({ dice: 0, iou: 0, rvd: 1, sensitivity: 0, precision: null });
  expect(
    measureOverlap({ maskVoxels: 5, labelVoxels: 0, sharedVoxels: 0 }),
  ).toEqual({ dice: 0, iou: 0, rvd: null, sensitivity: null, precision: 0 });
});
