/**
 * Graphs of a few nodes, and random numbers for them.
 * @module
 */
import {
  elementCount,
  type Graph,
  type GraphNode,
  type Shape,
  type Weights,
} from "../../../shared/network/graph.ts";

export interface SmallGraph {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly nodes: readonly GraphNode[];
  readonly parameters: Readonly<Record<string, Shape>>;
  /** @default the last node */
  readonly output?: string;
}

/** A graph that reads `input`. */
export function graphOf(small: SmallGraph): Graph {
  return {
    input: "input",
    inChannels: small.inChannels,
    nodes: small.nodes,
    output: small.output ?? small.nodes.at(-1)!.name,
    classes: small.outChannels,
    parameters: new Map(Object.entries(small.parameters)),
    sizeMultiple: 1,
  };
}

/** Repeatable numbers in [-1, 1). */
export function randomNumbers(
  count: number,
  seed = 1,
): Float32Array<ArrayBuffer> {
  const numbers = new Float32Array(count);
  let state = seed;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    numbers[i] = state / 2 ** 31 - 1;
  }
  return numbers;
}

/** Random weights for a graph, scaled so that activations neither fade nor explode. */
export function randomWeights(graph: Graph): Weights {
  return new Map(
    [...graph.parameters].map(([name, shape], index) => {
      const data = randomNumbers(elementCount(shape), index + 1);
      const fanIn = elementCount(shape.slice(1));
      const factor = Math.sqrt(3 / fanIn);
      return [name, { shape, data: data.map((value) => value * factor) }];
    }),
  );
}

/** Weights given as numbers. */
export function weightsOf(
  graph: Graph,
  values: Readonly<Record<string, readonly number[]>>,
): Weights {
  return new Map(
    Object.entries(values).map(([name, numbers]) => [
      name,
      {
        shape: graph.parameters.get(name)!,
        data: Float32Array.from(numbers),
      },
    ]),
  );
}

function conv(
  channels: readonly [number, number],
  options: {
    kernel: number;
    stride?: number;
    padding?: number;
    groups?: number;
    bias?: boolean;
  },
): SmallGraph {
  const { kernel, stride = 1, padding = 0, groups = 1, bias } = options;
  const [inChannels, outChannels] = channels;
  const perGroup = inChannels / groups;
  return {
    inChannels,
    outChannels,
    nodes: [{
      op: "conv3d",
      name: "y",
      inputs: ["input"],
      weight: "w",
      ...(bias ? { bias: "b" } : {}),
      kernel,
      stride,
      padding,
      groups,
    }],
    parameters: {
      w: [outChannels, perGroup, kernel, kernel, kernel],
      ...(bias ? { b: [outChannels] } : {}),
    },
  };
}

/** One of each operation in every form that the networks use, and the general grouped convolution. */
export const SMALL_GRAPHS: Readonly<Record<string, SmallGraph>> = {
  "a dense 3x3x3 convolution": conv([3, 5], { kernel: 3, padding: 1 }),
  "a dense 3x3x3 convolution without padding": conv([2, 3], { kernel: 3 }),
  "a strided 7x7x7 convolution with bias": conv([2, 3], {
    kernel: 7,
    stride: 2,
    padding: 3,
    bias: true,
  }),
  "a 2x2x2 convolution of stride 2": conv([3, 4], {
    kernel: 2,
    stride: 2,
    bias: true,
  }),
  "a 3x3x3 convolution of stride 3": conv([2, 3], {
    kernel: 3,
    stride: 3,
    padding: 1,
  }),
  "a 1x1x1 convolution with bias": conv([4, 2], { kernel: 1, bias: true }),
  "a depthwise 7x7x7 convolution": conv([3, 3], {
    kernel: 7,
    padding: 3,
    groups: 3,
  }),
  "a depthwise 3x3x3 convolution of stride 2 with bias": conv([3, 3], {
    kernel: 3,
    stride: 2,
    padding: 1,
    groups: 3,
    bias: true,
  }),
  "a depthwise 3x3x3 convolution to twice the channels": conv([3, 6], {
    kernel: 3,
    padding: 1,
    groups: 3,
  }),
  "a grouped expansion": conv([3, 12], { kernel: 1, groups: 3, bias: true }),
  "a grouped contraction": conv([12, 3], { kernel: 1, groups: 3, bias: true }),
  "a grouped convolution": conv([4, 6], {
    kernel: 3,
    padding: 1,
    groups: 2,
    bias: true,
  }),
  "a doubling transposed convolution": {
    inChannels: 3,
    outChannels: 2,
    nodes: [{
      op: "convTranspose3d",
      name: "y",
      inputs: ["input"],
      weight: "w",
      kernel: 2,
    }],
    parameters: { w: [3, 2, 2, 2, 2] },
  },
  "layer norm": {
    inChannels: 5,
    outChannels: 5,
    nodes: [{
      op: "layerNorm",
      name: "y",
      inputs: ["input"],
      weight: "w",
      bias: "b",
      epsilon: 1e-6,
    }],
    parameters: { w: [5], b: [5] },
  },
  "instance norm": {
    inChannels: 2,
    outChannels: 2,
    nodes: [{
      op: "instanceNorm",
      name: "y",
      inputs: ["input"],
      epsilon: 1e-5,
    }],
    parameters: {},
  },
  "gelu": {
    inChannels: 1,
    outChannels: 1,
    nodes: [{ op: "gelu", name: "y", inputs: ["input"] }],
    parameters: {},
  },
  "leaky relu": {
    inChannels: 1,
    outChannels: 1,
    nodes: [{ op: "leakyRelu", name: "y", inputs: ["input"], slope: 0.01 }],
    parameters: {},
  },
  // As in the networks, the node bears the name of its parameter.
  "a scale per channel": {
    inChannels: 3,
    outChannels: 3,
    nodes: [{ op: "scale", name: "w", inputs: ["input"], weight: "w" }],
    parameters: { w: [3] },
  },
  "a sum": {
    inChannels: 2,
    outChannels: 2,
    nodes: [
      { op: "gelu", name: "x", inputs: ["input"] },
      { op: "add", name: "y", inputs: ["x", "input"] },
    ],
    parameters: {},
  },
  "a concatenation": {
    inChannels: 2,
    outChannels: 4,
    nodes: [
      { op: "gelu", name: "x", inputs: ["input"] },
      { op: "concat", name: "y", inputs: ["input", "x"] },
    ],
    parameters: {},
  },
  "an output that a later node reads, too": {
    inChannels: 1,
    outChannels: 1,
    nodes: [
      { op: "leakyRelu", name: "x", inputs: ["input"], slope: 0.5 },
      { op: "add", name: "z", inputs: ["x", "x"] },
      { op: "concat", name: "y", inputs: ["x", "z"] },
    ],
    output: "x",
    parameters: {},
  },
};

