import { expect } from "@std/expect";
import {
  chooseEngine,
  describeEngines,
  DEVICE_NAMES,
  ENGINE_NAMES,
  engineChoice,
  namedEngine,
} from "../../../shared/engine/choose.ts";

Deno.test("chooseEngine() takes ONNX Runtime by itself", async () => {
  const engine = await chooseEngine();
  expect(engine.name).toBe("onnx");
  expect(["cpu", "cuda"]).toContain(engine.device);
});

Deno.test("chooseEngine() takes the engine that has the device", async () => {
  expect(await chooseEngine({ device: "wasm" }))
    .toMatchObject({ name: "tfjs", device: "wasm", threads: 1 });
  expect(await chooseEngine({ device: "cpu", threads: 2 }))
    .toMatchObject({ name: "onnx", device: "cpu", threads: 2 });
});

Deno.test("chooseEngine() refuses what does not go together, naming what does", async () => {
  const refusals = [
    [{ engine: "torch" }, "auto, onnx, tfjs"],
    [{ device: "tpu" }, "auto, cpu, cuda, wasm, webgpu, tensorflow"],
    [{ engine: "onnx", device: "wasm" }, "cpu, cuda"],
    [{ engine: "tfjs", device: "cuda" }, "wasm, webgpu, tensorflow"],
    [{ engine: "tfjs", device: "wasm", threads: 2 }, 'only engine "onnx"'],
    [{ engine: "onnx", device: "cpu", threads: 0 }, "positive integer"],
    [{ engine: "onnx", device: "cpu", threads: 9999 }, "threads are allowed"],
    [{ engine: "toString" }, "auto, onnx, tfjs"],
    [{ engine: "onnx", device: "toString" }, "auto, cpu"],
  ] as const;
  for (const [choice, allowed] of refusals) {
    const error = await chooseEngine(choice).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toContain(allowed);
  }
});

Deno.test("namedEngine() tells what a choice stands for without trying it", () => {
  expect(namedEngine()).toEqual({ name: "onnx", device: "auto" });
  expect(namedEngine({ device: "cuda", threads: 500 }))
    .toEqual({ name: "onnx", device: "cuda" });
  expect(namedEngine({ device: "tensorflow" }))
    .toEqual({ name: "tfjs", device: "tensorflow" });
  expect(() => namedEngine({ device: "webgpu", threads: 2 }))
    .toThrow('only engine "onnx" takes them');
});

Deno.test("engineChoice() leaves threads open that are", () => {
  expect(engineChoice({ name: "onnx", device: "cpu" }))
    .toEqual({ engine: "onnx", device: "cpu" });
  expect(engineChoice({ name: "onnx", device: "cpu", threads: 3 }))
    .toEqual({ engine: "onnx", device: "cpu", threads: 3 });
});

Deno.test("describeEngines() tells of every device what is there or why not", async () => {
  const reports = await describeEngines();
  expect(reports.map(({ device }) => device)).toEqual(DEVICE_NAMES);
  expect([...new Set(reports.map(({ engine }) => engine))])
    .toEqual(ENGINE_NAMES);
  for (const { available, version, detail } of reports) {
    expect(detail).not.toBe("");
    expect(version === undefined).toBe(!available);
  }
  const byDevice = new Map(reports.map((report) => [report.device, report]));
  for (const device of ["cpu", "wasm"]) {
    expect(byDevice.get(device)).toMatchObject({ available: true });
  }
});

Deno.test("chooseEngine() fails aloud on devices that describeEngines() calls missing", async () => {
  for (const { device, available, detail } of await describeEngines()) {
    if (available) continue;
    const error = await chooseEngine({ device }).catch((thrown) => thrown);
    expect(error.kind).toBe("engine");
    expect(error.message).toBe(detail);
  }
});
