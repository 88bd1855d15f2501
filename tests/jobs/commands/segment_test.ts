import { expect } from "@std/expect";
import { encodeNifti } from "../../../shared/imaging/nifti/write.ts";
import { fixture } from "../../support/requires.ts";
import {
  type Ran,
  uptake,
  withNanoCheckpoint,
} from "../../support/command_line.ts";

const IMAGE = await Deno.readFile(fixture("preprocess/phantom_lps.nii.gz"));
const LABEL = await Deno.readFile(
  fixture("preprocess/phantom_lps_label.nii.gz"),
);

/** A dataset of two labelled cases beside the nano checkpoint. */
async function withDataset(
  use: (folder: string) => Promise<void>,
): Promise<void> {
  await withNanoCheckpoint(async (folder) => {
    for (const name of ["imagesTr", "labelsTr"]) {
      await Deno.mkdir(`${folder}/data/${name}`, { recursive: true });
    }
    await addCase(folder, "one");
    await addCase(folder, "twö 2");
    await writeIndex(folder, ["one", "twö 2"]);
    await use(folder);
  });
}

async function addCase(folder: string, id: string, image = IMAGE) {
  await Deno.writeFile(`${folder}/data/imagesTr/${id}.nii.gz`, image);
  await Deno.writeFile(`${folder}/data/labelsTr/${id}.nii.gz`, LABEL);
}

async function writeIndex(folder: string, ids: readonly string[]) {
  await Deno.writeTextFile(
    `${folder}/data/dataset.json`,
    JSON.stringify({
      labels: { "0": "background", "1": "tumour" },
      units: { "0": "SUV" },
      training: ids.map((id) => ({
        image: `./imagesTr/${id}.nii.gz`,
        label: `./labelsTr/${id}.nii.gz`,
      })),
    }),
  );
}

function segment(folder: string, ...more: string[]): Promise<Ran> {
  return uptake(folder, [
    "segment",
    ...["--input", "data", "--checkpoint", "nano.safetensors"],
    ...["--output", "run", "--threads", "1", ...more],
  ]);
}

async function readJson(path: string) {
  return JSON.parse(await Deno.readTextFile(path));
}

Deno.test("segment makes a run's folder with masks, pictures, records and a table", async () => {
  await withDataset(async (folder) => {
    const { code, out, events } = await segment(folder);
    expect(code).toBe(0);
    expect(out).toContain("2 cases expected: 2 done, 0 failed, 0 missing");
    expect(events.at(-1)).toEqual({ type: "end" });

    const result = await readJson(`${folder}/run/results/tw%C3%B6 2.json`);
    expect(result.outputs.map(({ name }: { name: string }) => name)).toEqual([
      "mask.nii.gz",
      "mip.png",
    ]);
    for (const { key, bytes } of result.outputs) {
      expect((await Deno.stat(`${folder}/run/${key}`)).size).toBe(bytes);
    }
    expect(result.inputs.map(({ role }: { role: string }) => role)).toEqual([
      "image",
      "label",
    ]);
    expect(result.metrics.labelled).toBe(true);
    expect(result.metrics.classes[0].pet.suvMax).toBeGreaterThan(0);
    expect(
      await Deno.readFile(`${folder}/run/masks/tw%C3%B6 2.nii.gz`),
    ).toEqual(await Deno.readFile(`${folder}/run/${result.outputs[0].key}`));
    const summary = await readJson(`${folder}/run/summary.json`);
    expect(summary.metrics.classes[0].metrics.dice.nCounted).toBe(2);
  });
});

Deno.test("segment records where its cases come from: a dataset, a file, not several inputs", async () => {
  await withDataset(async (folder) => {
    const url = new URL(`file://${await Deno.realPath(folder)}`).href;
    const recorded = async (output: string, ...inputs: string[]) => {
      const { code } = await uptake(folder, [
        "segment",
        ...["--input", ...inputs, "--checkpoint", "nano.safetensors"],
        ...["--output", output, "--threads", "1"],
      ]);
      expect(code).toBe(0);
      return (await readJson(`${folder}/${output}/run.json`)).dataset;
    };
    expect(await recorded("whole", "data")).toEqual({
      name: "data",
      location: `${url}/data`,
    });
    const image = "data/imagesTr/one.nii.gz";
    const other = "data/imagesTr/twö 2.nii.gz";
    expect(await recorded("single", other)).toEqual({
      name: "twö 2",
      location: `${url}/data/imagesTr/tw%C3%B6%202.nii.gz`,
    });
    expect(await recorded("both", image, other)).toBe(undefined);
  });
});

