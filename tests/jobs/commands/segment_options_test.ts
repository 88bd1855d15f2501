/** @module What the options of segment do to a mask, and that a run never goes on with others. */
import { expect } from "@std/expect";
import {
  readNifti,
  readNiftiLabel,
} from "../../../shared/imaging/nifti/read.ts";
import { inflateAll } from "../../../shared/imaging/nifti/gzip.ts";
import {
  type Ran,
  uptake,
  withNanoCheckpoint,
} from "../../support/command_line.ts";
import { PHANTOM, readJson, writeFiles } from "../../support/datasets.ts";
import { fixture } from "../../support/requires.ts";

function segment(folder: string, output: string, ...more: string[]) {
  return uptake(folder, [
    ...["segment", "--input", "a.nii.gz", "--output", output, "--threads", "1"],
    ...(more.includes("--checkpoint")
      ? []
      : ["--checkpoint", "nano.safetensors"]),
    ...more,
  ]);
}

async function withScan(use: (folder: string) => Promise<void>) {
  await withNanoCheckpoint(async (folder) => {
    await writeFiles(folder, { "a.nii.gz": PHANTOM.image });
    await use(folder);
  });
}

/** Runs segment with options into an output of their own; the mask's bytes. */
async function maskOf(folder: string, ...options: string[]) {
  const output = `run ${options.join(" ").replaceAll("/", "_")}`;
  expect((await segment(folder, output, ...options)).code).toBe(0);
  return await Deno.readFile(`${folder}/${output}/masks/a.nii.gz`);
}

Deno.test("segment's masks change with what decides a voxel, and with nothing else", async () => {
  await withScan(async (folder) => {
    // Its body is longer than a window, so that windows overlap.
    await Deno.copyFile(
      fixture("preprocess/phantom_oblique.nii.gz"),
      `${folder}/a.nii.gz`,
    );
    const usual = await maskOf(folder);
    for (
      const same of [
        ["--overlap", "0.5", "--mode", "gaussian", "--roi", "32,32,32"],
        ["--unit", "SUV"],
        ["--save-probabilities"],
        // The mean of one network's probabilities and the same again.
        ["--checkpoint", "nano.safetensors", "nano.safetensors"],
      ]
    ) expect([same, await maskOf(folder, ...same)]).toEqual([same, usual]);
    for (
      const other of [
        ["--overlap", "0.75"],
        ["--mode", "constant"],
        ["--roi", "48,32,32"],
        ["--tta", "mirror"],
        ["--min-lesion-ml", "1"],
      ]
    ) {
      expect([other, await maskOf(folder, ...other)]).not.toEqual([
        other,
        usual,
      ]);
    }
    const none = await maskOf(folder, "--min-lesion-ml", "1e6");
    expect(readNiftiLabel(none).volume.data.every((value) => value === 0))
      .toBe(true);
  });
});

Deno.test("segment writes mask and probabilities with the image's geometry, bit for bit, and a picture", async () => {
  await withScan(async (folder) => {
    await segment(folder, "run", "--save-probabilities");
    const { outputs } = await readJson(`${folder}/run/results/a.json`);
    const files = new Map<string, Uint8Array<ArrayBuffer>>();
    for (const { name, key } of outputs) {
      files.set(name, await Deno.readFile(`${folder}/run/${key}`));
    }
    const image = readNifti(PHANTOM.image);
    const mask = readNiftiLabel(files.get("mask.nii.gz")!);
    expect(mask.header.datatype.name).toBe("uint8");
    const probabilities = inflateAll(
      files.get("probabilities.nii.gz")!,
      1,
      1e9,
    );
    const count = image.volume.data.length;
    for (
      const [name, header, dimensions] of [
        ["mask", mask.header.bytes, 3],
        ["probabilities", probabilities, 4],
      ] as const
    ) {
      const view = new DataView(header.buffer, header.byteOffset);
      expect([name, view.getInt16(40, true)]).toEqual([name, dimensions]);
      // dim[1..3]; pixdim[0..3]; units; qform_code to srow_z
      for (const [from, to] of [[42, 48], [76, 92], [123, 124], [252, 328]]) {
        expect([name, from, header.slice(from, to)]).toEqual(
          [name, from, image.header.bytes.slice(from, to)],
        );
      }
    }
    // Two volumes of float32 behind the header, which sum to 1 where the network looked, 0 elsewhere.
    const values = new Float32Array(probabilities.slice(352).buffer);
    expect(values.length).toBe(2 * count);
    for (let n = 0; n < count; n++) {
      const sum = values[n]! + values[count + n]!;
      expect(Math.min(Math.abs(sum), Math.abs(sum - 1))).toBeLessThan(1e-5);
    }
    const png = files.get("mip.png")!;
    expect([...png.slice(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
  });
});

const others: [string, string[]][] = [
  ["overlap", ["--overlap", "0.25"]],
  ["roi", ["--roi", "48,32,32"]],
  ["swBatch", ["--sw-batch", "3"]],
  ["mode", ["--mode", "constant"]],
  ["tta", ["--tta", "mirror"]],
  ["minLesionMl", ["--min-lesion-ml", "1"]],
  ["saveProbabilities", ["--save-probabilities"]],
  ["threads", ["--threads", "2"]],
  ["checkpoint", ["--checkpoint", "other.safetensors"]],
  ["checkpoint", ["--checkpoint", "nano.safetensors", "other.safetensors"]],
];

Deno.test("segment goes on with no other option than its run's, and names the difference", async () => {
  await withScan(async (folder) => {
    const imported = await uptake(folder, [
      ...["import", fixture("network/ma3dseg_nano.pth"), "--range", "0,8"],
      ...["--roi", "32,32,32", "--precision", "f16"],
      ...["--output", "other.safetensors"],
    ]);
    expect(imported.code).toBe(0);
    expect((await segment(folder, "run")).code).toBe(0);
    const before = await Deno.readTextFile(`${folder}/run/summary.json`);
    const refused = async ([name, options]: typeof others[number]) => {
      const { code, out, err }: Ran = await segment(folder, "run", ...options);
      expect([options, code, out]).toEqual([options, 2, ""]);
      expect(err).toMatch(new RegExp(`${name} was .+, now it is .+`));
    };
    for (const other of others) await refused(other);
    expect(await Deno.readTextFile(`${folder}/run/summary.json`)).toBe(before);
  });
});

Deno.test("segment refuses to average checkpoints that see different things", async () => {
  await withScan(async (folder) => {
    await uptake(folder, [
      ...["import", fixture("network/ma3dseg_nano.pth"), "--range", "0,15"],
      ...["--roi", "32,32,32", "--output", "other.safetensors"],
    ]);
    const { code, err } = await segment(
      folder,
      "run",
      ...["--checkpoint", "nano.safetensors", "other.safetensors"],
    );
    expect(code).toBe(2);
    expect(err).toContain(
      "Cannot average nano and other: their preprocessing differ",
    );
  });
});
