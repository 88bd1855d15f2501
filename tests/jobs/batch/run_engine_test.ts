/** @module The engine that a run asks workers elsewhere for. */
import { expect } from "@std/expect";
import { remoteEngine } from "../../../jobs/batch/run_engine.ts";
import { kubernetesConfigSchema } from "../../../shared/dispatch/dispatch_config.ts";

const config = (gpus: number) =>
  kubernetesConfigSchema.parse({
    dispatch: "kubernetes",
    image: `registry.example.org/uptake@sha256:${"0f".repeat(32)}`,
    cpu: "3500m",
    gpus,
  });
const open = { engine: "auto", device: "auto", threads: "auto" } as const;

for (
  const [asked, gpus, engine] of [
    [{}, 0, { name: "onnx", device: "cpu", threads: 3 }],
    [{}, 1, { name: "onnx", device: "cuda", threads: 1 }],
    [{ engine: "tfjs" }, 0, { name: "tfjs", device: "wasm", threads: 1 }],
    [{ engine: "tfjs" }, 1, { name: "tfjs", device: "tensorflow" }],
    [{ device: "wasm" }, 0, { name: "tfjs", device: "wasm", threads: 1 }],
    [{ threads: 2 }, 0, { name: "onnx", device: "cpu", threads: 2 }],
  ] as const
) {
  Deno.test(`remoteEngine() takes ${engine.name} on ${engine.device} for ${JSON.stringify(asked)} and ${gpus} GPUs`, () => {
    expect(remoteEngine({ ...open, ...asked }, config(gpus)))
      .toMatchObject(engine);
  });
}

Deno.test("remoteEngine() refuses a GPU that nobody has, and what does not go together", () => {
  expect(() => remoteEngine({ ...open, device: "cuda" }, config(0)))
    .toThrow("Device cuda needs a GPU");
  expect(() =>
    remoteEngine({ ...open, engine: "onnx", device: "wasm" }, config(0))
  ).toThrow('Cannot run engine "onnx" on device "wasm"');
});