Deno.test("segment skips what is done, and gives equal masks for equal input", async () => {
  await withDataset(async (folder) => {
    await segment(folder);
    const before = await readJson(`${folder}/run/results/one.json`);
    const { code, said } = await segment(folder);
    expect(code).toBe(0);
    expect(said).toContain("2 of 2 cases are done already");
    expect(await readJson(`${folder}/run/results/one.json`)).toEqual(before);
    const [one, two] = await Promise.all(
      ["one", "tw%C3%B6 2"].map((id) =>
        Deno.readFile(`${folder}/run/masks/${id}.nii.gz`)
      ),
    );
    expect(one).toEqual(two);
  });
});

Deno.test("segment records a bad case, does the others, and tries it again when it is mended", async () => {
  await withDataset(async (folder) => {
    await addCase(folder, "bad", IMAGE.slice(0, 2000));
    await writeIndex(folder, ["bad", "one"]);
    const first = await segment(folder);
    expect(first.code).toBe(3);
    expect(first.out).toContain(
      "2 cases expected: 1 done, 1 failed, 0 missing",
    );
    expect(first.out).toContain('Cannot read case "bad"');
    const failure = await readJson(`${folder}/run/failures/bad/0.json`);
    expect(failure.kind).toBe("unreadable");

    await addCase(folder, "bad");
    const second = await segment(folder);
    expect(second.code).toBe(0);
    expect(second.out).toContain("2 done, 0 failed, 0 missing");
    expect((await readJson(`${folder}/run/retries/1.json`)).cases).toEqual([
      "bad",
    ]);
  });
});

Deno.test("segment adds new cases, and does only those that are asked for", async () => {
  await withDataset(async (folder) => {
    const first = await segment(folder, "--cases", "one");
    expect(first.out).toContain("1 cases expected: 1 done");
    const second = await segment(folder);
    expect(second.out).toContain("2 cases expected: 2 done");
    expect((await readJson(`${folder}/run/extensions/1.json`)).cases.length)
      .toBe(1);
  });
});

Deno.test("segment refuses other options than its run's, naming the difference", async () => {
  await withDataset(async (folder) => {
    await segment(folder, "--cases", "one");
    const { code, err } = await segment(folder, "--overlap", "0.25");
    expect(code).toBe(2);
    expect(err).toContain("overlap was 0.5, now it is 0.25");
  });
});

Deno.test("segment says when the input of a done case has changed", async () => {
  await withDataset(async (folder) => {
    await segment(folder);
    await addCase(
      folder,
      "one",
      await Deno.readFile(fixture("preprocess/phantom_oblique.nii.gz")),
    );
    const { code, said } = await segment(folder);
    expect(code).toBe(3);
    expect(said.join("\n")).toContain('Case "one" is done, but its image');
  });
});

Deno.test("segment publishes a mask again that was lost", async () => {
  await withDataset(async (folder) => {
    await segment(folder);
    const path = `${folder}/run/masks/one.nii.gz`;
    const mask = await Deno.readFile(path);
    await Deno.remove(path);
    await segment(folder, "--verify");
    expect(await Deno.readFile(path)).toEqual(mask);
  });
});

Deno.test("segment stops at the next window and goes on where it stopped", async () => {
  await withNanoCheckpoint(async (folder) => {
    // Of 27 windows, no two alike: what its thread does before it hears of the end is far from all.
    await Deno.writeFile(
      `${folder}/large.nii.gz`,
      encodeNifti({
        data: Float32Array.from({ length: 64 ** 3 }, (_, n) => 1 + n % 101),
        shape: [64, 64, 64],
        affine: [4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1],
      }),
    );
    const args = [
      ...["segment", "--input", "large.nii.gz", "--output", "run"],
      ...["--checkpoint", "nano.safetensors", "--threads", "1"],
    ];
    const controller = new AbortController();
    let last = { done: 0, total: 0 };
    const stopped = await uptake(folder, args, {
      signal: controller.signal,
      onEvent: (event) => {
        if (event.type !== "window") return;
        last = event;
        controller.abort();
      },
    });
    expect(stopped.code).toBe(130);
    expect(last.total).toBe(27);
    expect(last.done).toBeGreaterThan(0);
    expect(last.done).toBeLessThan(last.total);
    expect((await uptake(folder, args)).code).toBe(0);
  });
});

