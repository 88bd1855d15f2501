import { expect } from "@std/expect";
import type { Vec3 } from "../../../shared/imaging/volume.ts";
import {
  compareLesions,
  findLesions,
  MAX_LISTED_LESIONS,
} from "../../../shared/metrics/lesions.ts";
import type { Region } from "../../../shared/metrics/region.ts";

/** A region of one row along k, drawn: `#` inside, `.` outside. */
function row(drawing: string, origin: Vec3 = [0, 0, 0]): Region {
  return {
    data: Uint8Array.from(drawing, (mark) => mark === "#" ? 1 : 0),
    shape: [1, 1, drawing.length],
    origin,
  };
}

Deno.test("compareLesions() counts volumes without any overlap, as autoPET does", () => {
  const compared = compareLesions(
    row(".###...##..#...."),
    row("...##.#....##.##"),
    0.5,
  );
  expect(compared).toMatchObject({
    predictedCount: 3,
    referenceCount: 4,
    // Missed: the single voxel and the last pair; invented: the middle pair.
    falseNegativeMl: 3 * 0.5,
    falsePositiveMl: 2 * 0.5,
    recall: 2 / 4,
    precision: 2 / 3,
  });
});

Deno.test("compareLesions() lists lesions by falling volume, matched or not", () => {
  const { predicted, reference } = compareLesions(
    row("#.###", [2, 3, 10]),
    row("#....", [2, 3, 10]),
    2,
  );
  expect(predicted).toEqual([
    { volumeMl: 6, centroidVoxel: [2, 3, 13], matched: false },
    { volumeMl: 2, centroidVoxel: [2, 3, 10], matched: true },
  ]);
  expect(reference).toEqual([
    { volumeMl: 2, centroidVoxel: [2, 3, 10], matched: true },
  ]);
});

Deno.test("compareLesions() leaves undefined what has no lesions to count", () => {
  expect(compareLesions(row("#.."), row("..."), 1)).toMatchObject({
    recall: null,
    precision: 0,
    falsePositiveMl: 1,
    falseNegativeMl: null,
  });
  expect(compareLesions(row("..."), row(".##"), 1)).toMatchObject({
    recall: 0,
    precision: null,
    falsePositiveMl: 0,
    falseNegativeMl: 2,
  });
  expect(compareLesions(row("..."), row("..."), 1)).toEqual({
    referenceCount: 0,
    predictedCount: 0,
    recall: null,
    precision: null,
    falsePositiveMl: 0,
    falseNegativeMl: null,
    reference: [],
    predicted: [],
  });
});

Deno.test("findLesions() joins voxels that share an edge, not those that share a corner", () => {
  const diagonal = (second: number): Region => {
    const data = new Uint8Array(8);
    data[0] = 1;
    data[second] = 1;
    return { data, shape: [2, 2, 2], origin: [5, 5, 5] };
  };
  expect(findLesions(diagonal(6), 1)).toEqual({
    predictedCount: 1,
    predicted: [{ volumeMl: 2, centroidVoxel: [5.5, 5.5, 5] }],
  });
  expect(findLesions(diagonal(7), 1).predictedCount).toBe(2);
});

Deno.test("findLesions() counts all lesions, but lists the largest only", () => {
  const specks = "#.".repeat(MAX_LISTED_LESIONS) + "##";
  const { predictedCount, predicted } = findLesions(row(specks), 1);
  expect(predictedCount).toBe(MAX_LISTED_LESIONS + 1);
  expect(predicted.length).toBe(MAX_LISTED_LESIONS);
  expect(predicted[0]?.volumeMl).toBe(2);
});
