/** @module Records and descriptions that were damaged: always a sentence and an exit code, never a stack or a crash. */
import fc from "fast-check";
import { expect } from "@std/expect";
import { encodeNifti } from "../../shared/imaging/nifti/write.ts";
import {
  type Ran,
  uptake,
  withNanoCheckpoint,
} from "../support/command_line.ts";
import { PHANTOM, writeDataset, writeFiles } from "../support/datasets.ts";
import { mutation } from "../support/mutation.ts";
import { withFolder } from "../support/temporary_folder.ts";

function expectSentence({ code, out, err, said }: Ran): void {
  expect([0, 1, 2, 3]).toContain(code);
  if (code === 1 || code === 2) {
    expect(out).toBe("");
    expect(err).not.toBe("");
  }
  expect([out, err, ...said].join("\n")).not.toMatch(/^\s+at /m);
}

function evaluate(folder: string): Promise<Ran> {
  return uptake(folder, [
    ...["evaluate", "--masks", "masks", "--labels", "data"],
    ...["--output", "out", "--json"],
  ]);
}

/** An evaluation with a done case, and one that failed twice. */
async function withEvaluation(use: (folder: string) => Promise<void>) {
  await withFolder(async (folder) => {
    const mask = encodeNifti({
      data: new Uint8Array(4 ** 3).fill(1, 0, 2),
      shape: [4, 4, 4],
      affine: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1],
    });
    await writeDataset(`${folder}/data`, {
      good: { image: null, label: mask },
      bad: { image: null, label: mask },
    });
    // Only SUV figures need the images, which are not there.
    const json = await Deno.readTextFile(`${folder}/data/dataset.json`);
    await writeFiles(folder, {
      "data/dataset.json": json.replace('"SUV"', '"Bq/ml"'),
      "masks/good.nii.gz": mask,
      "masks/bad.nii.gz": "no image",
    });
    for (let round = 0; round < 2; round++) {
      expect((await evaluate(folder)).code).toBe(3);
    }
    await use(folder);
  });
}

const RECORDS = [
  "data/dataset.json",
  "out/run.json",
  "out/results/good.json",
  "out/failures/bad/1.json",
  "out/retries/1.json",
];

Deno.test("a damaged record or description gets a sentence, whatever the damage", async () => {
  await withEvaluation(async (folder) => {
    for (const name of RECORDS) {
      const original = await Deno.readFile(`${folder}/${name}`);
      await fc.assert(
        fc.asyncProperty(mutation(original), async (damaged) => {
          await Deno.writeFile(`${folder}/${name}`, damaged);
          // What a run leaves behind must not carry over to the next.
          const kept = await listFiles(folder);
          try {
            expectSentence(await evaluate(folder));
          } finally {
            for (const path of await listFiles(folder)) {
              if (!kept.has(path)) await Deno.remove(path);
            }
          }
        }),
        { numRuns: 25 },
      );
      await Deno.writeFile(`${folder}/${name}`, original);
    }
  });
});

async function listFiles(folder: string): Promise<Set<string>> {
  const paths = new Set<string>();
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (!isDirectory) paths.add(path);
    else for (const below of await listFiles(path)) paths.add(below);
  }
  return paths;
}

const damages: [string, (text: string) => string, string][] = [
  ["run.json", () => "", "run/run.json: it is not JSON"],
  ["run.json", (text) => text.slice(0, 300), "run/run.json: it is not JSON"],
  ["run.json", () => "null", "run/run.json: "],
  ["run.json", () => "{}", "run/run.json: "],
  [
    "run.json",
    (text) => text.replace('"overlap": 0.5', '"overlap": 7'),
    "options.overlap",
  ],
  [
    "run.json",
    (text) => text.replace('"format": 1', '"format": 2'),
    "expected 1",
  ],
  [
    "run.json",
    (text) => text.replace('"format": 1', '"format": 1, "extra": 1'),
    'Unrecognized key: "extra"',
  ],
  ["results/one.json", () => "[", "run/results/one.json: it is not JSON"],
  [
    "results/one.json",
    (text) => text.replace(/"sha256": "../, '"sha256": "zz'),
    "outputs[0].sha256",
  ],
];

Deno.test("segment says which record it cannot read, and where", async () => {
  await withNanoCheckpoint(async (folder) => {
    await writeDataset(`${folder}/data`, { one: { image: PHANTOM.image } });
    const segment = () =>
      uptake(folder, [
        ...["segment", "--input", "data", "--checkpoint", "nano.safetensors"],
        ...["--output", "run", "--threads", "1"],
      ]);
    expect((await segment()).code).toBe(0);
    for (const [name, damage, message] of damages) {
      const path = `${folder}/run/${name}`;
      const original = await Deno.readTextFile(path);
      const damaged = damage(original);
      expect(damaged).not.toBe(original);
      await Deno.writeTextFile(path, damaged);
      const ran = await segment();
      expect([name, message, ran.code]).toEqual([name, message, 1]);
      expect(ran.err).toContain(message);
      expectSentence(ran);
      await Deno.writeTextFile(path, original);
    }
    expect((await segment()).code).toBe(0);
  });
});
