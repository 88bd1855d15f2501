import { expect } from "@std/expect";
import { chooseEngine } from "../../../shared/engine/choose.ts";
import { readCheckpoint } from "../../../shared/network/checkpoint.ts";
import { buildNetwork } from "../../../shared/network/networks.ts";
import { uptake } from "../../support/command_line.ts";
import { readGolden } from "../../support/golden.ts";
import { fixture } from "../../support/requires.ts";
import { withFolder } from "../../support/temporary_folder.ts";

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
    const golden = readGolden(
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

Deno.test("export says that a PyTorch file must be imported first", async () => {
  const { code, err } = await uptake("/nowhere", [
    ...["export", fixture("network/ma3dseg_nano.pth"), "--output", "x.onnx"],
  ]);
  expect(code).toBe(1);
  expect(err).toContain("import it first");
});

Deno.test("export names the checkpoint that is not there", async () => {
  const { code, err } = await uptake("/nowhere", [
    ...["export", "x.safetensors", "--output", "x.onnx"],
  ]);
  expect(code).toBe(2);
  expect(err).toContain("no checkpoint at file:///nowhere/x.safetensors");
});