/** What a graph of {@linkcode SMALL_GRAPHS} makes of numbers simple enough to check by hand. */
export const BY_HAND: readonly {
  readonly graph: string;
  readonly weights: Readonly<Record<string, readonly number[]>>;
  readonly shape: Shape;
  readonly input: readonly number[];
  readonly output: readonly number[];
}[] = [
  {
    graph: "a 1x1x1 convolution with bias",
    weights: { w: [1, 10, 100, 1000, 1, 1, 1, 1], b: [0, -10] },
    shape: [1, 4, 1, 1, 1],
    input: [1, 2, 3, 4],
    output: [4321, 0],
  },
  {
    graph: "a grouped expansion",
    weights: {
      w: [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4],
      b: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5],
    },
    shape: [1, 3, 1, 1, 1],
    input: [1, 10, 100],
    output: [1, 2, 3, 4, 10, 20, 30, 40, 100, 200, 300, 405],
  },
  {
    graph: "a grouped contraction",
    weights: { w: [1, 1, 1, 1, 1, 2, 3, 4, 0, 0, 0, 1], b: [0, 0, 1] },
    shape: [1, 12, 1, 1, 1],
    input: [1, 2, 3, 4, 1, 1, 1, 1, 5, 6, 7, 8],
    output: [10, 10, 9],
  },
  {
    graph: "a doubling transposed convolution",
    weights: {
      w: [
        ...[1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0],
        ...[0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1],
        ...new Array(16).fill(0),
      ],
    },
    shape: [1, 3, 1, 1, 1],
    input: [10, 7, 5],
    output: [10, 20, 30, 40, 50, 60, 70, 80, 7, 7, 7, 7, 7, 7, 7, 7],
  },
  {
    graph: "layer norm",
    // Mean 3, variance 2.
    weights: { w: [1, 1, 1, 1, 2], b: [0, 0, 5, 0, 1] },
    shape: [1, 5, 1, 1, 1],
    input: [1, 2, 3, 4, 5],
    output: [-Math.SQRT2, -Math.SQRT1_2, 5, Math.SQRT1_2, 2 * Math.SQRT2 + 1],
  },
  {
    graph: "instance norm",
    weights: {},
    shape: [1, 2, 1, 1, 2],
    input: [10, 30, -5, -1],
    output: [-1, 1, -1, 1],
  },
  {
    graph: "gelu",
    weights: {},
    shape: [1, 1, 1, 1, 4],
    input: [0, 1, -1, 10],
    output: [0, 0.8413447460685429, -0.15865525393145707, 10],
  },
  {
    graph: "leaky relu",
    weights: {},
    shape: [1, 1, 1, 1, 3],
    input: [-100, 0, 7],
    output: [-1, 0, 7],
  },
  {
    graph: "a scale per channel",
    weights: { w: [1, -2, 0.5] },
    shape: [1, 3, 1, 1, 1],
    input: [3, 3, 3],
    output: [3, -6, 1.5],
  },
];
