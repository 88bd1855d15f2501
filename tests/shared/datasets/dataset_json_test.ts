import { expect } from "@std/expect";
import fc from "fast-check";
import { parseDatasetJson } from "../../../shared/datasets/dataset_json.ts";

const msd = {
  name: "Lymphoma",
  modality: { "0": "PET" },
  labels: { "0": "background", "1": "tumour" },
  training: [
    { image: "./imagesTr/a 1.nii.gz", label: "./labelsTr/a 1.nii.gz", fold: 2 },
    { image: ["imagesTr/b_ct.nii.gz", "imagesTr/b_pt.nii.gz"] },
  ],
  test: ["./imagesTs/c.nii.gz"],
};

const nnunet = {
  channel_names: { "0": "CT", "1": "SUV" },
  labels: { background: 0, tumor: 1 },
  file_ending: ".nii.gz",
  numTraining: 1,
};

function parse(json: unknown) {
  return parseDatasetJson(JSON.stringify(json));
}

Deno.test("parseDatasetJson() lists the cases of an MSD description", () => {
  const { layout, name, channels, classes, unit, cases } = parse(msd);
  expect({ layout, name, channels, classes, unit }).toEqual({
    layout: "msd",
    name: "Lymphoma",
    channels: ["PET"],
    classes: ["background", "tumour"],
    unit: "unknown",
  });
  expect(cases).toEqual([
    {
      caseId: "a 1",
      imageKeys: ["imagesTr/a 1.nii.gz"],
      labelKey: "labelsTr/a 1.nii.gz",
      fold: 2,
    },
    {
      caseId: "b_ct",
      imageKeys: ["imagesTr/b_ct.nii.gz", "imagesTr/b_pt.nii.gz"],
    },
    { caseId: "c", imageKeys: ["imagesTs/c.nii.gz"] },
  ]);
});

Deno.test("parseDatasetJson() takes SUV only where the first channel declares it", () => {
  expect(parse({ ...msd, units: { "0": "SUV" } }).unit).toBe("SUV");
  expect(parse({ ...msd, units: { "1": "SUV" } }).unit).toBe("unknown");
  expect(parse({ ...msd, modality: { "0": "SUV" } }).unit).toBe("unknown");
});

Deno.test("parseDatasetJson() inverts nnU-Net's labels and leaves its folders to be listed", () => {
  const { layout, channels, classes, cases } = parse(nnunet);
  expect({ layout, channels, classes, cases }).toEqual({
    layout: "nnunet",
    channels: ["CT", "SUV"],
    classes: ["background", "tumor"],
    cases: null,
  });
});

Deno.test("parseDatasetJson() takes nnU-Net's explicit list of cases", () => {
  const { cases } = parse({
    ...nnunet,
    dataset: { p1: { images: ["i/p1_0000.nii.gz"], label: "l/p1.nii.gz" } },
  });
  expect(cases).toEqual([
    { caseId: "p1", imageKeys: ["i/p1_0000.nii.gz"], labelKey: "l/p1.nii.gz" },
  ]);
});

const refused: [string, unknown, string][] = [
  ["no list", { name: "x" }, "neither `channel_names`"],
  ["an array", [1], "MSD style"],
  [
    "a path that leaves the folder",
    { training: [{ image: "../secret.nii.gz" }] },
    "does not lie below",
  ],
  [
    "an absolute path",
    { training: [{ image: "/etc/passwd" }] },
    "does not lie below",
  ],
  ["an image that is a number", { training: [{ image: 3 }] }, "training"],
  [
    "labels with a hole",
    { ...msd, labels: { "0": "background", "2": "x" } },
    "1 is missing",
  ],
  [
    "a huge label index",
    { ...msd, labels: { "4000000000": "x" } },
    "no index between 0 and 999",
  ],
  [
    "nnU-Net regions",
    { ...nnunet, labels: { background: 0, whole: [1, 2] } },
    'label "whole" is a region',
  ],
];
for (const [what, json, message] of refused) {
  Deno.test(`parseDatasetJson() refuses ${what}`, () => {
    expect(() => parse(json)).toThrow(SyntaxError);
    expect(() => parse(json)).toThrow(message);
  });
}

Deno.test("parseDatasetJson() survives mutated bytes: an answer or a SyntaxError", () => {
  const bytes = [msd, nnunet].map((json) =>
    new TextEncoder().encode(JSON.stringify(json))
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...bytes),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
      fc.nat(),
      (valid, changes, cut) => {
        const mutated = valid.slice(0, valid.length - cut % 3);
        for (const [at, value] of changes) mutated[at % valid.length] = value;
        try {
          const { channels } = parseDatasetJson(
            new TextDecoder().decode(mutated),
          );
          expect(channels.length).toBeLessThanOrEqual(1000);
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
