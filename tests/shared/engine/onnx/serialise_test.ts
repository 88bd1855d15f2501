import { expect } from "@std/expect";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { CaseError } from "../../../../shared/case_error.ts";
import { serialiseOnnx } from "../../../../shared/engine/onnx/serialise.ts";
import { elementCount, type Graph } from "../../../../shared/network/graph.ts";
import { buildNetwork } from "../../../../shared/network/networks.ts";
import { MA3DSEG_NANO } from "../../../support/networks.ts";
import { computeByLoops } from "../loop_reference.ts";
import {
  graphOf,
  randomNumbers,
  randomWeights,
  SMALL_GRAPHS,
} from "../small_graphs.ts";

const NANO = buildNetwork(MA3DSEG_NANO);

/** A doubling and a halving with a norm between: output sizes equal input sizes. */
const DOWN_AND_UP: Graph = graphOf({
  inChannels: 1,
  outChannels: 2,
  nodes: [
    {
      op: "conv3d",
      name: "down",
      inputs: ["input"],
      weight: "down.weight",
      kernel: 2,
      stride: 2,
      padding: 0,
      groups: 1,
    },
    { op: "instanceNorm", name: "norm", inputs: ["down"], epsilon: 1e-5 },
    {
      op: "convTranspose3d",
      name: "up",
      inputs: ["norm"],
      weight: "up.weight",
      kernel: 2,
    },
  ],
  parameters: { "down.weight": [3, 1, 2, 2, 2], "up.weight": [3, 2, 2, 2, 2] },
});

Deno.test("serialiseOnnx() writes a model that runs by itself on any batch and size", async () => {
  const weights = randomWeights(DOWN_AND_UP);
  const session = await InferenceSession.create(
    serialiseOnnx(DOWN_AND_UP, weights),
  );
  expect(session.inputNames).toEqual(["input"]);
  expect(session.outputNames).toEqual(["logits"]);
  expect(session.inputMetadata[0]).toMatchObject({
    type: "float32",
    shape: ["batch", 1, "depth", "height", "width"],
  });
  for (const shape of [[1, 1, 4, 6, 8], [3, 1, 2, 4, 2]] as const) {
    const input = randomNumbers(elementCount(shape));
    const { logits } = await session.run({
      input: new Tensor("float32", input, shape),
    });
    expect(logits!.dims).toEqual([shape[0], 2, ...shape.slice(2)]);
    const wanted = computeByLoops(DOWN_AND_UP, weights, input, shape);
    expect(logits!.data.length).toBe(wanted.length);
    wanted.forEach((value, i) =>
      expect(Number(logits!.data[i])).toBeCloseTo(value, 4)
    );
  }
  await session.release();
});

Deno.test("serialiseOnnx() fixes the sizes it is given", async () => {
  const session = await InferenceSession.create(
    serialiseOnnx(NANO, randomWeights(NANO), {
      inputShape: [2, 1, 32, 48, 32],
    }),
  );
  expect(session.inputMetadata[0]).toMatchObject({ shape: [2, 1, 32, 48, 32] });
  expect(session.outputMetadata[0])
    .toMatchObject({ shape: [2, 2, 32, 48, 32] });
  await session.release();
});

Deno.test("serialiseOnnx() keeps PyTorch's names and the remarks, and little beside the weights", () => {
  const weights = randomWeights(NANO);
  const bytes = serialiseOnnx(NANO, weights, {
    metadata: { uptake: '{"roi":[32,32,32]}' },
  });
  const text = new TextDecoder("latin1").decode(bytes);
  for (const name of weights.keys()) expect(text).toContain(name);
  expect(text).toContain('{"roi":[32,32,32]}');
  const weightBytes = [...weights.values()]
    .reduce((sum, { data }) => sum + data.byteLength, 0);
  expect(bytes.length).toBeGreaterThan(weightBytes);
  expect(bytes.length).toBeLessThan(weightBytes + 64 * 1024);
});

Deno.test("serialiseOnnx() writes the same bytes for the same network", () => {
  expect(serialiseOnnx(NANO, randomWeights(NANO)))
    .toEqual(serialiseOnnx(NANO, randomWeights(NANO)));
});

Deno.test("serialiseOnnx() refuses weights and sizes that do not fit", () => {
  const graph = graphOf(SMALL_GRAPHS["a 1x1x1 convolution with bias"]!);
  expect(() => serialiseOnnx(graph, new Map())).toThrow(CaseError);
  expect(() =>
    serialiseOnnx(NANO, randomWeights(NANO), { inputShape: [1, 1, 32, 32, 33] })
  ).toThrow(RangeError);
});
