import { expect } from "@std/expect";
import { encodeNifti } from "../../../shared/imaging/nifti/write.ts";
import { uptake } from "../../support/command_line.ts";
import { readJson, writeFiles } from "../../support/datasets.ts";
import { runOf } from "../../support/runs.ts";

const SHAPE = [8, 8, 8] as const;
const AFFINE = [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1];

/** A mask of single voxels at flat indices. */
function mask(...voxels: number[]): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(8 ** 3);
  for (const voxel of voxels) data[voxel] = 1;
  return encodeNifti({ data, shape: SHAPE, affine: AFFINE });
}

async function withFolder(use: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["masks", "labels"]) {
      await Deno.mkdir(`${folder}/${name}`);
    }
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function write(folder: string, files: Record<string, Uint8Array>) {
  for (const [name, bytes] of Object.entries(files)) {
    await Deno.writeFile(`${folder}/${name}.nii.gz`, bytes);
  }
}

function evaluate(folder: string, ...more: string[]) {
  return uptake(folder, [
    "evaluate",
    ...["--masks", "masks", "--labels", "labels", "--output", "out", ...more],
  ]);
}

Deno.test("evaluate measures pairs of equal names, and its figures can be checked by hand", async () => {
  await withFolder(async (folder) => {
    await write(folder, {
      "masks/hit": mask(0, 1),
      "labels/hit": mask(0, 2),
      "masks/missed": mask(),
      "labels/missed": mask(9),
      "masks/empty": mask(),
      "labels/empty": mask(),
    });
    const { code, out } = await evaluate(folder, "--json");
    expect(code).toBe(0);
    const { summary, results } = JSON.parse(out);
    const byId = new Map(
      results.map((result: { caseId: string; metrics: unknown }) => [
        result.caseId,
        (result.metrics as { classes: unknown[] }).classes[0],
      ]),
    );
    expect(byId.get("hit")).toMatchObject({
      outcome: "compared",
      dice: 0.5,
      rvd: 0,
      hdMm: 2,
    });
    expect(byId.get("missed")).toMatchObject({
      outcome: "missed",
      dice: 0,
      hd95Mm: null,
    });
    expect(byId.get("empty")).toMatchObject({ outcome: "bothEmpty", dice: 1 });
    const [tumour] = summary.metrics.classes;
    expect(tumour.metrics.dice.mean).toBeCloseTo(0.5, 12);
    expect(tumour.diceWithTumour.mean).toBeCloseTo(0.25, 12);
    expect(tumour.metrics.hd95Mm).toMatchObject({
      nCounted: 1,
      nExcluded: 2,
      nMissed: 1,
    });
  });
});

Deno.test("evaluate counts a label without a mask as missing and ends with 3", async () => {
  await withFolder(async (folder) => {
    await write(folder, {
      "masks/a": mask(0),
      "labels/a": mask(0),
      "labels/b": mask(0),
    });
    const { code, out } = await evaluate(folder);
    expect(code).toBe(3);
    expect(out).toContain("1 done, 0 failed, 1 missing");
  });
});

Deno.test("evaluate leaves out a mask without a label, and says so", async () => {
  await withFolder(async (folder) => {
    await write(folder, {
      "masks/a": mask(0),
      "masks/x": mask(0),
      "labels/a": mask(0),
    });
    const { code, said } = await evaluate(folder);
    expect(code).toBe(0);
    expect(said.join("\n")).toContain("1 masks have no label");
  });
});

Deno.test("evaluate tries a failed case again, and measures nothing twice", async () => {
  await withFolder(async (folder) => {
    await write(folder, {
      "masks/a": mask(0),
      "labels/a": mask(0),
      "masks/b": new Uint8Array([1, 2, 3]),
      "labels/b": mask(0),
    });
    const first = await evaluate(folder);
    expect(first.code).toBe(3);
    expect(first.out).toContain('Cannot measure case "b"');
    const record = await Deno.readTextFile(`${folder}/out/results/a.json`);

    await write(folder, { "masks/b": mask(0) });
    expect((await evaluate(folder)).code).toBe(0);
    expect(await Deno.readTextFile(`${folder}/out/results/a.json`)).toBe(
      record,
    );
  });
});

Deno.test("evaluate goes on when a mask that was missing is there", async () => {
  await withFolder(async (folder) => {
    await write(folder, {
      "masks/a": mask(0),
      "labels/a": mask(0),
      "labels/b": mask(0),
    });
    await evaluate(folder);
    const record = await Deno.readTextFile(`${folder}/out/results/a.json`);
    const { cases } = await readJson(`${folder}/out/run.json`);
    expect(cases.map(({ caseId }: { caseId: string }) => caseId)).toEqual([
      "a",
      "b",
    ]);

    await write(folder, { "masks/b": mask(0) });
    const { code, out } = await evaluate(folder);
    expect(code).toBe(0);
    expect(out).toContain("2 cases expected: 2 done, 0 failed, 0 missing");
    expect(await Deno.readTextFile(`${folder}/out/results/a.json`)).toBe(
      record,
    );
  });
});

