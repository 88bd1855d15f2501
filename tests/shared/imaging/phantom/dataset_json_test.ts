import { expect } from "@std/expect";
import {
  phantomCaseId,
  phantomDatasetJson,
} from "../../../../shared/imaging/phantom/dataset_json.ts";
import { DISPLAY_SCALE } from "../../../../shared/imaging/phantom/scale.ts";
import { parseDatasetJson } from "../../../../shared/datasets/dataset_json.ts";

Deno.test("phantomDatasetJson() is an MSD description of cases, classes and unit", () => {
  const text = JSON.stringify(phantomDatasetJson(1, 2, "SUV"));
  expect(parseDatasetJson(text)).toMatchObject({
    layout: "msd",
    channels: ["PET"],
    classes: ["background", "tumour"],
    unit: "SUV",
    cases: [
      {
        caseId: "phantom_0001",
        patientId: "phantom_0001",
        imageKeys: ["imagesTr/phantom_0001.nii.gz"],
        labelKey: "labelsTr/phantom_0001.nii.gz",
      },
      { caseId: "phantom_0002" },
    ],
  });
});

Deno.test("phantomDatasetJson() declares no unit on a display scale", () => {
  expect(phantomDatasetJson(1, 1, DISPLAY_SCALE)).not.toHaveProperty("units");
});

Deno.test("phantomCaseId() counts from 1", () => {
  expect(phantomCaseId(0)).toBe("phantom_0001");
  expect(phantomCaseId(12345)).toBe("phantom_12346");
});
