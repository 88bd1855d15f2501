import { expect } from "@std/expect";
import {
  FORM_FIELDS,
  formProblems,
  parseFormOptions,
} from "../../../jobs/batch/form_fields.ts";

Deno.test("FORM_FIELDS are the command line's options, with its defaults and choices", () => {
  const field = (name: string) =>
    FORM_FIELDS.find((field) => field.name === name);
  expect(field("overlap")).toMatchObject({ kind: "number", standard: "0.5" });
  expect(field("tta")).toEqual({
    name: "tta",
    description: "mirror: average the eight mirrored views of each window",
    kind: "choice",
    choices: ["none", "mirror"],
    standard: "none",
    placeholder: "",
  });
  expect(field("saveProbabilities")).toMatchObject({ kind: "boolean" });
  expect(field("threads")).toMatchObject({ kind: "text", standard: "auto" });
  expect(field("unit")).toMatchObject({ kind: "choice", standard: "" });
  expect(field("roi")).toMatchObject({ kind: "text", placeholder: "x,y,z" });
  // What decides who works is not the form's to say.
  for (const name of ["dispatch", "workers", "dispatchConfig", "wait"]) {
    expect(field(name)).toBeUndefined();
  }
});

Deno.test("parseFormOptions() makes of nothing the defaults that it shows", () => {
  const shown = Object.fromEntries(
    FORM_FIELDS.map(({ name, standard }) => [name, standard]),
  );
  expect(parseFormOptions({})).toEqual(parseFormOptions(shown));
  expect(parseFormOptions({})).toMatchObject({
    overlap: 0.5,
    swBatch: "auto",
    mode: "gaussian",
    saveProbabilities: false,
    termSeconds: 120,
  });
});

Deno.test("parseFormOptions() reads what people type, and refuses with the option's name", () => {
  expect(parseFormOptions({
    overlap: "0.25",
    roi: "64,64,32",
    swBatch: "2",
    saveProbabilities: "true",
  })).toMatchObject({
    overlap: 0.25,
    roi: [64, 64, 32],
    swBatch: 2,
    saveProbabilities: true,
  });
  for (
    const [given, sentence] of [
      [{ overlap: " " }, /^overlap must be a number/],
      [{ roi: "7" }, /^roi takes three whole numbers of voxels/],
      [{ tta: "all" }, /^tta must be none or mirror$/],
      [{ workers: "9" }, /workers/],
    ] as const
  ) {
    expect(() => parseFormOptions(given)).toThrow(sentence);
  }
});

Deno.test("formProblems() says of each option what is wrong with it", () => {
  expect(formProblems({ overlap: "0,5", minLesionMl: "-1", tta: "mirror" }))
    .toEqual({
      overlap: "must be a number, such as 0.5",
      minLesionMl: "must be 0 or more",
    });
  expect(formProblems({})).toEqual({});
});
