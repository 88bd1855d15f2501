import { expect } from "@std/expect";
import { CaseError } from "../../../shared/case_error.ts";
import type { Graph, GraphNode } from "../../../shared/network/graph.ts";
import { buildNetwork } from "../../../shared/network/networks.ts";
import { inferShapes } from "../../../shared/network/shapes.ts";
import { MA3DSEG_NANO } from "../../support/networks.ts";

const nano = buildNetwork(MA3DSEG_NANO);

Deno.test("inferShapes() names every value", () => {
  const shapes = inferShapes(nano, [1, 1, 32, 32, 32]);
  expect([...shapes.keys()]).toEqual([
    "input",
    ...nano.nodes.map((node) => node.name),
  ]);
});

Deno.test("inferShapes() refuses sizes that the network cannot take", () => {
  for (
    const [shape, message] of [
      [[1, 1, 32, 32], "it takes [batch, channels, D, H, W]"],
      [[1, 1, 32, 32, 0], "it takes [batch, channels, D, H, W]"],
      [[1, 1, 32, 32, 31.5], "it takes [batch, channels, D, H, W]"],
      [[0, 1, 32, 32, 32], "it takes [batch, channels, D, H, W]"],
      [
        [1, 1, 32, 24, 32],
        "32x24x32 voxels: each size must be a multiple of 16",
      ],
      [[1, 1, 16, 16, 16], "would normalise a single position"],
    ] as const
  ) {
    expect(() => inferShapes(nano, shape)).toThrow(RangeError);
    expect(() => inferShapes(nano, shape)).toThrow(message);
  }
});

Deno.test("inferShapes() refuses other channels with a CaseError of that kind", () => {
  expect(() => inferShapes(nano, [1, 2, 32, 32, 32])).toThrow(CaseError);
  expect(() => inferShapes(nano, [1, 2, 32, 32, 32]))
    .toThrow("the network takes 1 channel, and there are 2");
});

/** A graph of the given nodes on one channel, with a 3x3x3 convolution's weight to use. */
function graphOf(output: string, ...nodes: GraphNode[]): Graph {
  return {
    input: "x",
    inChannels: 1,
    nodes,
    output,
    classes: 2,
    parameters: new Map([["w", [2, 1, 3, 3, 3]], ["v", [1]]]),
    sizeMultiple: 1,
  };
}

Deno.test("inferShapes() computes each operation's shape", () => {
  const conv = {
    op: "conv3d",
    name: "conv",
    inputs: ["x"],
    weight: "w",
    kernel: 3,
    stride: 2,
    padding: 1,
    groups: 1,
  } as const;
  const both = { op: "concat", name: "both", inputs: ["x", "x"] } as const;
  expect(inferShapes(graphOf("conv", conv), [1, 1, 5, 6, 7]).get("conv"))
    .toEqual([1, 2, 3, 3, 4]);
  expect(inferShapes(graphOf("both", both), [3, 1, 4, 4, 4]).get("both"))
    .toEqual([3, 2, 4, 4, 4]);
});

Deno.test("inferShapes() refuses graphs that contradict themselves", () => {
  const conv = {
    op: "conv3d",
    name: "conv",
    inputs: ["x"],
    weight: "w",
    kernel: 3,
    stride: 1,
    padding: 1,
    groups: 1,
  } as const;
  const cases: [Graph, string][] = [
    [graphOf("conv", conv, conv), 'Cannot name two values "conv"'],
    [
      graphOf("conv", { ...conv, inputs: ["y"] }),
      'Cannot compute "conv" before "y"',
    ],
    [
      graphOf("conv", { ...conv, weight: "u" }),
      'parameter "u" has shape [], not [0, 1, 3, 3, 3]',
    ],
    [
      graphOf("conv", { ...conv, kernel: 5 }),
      'parameter "w" has shape [2, 1, 3, 3, 3], not [2, 1, 5, 5, 5]',
    ],
    [
      graphOf("conv", { ...conv, bias: "v" }),
      'parameter "v" has shape [1], not [2]',
    ],
    [
      graphOf("sum", conv, { op: "add", name: "sum", inputs: ["x", "conv"] }),
      'Cannot compute "sum" from shapes [1, 1, 4, 4, 4] and [1, 2, 4, 4, 4]',
    ],
    [graphOf("x"), "as logits of 2 classes: its shape is [1, 1, 4, 4, 4]"],
    [graphOf("z", conv), 'Cannot use "z" as logits'],
  ];
  for (const [graph, message] of cases) {
    expect(() => inferShapes(graph, [1, 1, 4, 4, 4])).toThrow(TypeError);
    expect(() => inferShapes(graph, [1, 1, 4, 4, 4])).toThrow(message);
  }
});