Deno.test("segment writes class probabilities where asked for", async () => {
  await withDataset(async (folder) => {
    await segment(folder, "--save-probabilities", "--cases", "one");
    const { outputs } = await readJson(`${folder}/run/results/one.json`);
    expect(outputs.map(({ name }: { name: string }) => name)).toContain(
      "probabilities.nii.gz",
    );
  });
});

Deno.test("segment takes a single file, and prints JSON", async () => {
  await withDataset(async (folder) => {
    const { code, out } = await uptake(folder, [
      "segment",
      ...["--input", "data/imagesTr/one.nii.gz", "--json"],
      ...["--checkpoint", "nano.safetensors", "--output", "run"],
    ]);
    expect(code).toBe(0);
    const { summary } = JSON.parse(out);
    expect(summary.coverage.done).toBe(1);
    expect(summary.metrics.nLabelled).toBe(0);
  });
});

const refused: [string, string[], string][] = [
  ["an unknown option", ["--overlp", "0.5"], "--overlap"],
  ["an overlap of 1", ["--overlap", "1"], "--overlap"],
  ["an unknown mode", ["--mode", "linear"], "gaussian, constant"],
  ["an unknown engine", ["--engine", "torch"], "onnx"],
  [
    "a device of another engine",
    ["--engine", "onnx", "--device", "wasm"],
    "cpu, cuda",
  ],
  ["a window of two numbers", ["--roi", "64,64"], "64,64,64"],
  [
    "a window that the network cannot take",
    ["--roi", "33,32,32"],
    "each size must be a multiple of 16",
  ],
  ["a file that is not there", ["--input", "a.nii.gz"], "no file a.nii.gz"],
  ["a folder as checkpoint", ["--checkpoint", "data/"], "names a folder"],
  ["a bucket as checkpoint", ["--checkpoint", "s3://b"], "names a folder"],
  ["an unknown store", ["--input", "gs://bucket"], "use s3://bucket/prefix"],
  ["one case twice", ["--input", "data"], 'Two inputs hold a case "one"'],
  ["an unknown case", ["--cases", "nobody"], "one, twö 2"],
];
for (const [what, args, message] of refused) {
  Deno.test(`segment refuses ${what} and names what is allowed`, async () => {
    await withDataset(async (folder) => {
      const { code, err } = await segment(folder, ...args);
      expect(code).toBe(2);
      expect(err).toContain(message);
      // A run that was refused is not frozen: mended options may follow.
      await expect(Deno.stat(`${folder}/run`)).rejects.toThrow();
    });
  });
}

for (const name of ["IM 1", "scan.dcm", "scan.nii"]) {
  for (const prefix of ["", "file://"]) {
    Deno.test(`segment takes ${prefix}${name} for a file, and says it is DICOM`, async () => {
      await withNanoCheckpoint(async (folder) => {
        const dicom = new Uint8Array(400);
        dicom.set(new TextEncoder().encode("DICM"), 128);
        await Deno.writeFile(`${folder}/${name}`, dicom);
        const { code, out } = await uptake(folder, [
          ...["segment", "--checkpoint", "nano.safetensors", "--output", "run"],
          ...[
            "--input",
            prefix === "" ? name : `${prefix}${folder}/${encodeURI(name)}`,
          ],
        ]);
        expect(code).toBe(3);
        expect(out).toContain("it is a DICOM file, not NIfTI");
        expect(out).toContain("1 cases expected: 0 done, 1 failed, 0 missing");
      });
    });
  }
}

Deno.test("segment refuses a checkpoint that was cut short", async () => {
  await withDataset(async (folder) => {
    const bytes = await Deno.readFile(`${folder}/nano.safetensors`);
    await Deno.writeFile(
      `${folder}/nano.safetensors`,
      bytes.slice(0, bytes.length - 100),
    );
    const { code, err } = await segment(folder);
    expect(code).toBe(1);
    expect(err).toContain("nano.safetensors");
    expect(err).toContain("missing");
  });
});
