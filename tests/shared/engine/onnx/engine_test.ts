import { expect } from "@std/expect";
import { CaseError } from "../../../../shared/case_error.ts";
import { createOnnxEngine } from "../../../../shared/engine/onnx/engine.ts";
import {
  loadOnnxRuntime,
  proveCuda,
} from "../../../../shared/engine/onnx/runtime.ts";
import { testEngine } from "../engine_contract.ts";

testEngine(() => createOnnxEngine({ device: "cpu", threads: 2 }), "onnx/cpu");

Deno.test("createOnnxEngine() tells what it is", async () => {
  const engine = await createOnnxEngine({ device: "cpu", threads: 1 });
  expect(engine).toMatchObject({ name: "onnx", device: "cpu", threads: 1 });
  expect(engine.version).toMatch(/^onnxruntime-node \d+\.\d+\.\d+$/);
});

Deno.test("createOnnxEngine() uses every core unless told otherwise", async () => {
  const engine = await createOnnxEngine({ device: "cpu" });
  expect(engine.threads).toBe(navigator.hardwareConcurrency);
});

Deno.test("createOnnxEngine() refuses a number of threads that is none", async () => {
  for (const threads of [0, -1, 1.5, NaN]) {
    await expect(createOnnxEngine({ device: "cpu", threads }))
      .rejects.toThrow(RangeError);
  }
});

const cuda = await proveCuda(await loadOnnxRuntime()).then(
  () => true,
  () => false,
);

Deno.test({
  name: "createOnnxEngine() refuses CUDA aloud where it does not work",
  ignore: cuda,
  fn: async () => {
    const error = await createOnnxEngine({ device: "cuda" }).catch((e) => e);
    expect(error).toBeInstanceOf(CaseError);
    expect(error.kind).toBe("engine");
    expect(error.message).toMatch(
      /cannot use CUDA: .+ONNXRUNTIME_NODE_INSTALL/,
    );
  },
});

if (cuda) {
  testEngine(() => createOnnxEngine({ device: "cuda" }), "onnx/cuda");
}
