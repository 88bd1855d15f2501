import { expect } from "@std/expect";
import { encodeNifti } from "../../../shared/imaging/nifti/write.ts";
import { uptake } from "../../support/command_line.ts";
import { writeFiles } from "../../support/datasets.ts";
import { fixture } from "../../support/requires.ts";
import { withFolder } from "../../support/temporary_folder.ts";

const IMAGE = fixture("preprocess/phantom_lps.nii.gz");
const LABEL = fixture("preprocess/phantom_lps_label.nii.gz");

const AFFINE = [2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1];

/** 4 x 4 x 4 voxels of 2 x 3 x 5 mm with values at some [i, j, k]. */
function small(
  values: readonly [value: number, i: number, j: number, k: number][],
): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(4 ** 3);
  for (const [value, i, j, k] of values) data[(i * 4 + j) * 4 + k] = value;
  return encodeNifti({ data, shape: [4, 4, 4], affine: AFFINE });
}

/** Runs `uptake metrics mask.nii.gz label.nii.gz` on such files. */
async function metrics(
  mask: Parameters<typeof small>[0],
  label: Parameters<typeof small>[0],
  ...more: string[]
) {
  return await withFolder(async (folder) => {
    await writeFiles(folder, {
      "mask.nii.gz": small(mask),
      "label.nii.gz": small(label),
    });
    const files = ["mask.nii.gz", "label.nii.gz"];
    return await uptake(folder, ["metrics", ...files, ...more]);
  });
}

Deno.test("metrics measures what can be checked by hand", async () => {
  // Two of three voxels shared; the third is one step of 5 mm away.
  const { code, out, err } = await metrics(
    [[1, 1, 1, 1], [1, 1, 1, 2], [1, 1, 1, 3]],
    [[1, 1, 1, 1], [1, 1, 1, 2]],
    "--json",
  );
  expect(code).toBe(0);
  expect(err).toBe("");
  const { labelled, classes: [tumour] } = JSON.parse(out);
  expect(labelled).toBe(true);
  expect(tumour).toMatchObject({
    name: "tumour",
    outcome: "compared",
    dice: 0.8,
    hdMm: 5,
    assdMm: 1,
    rvd: 0.5,
    sensitivity: 1,
  });
  expect(tumour.volumeMl).toBeCloseTo(0.09, 9);
  expect(tumour.referenceVolumeMl).toBeCloseTo(0.06, 9);
});

Deno.test("metrics prints a table for people, with dashes for what is undefined", async () => {
  const { code, out } = await metrics([], [[1, 0, 0, 0]]);
  expect(code).toBe(0);
  const rows = out.split("\n").map((line) =>
    line.split("│").slice(1, -1).map((cell) => cell.trim())
  );
  expect(rows).toContainEqual(["Dice", "0.0000"]);
  expect(rows).toContainEqual(["HD95", "- mm"]);
  expect(rows).toContainEqual(["|RVD|", "1.0000"]);
  expect(rows).toContainEqual(["Label volume", "0.03 ml"]);
  expect(out).not.toContain("SUV");
});

Deno.test("metrics names classes by their values, as given or as found", async () => {
  const pair = [[1, 0, 0, 0], [2, 1, 1, 1]] as [
    number,
    number,
    number,
    number,
  ][];
  const names = (out: string) =>
    JSON.parse(out).classes.map(({ name }: { name: string }) => name);
  expect(names((await metrics(pair, pair, "--json")).out)).toEqual([
    "class 1",
    "class 2",
  ]);
  const given = await metrics(
    pair,
    pair,
    "--json",
    "--classes",
    "air,node,bone",
  );
  expect(names(given.out)).toEqual(["node", "bone"]);
  const few = await metrics(pair, pair, "--classes", "air,node");
  expect(few.code).toBe(1);
  expect(few.err).toContain(
    "holds the value 2, but the classes are 0 air, 1 node",
  );
});

Deno.test("metrics refuses a pair on different grids", async () => {
  await withFolder(async (folder) => {
    await writeFiles(folder, { "mask.nii.gz": small([]) });
    const { code, err } = await uptake(folder, [
      "metrics",
      "mask.nii.gz",
      LABEL,
    ]);
    expect(code).toBe(1);
    expect(err).toContain("The grids differ");
  });
});

Deno.test("metrics of a label with itself are perfect, SUV figures only where declared", async () => {
  const plain = await uptake("/", ["metrics", LABEL, LABEL, "--json"]);
  expect(plain.code).toBe(0);
  const [of] = JSON.parse(plain.out).classes;
  expect([of.dice, of.hd95Mm, of.rvd]).toEqual([1, 0, 0]);
  expect(of.pet.suvMax).toBe(null);
  const suv = await uptake("/", [
    ...["metrics", LABEL, LABEL],
    ...["--image", IMAGE, "--unit", "SUV"],
  ]);
  expect(suv.out).toContain("SUVpeak");
});

Deno.test("metrics names the file that cannot be read", async () => {
  const missing = await uptake("/", ["metrics", "/nowhere.nii", LABEL]);
  expect(missing.code).toBe(2);
  expect(missing.err).toContain("There is no file /nowhere.nii");
  const json = fixture("metrics/expected.json");
  const foreign = await uptake("/", ["metrics", json, LABEL]);
  expect(foreign.code).toBe(1);
  expect(foreign.err).toContain("expected.json");
});
