import { expect } from "@std/expect";
import { encodeNifti } from "../../../shared/imaging/nifti/write.ts";
import { uptake } from "../../support/command_line.ts";

const SHAPE = [8, 8, 8] as const;
const AFFINE = [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1];

/** A mask of single voxels at flat indices. */
function mask(...voxels: number[]): Uint8Array {
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

Deno.test("evaluate refuses another plan in the same output", async () => {
  await withFolder(async (folder) => {
    await write(folder, { "masks/a": mask(0), "labels/a": mask(0) });
    await evaluate(folder);
    const { code, err } = await evaluate(folder, "--classes", "air,lymphoma");
    expect(code).toBe(2);
    expect(err).toContain("holds another evaluation already");
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