Deno.test("evaluate says when a mask is no longer the one it measured", async () => {
  await withFolder(async (folder) => {
    await write(folder, { "masks/a": mask(0), "labels/a": mask(0) });
    expect((await evaluate(folder)).code).toBe(0);
    await write(folder, { "masks/a": mask(1) });
    const { code, out, said } = await evaluate(folder, "--json");
    expect(code).toBe(3);
    expect(JSON.parse(out).damaged).toEqual(["a"]);
    expect(said.join("\n")).toMatch(
      /Case "a" is done, but its mask a\.nii\.gz has changed since/,
    );
  });
});

Deno.test("evaluate takes a run's folder, and classes and unit from dataset.json", async () => {
  await withFolder(async (folder) => {
    await writeFiles(folder, {
      "run/masks/tw%C3%B6 2.nii.gz": mask(0, 1),
      "data/images/twö 2.nii.gz": encodeNifti({
        data: Float32Array.from({ length: 8 ** 3 }, (_, n) => 10 - n / 100),
        shape: SHAPE,
        affine: AFFINE,
      }),
      "data/labels/twö 2.nii.gz": mask(0, 2),
      "data/dataset.json": JSON.stringify({
        labels: { "0": "air", "1": "lymphoma" },
        units: { "0": "SUV" },
        training: [{
          image: "images/twö 2.nii.gz",
          label: "labels/twö 2.nii.gz",
        }],
      }),
    });
    const { code, out } = await uptake(folder, [
      ...["evaluate", "--masks", "run", "--labels", "data"],
      ...["--output", "out", "--json"],
    ]);
    expect(code).toBe(0);
    const [{ caseId, metrics, inputs }] = JSON.parse(out).results;
    expect(caseId).toBe("twö 2");
    expect(metrics.unit).toBe("SUV");
    // Voxels 0 and 1 of the image, at 8 microlitres each.
    expect(metrics.classes[0]).toMatchObject({ name: "lymphoma", dice: 0.5 });
    expect(metrics.classes[0].pet.suvMax).toBeCloseTo(10, 5);
    expect(metrics.classes[0].pet.suvMean).toBeCloseTo(9.995, 5);
    expect(metrics.classes[0].pet.mtvMl).toBeCloseTo(0.016, 9);
    expect(inputs.map(({ role }: { role: string }) => role)).toEqual([
      "mask",
      "label",
      "image",
    ]);
  });
});

const bad: [string, Uint8Array<ArrayBuffer>, string, string][] = [
  [
    "a mask on another grid",
    encodeNifti({
      data: new Uint8Array(8 * 8 * 4),
      shape: [8, 8, 4],
      affine: AFFINE,
    }),
    "label",
    "the grids differ",
  ],
  [
    "a mask with a value that is no class",
    encodeNifti({
      data: new Uint8Array(8 ** 3).fill(3, 0, 1),
      shape: SHAPE,
      affine: AFFINE,
    }),
    "label",
    "its mask holds the value 3, but the classes are 0 background, 1 tumour",
  ],
  [
    "a mask that is cut short",
    mask(0).slice(0, 60),
    "unreadable",
    "it is cut short",
  ],
];
for (const [what, bytes, kind, sentence] of bad) {
  Deno.test(`evaluate records ${what} and measures the others`, async () => {
    await withFolder(async (folder) => {
      await write(folder, {
        "masks/bad": bytes,
        "labels/bad": mask(0),
        "masks/good": mask(0),
        "labels/good": mask(0),
      });
      const { code, out } = await evaluate(folder);
      expect(code).toBe(3);
      expect(out).toContain("2 cases expected: 1 done, 1 failed, 0 missing");
      const failure = await readJson(`${folder}/out/failures/bad/0.json`);
      expect(failure).toMatchObject({ kind, stage: "measure" });
      expect(failure.message).toContain('Cannot measure case "bad": ');
      expect(failure.message).toContain(sentence);
    });
  });
}

Deno.test("evaluate refuses another plan in the same output, naming the difference", async () => {
  await withFolder(async (folder) => {
    await write(folder, { "masks/a": mask(0), "labels/a": mask(0) });
    await evaluate(folder);
    const { code, err } = await evaluate(folder, "--classes", "air,lymphoma");
    expect(code).toBe(2);
    expect(err).toContain(
      "holds another evaluation already: classes were background,tumour, now they are air,lymphoma",
    );
    await write(folder, { "labels/b": mask(0) });
    expect((await evaluate(folder)).err).toContain(
      "the labelled cases were others",
    );
  });
});

Deno.test("evaluate refuses the folder of a segmentation as its output", async () => {
  await withFolder(async (folder) => {
    await write(folder, { "masks/a": mask(0), "labels/a": mask(0) });
    await writeFiles(folder, { "out/run.json": JSON.stringify(runOf()) });
    const { code, err } = await evaluate(folder);
    expect(code).toBe(2);
    expect(err).toContain(
      "holds a run of another kind (segment): choose another output",
    );
  });
});

Deno.test("evaluate says what is there when no mask has a label", async () => {
  await withFolder(async (folder) => {
    await write(folder, { "masks/a": mask(0), "labels/b": mask(0) });
    const { code, err } = await evaluate(folder);
    expect(code).toBe(2);
    expect(err).toContain("such as a");
    expect(err).toContain("such as b");
  });
});
