/** @module The small verbs: metrics, preprocess, import, export, phantom, doctor. */
import { expect } from "@std/expect";
import { chooseEngine } from "../../../shared/engine/choose.ts";
import { readNifti } from "../../../shared/imaging/nifti/read.ts";
import { readCheckpoint } from "../../../shared/network/checkpoint.ts";
import { buildNetwork } from "../../../shared/network/networks.ts";
import { uptake } from "../../support/command_line.ts";
import { readGolden } from "../../support/golden.ts";
import { fixture } from "../../support/requires.ts";

const IMAGE = fixture("preprocess/phantom_lps.nii.gz");
const LABEL = fixture("preprocess/phantom_lps_label.nii.gz");

async function withFolder(use: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

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

Deno.test("preprocess writes what the golden data expects", async () => {
  await withFolder(async (folder) => {
    const { code } = await uptake(folder, [
      ...["preprocess", IMAGE, "--spacing", "3,3,3", "--range", "0,8"],
      ...["--output", "seen.nii.gz"],
    ]);
    expect(code).toBe(0);
    const { volume } = readNifti(
      await Deno.readFile(`${folder}/seen.nii.gz`),
    );
    const expected = await readGolden(
      fixture("preprocess/phantom_lps.expected.safetensors"),
    );
    const image = expected.tensor("image");
    expect([...volume.shape]).toEqual([...image.shape]);
    let largest = 0;
    volume.data.forEach((value, n) => {
      largest = Math.max(largest, Math.abs(value - image.data[n]!));
    });
    expect(largest).toBeLessThan(1e-4);
  });
});

Deno.test("import and export carry a golden network to a file ONNX Runtime agrees on", async () => {
  await withFolder(async (folder) => {
    const imported = await uptake(folder, [
      ...["import", fixture("network/uxnet_nano.pth"), "--network", "uxnet3d"],
      ...["--range", "0,8", "--spacing", "4,4,4", "--roi", "32,32,32"],
      ...["--classes", "background,primary,node", "--output", "x.safetensors"],
    ]);
    expect(imported.code).toBe(0);
    const { card, weights } = readCheckpoint(
      await Deno.readFile(`${folder}/x.safetensors`),
    );
    expect(card.classes).toEqual(["background", "primary", "node"]);
    expect(card.preprocessing.spacingMm).toEqual([4, 4, 4]);

    const exported = await uptake(folder, [
      ...["export", "x.safetensors", "--output", "x.onnx", "--json"],
    ]);
    expect(exported.code).toBe(0);
    const ort = await import("onnxruntime-node");
    const session = await ort.InferenceSession.create(`${folder}/x.onnx`);
    const golden = await readGolden(
      fixture("network/uxnet_nano.forward.safetensors"),
    );
    const { data, shape } = golden.tensor("input");
    const { logits } = await session.run({
      input: new ort.Tensor("float32", Float32Array.from(data), [...shape]),
    });
    const engine = await chooseEngine({ engine: "onnx", device: "cpu" });
    const compiled = await engine.compile(
      buildNetwork(card.network),
      weights,
      shape,
    );
    const own = await compiled.run(Float32Array.from(data));
    const wanted = golden.tensor("logits").data;
    for (const scores of [logits!.data as Float32Array, own]) {
      let largest = 0;
      scores.forEach((value, n) => {
        largest = Math.max(largest, Math.abs(value - wanted[n]!));
      });
      expect(largest).toBeLessThan(1e-3);
    }
    await compiled.dispose();
    await session.release();
  });
});

Deno.test("import refuses names that do not fit the network", async () => {
  await withFolder(async (folder) => {
    const { code, err } = await uptake(folder, [
      ...["import", fixture("network/ma3dseg_nano.pth"), "--range", "0,8"],
      ...["--classes", "a,b,c", "--output", "x.safetensors"],
    ]);
    expect(code).toBe(2);
    expect(err).toContain("classes");
  });
});

Deno.test("phantom writes a dataset, the same bytes for the same seed, over no other's", async () => {
  await withFolder(async (folder) => {
    const phantom = (output: string, seed: string) =>
      uptake(folder, [
        ...["phantom", "--cases", "2", "--seed", seed, "--output", output],
        ...["--shape", "24,20,40", "--spacing", "16,16,24"],
      ]);
    for (const [output, seed] of [["a", "7"], ["b", "7"], ["c", "8"]]) {
      expect((await phantom(output!, seed!)).code).toBe(0);
    }
    const image = (output: string) =>
      Deno.readFile(`${folder}/${output}/imagesTr/phantom_0002.nii.gz`);
    expect(await image("a")).toEqual(await image("b"));
    expect(await image("a")).not.toEqual(await image("c"));
    const json = JSON.parse(
      await Deno.readTextFile(`${folder}/a/dataset.json`),
    );
    expect(json.units).toEqual({ "0": "SUV" });
    expect(json.training.length).toBe(2);

    await Deno.writeTextFile(`${folder}/a/dataset.json`, "{}");
    const over = await phantom("a", "7");
    expect(over.code).toBe(2);
    expect(over.err).toContain("holds another dataset");
  });
});

Deno.test("doctor lists every engine, usable or with the reason why not", async () => {
  const { code, out } = await uptake("/", ["doctor", "--json"]);
  expect(code).toBe(0);
  const { engines, machine } = JSON.parse(out);
  expect(machine.deno).toBe(Deno.version.deno);
  expect(engines.map(({ device }: { device: string }) => device)).toEqual([
    "cpu",
    "cuda",
    "wasm",
    "webgpu",
    "tensorflow",
  ]);
  expect(engines[0].available).toBe(true);
  for (const { available, detail } of engines) {
    expect(typeof available).toBe("boolean");
    expect(detail.length).toBeGreaterThan(3);
  }
});

Deno.test("doctor tries a store", async () => {
  await withFolder(async (folder) => {
    const { code, out } = await uptake(folder, ["doctor", "--store", "."]);
    expect(code).toBe(0);
    expect(out).toContain("can be listed, it is empty");
  });
});
