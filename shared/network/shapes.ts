/**
 * The shape of every value of a graph for an input shape; engines and checks share it.
 * @module
 */
import { CaseError } from "../case_error.ts";
import {
  elementCount,
  type Graph,
  type GraphNode,
  type Shape,
} from "./graph.ts";

/**
 * Shapes by value name, the graph's input included.
 *
 * @param inputShape [batch, channels, D, H, W]
 * @throws {RangeError} when a size is no positive integer, a spatial size is no multiple of
 *   `graph.sizeMultiple`, or so small that an instance norm would see a single position (which
 *   PyTorch refuses, too).
 * @throws {CaseError} kind `channels` when the input has other channels than the network.
 * @throws {TypeError} when the graph contradicts itself.
 */
export function inferShapes(
  graph: Graph,
  inputShape: Shape,
): Map<string, Shape> {
  checkInput(graph, inputShape);
  const shapes = new Map<string, Shape>([[graph.input, inputShape]]);
  for (const node of graph.nodes) {
    if (shapes.has(node.name)) {
      throw new TypeError(`Cannot name two values "${node.name}"`);
    }
    const inputs = node.inputs.map((name) => {
      const shape = shapes.get(name);
      if (shape === undefined) {
        throw new TypeError(
          `Cannot compute "${node.name}" before "${name}", which it reads`,
        );
      }
      return shape;
    });
    shapes.set(node.name, nodeShape(graph, node, inputs));
  }
  const output = shapes.get(graph.output);
  if (output?.[1] !== graph.classes) {
    throw new TypeError(
      `Cannot use "${graph.output}" as logits of ${graph.classes} classes: its shape is ${
        format(output ?? [])
      }`,
    );
  }
  return shapes;
}

function checkInput(graph: Graph, shape: Shape): void {
  const [, channels, ...sizes] = shape;
  if (
    shape.length !== 5 ||
    !shape.every((size) => Number.isInteger(size) && size > 0)
  ) {
    throw new RangeError(
      `Cannot run a network on an input of shape ${
        format(shape)
      }: it takes [batch, channels, D, H, W]`,
    );
  }
  if (channels !== graph.inChannels) {
    throw new CaseError(
      "channels",
      `the network takes ${count(graph.inChannels, "channel")}, and there ${
        channels === 1 ? "is 1" : `are ${channels}`
      }`,
    );
  }
  if (sizes.some((size) => size % graph.sizeMultiple !== 0)) {
    throw new RangeError(
      `Cannot run the network on windows of ${
        sizes.join("x")
      } voxels: each size must be a multiple of ${graph.sizeMultiple}`,
    );
  }
}

function nodeShape(graph: Graph, node: GraphNode, inputs: Shape[]): Shape {
  const [batch, channels, ...sizes] = inputs[0]!;
  function parameter(name: string, expected: Shape): void {
    const shape = graph.parameters.get(name);
    if (shape === undefined || !equal(shape, expected)) {
      throw new TypeError(
        `Cannot compute "${node.name}": parameter "${name}" has shape ${
          format(shape ?? [])
        }, not ${format(expected)}`,
      );
    }
  }
  switch (node.op) {
    case "conv3d": {
      const [out = 0] = graph.parameters.get(node.weight) ?? [];
      const cube = [node.kernel, node.kernel, node.kernel];
      parameter(node.weight, [out, channels! / node.groups, ...cube]);
      if (node.bias !== undefined) parameter(node.bias, [out]);
      const outSizes = sizes.map((size) =>
        Math.floor((size + 2 * node.padding - node.kernel) / node.stride) + 1
      );
      return [batch!, out, ...outSizes];
    }
    case "convTranspose3d": {
      const [, out = 0] = graph.parameters.get(node.weight) ?? [];
      const cube = [node.kernel, node.kernel, node.kernel];
      parameter(node.weight, [channels!, out, ...cube]);
      return [batch!, out, ...sizes.map((size) => size * node.kernel)];
    }
    case "layerNorm":
      parameter(node.weight, [channels!]);
      parameter(node.bias, [channels!]);
      return inputs[0]!;
    case "scale":
      parameter(node.weight, [channels!]);
      return inputs[0]!;
    case "instanceNorm":
      if (elementCount(sizes) === 1) {
        throw new RangeError(
          `Cannot run the network on windows this small: "${node.name}" would normalise a single position`,
        );
      }
      return inputs[0]!;
    case "gelu":
    case "leakyRelu":
      return inputs[0]!;
    case "add":
      sameShape(node, inputs, 0);
      return inputs[0]!;
    case "concat":
      sameShape(node, inputs, 2);
      return [
        batch!,
        inputs.reduce((sum, shape) => sum + shape[1]!, 0),
        ...sizes,
      ];
  }
}

/** Refuses inputs that differ, from axis `from` on. */
function sameShape(
  node: GraphNode,
  inputs: readonly Shape[],
  from: number,
): void {
  const [first, ...others] = inputs.map((shape) => shape.slice(from));
  if (!others.every((other) => equal(first!, other))) {
    throw new TypeError(
      `Cannot compute "${node.name}" from shapes ${
        inputs.map(format).join(" and ")
      }`,
    );
  }
}

function equal(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

function format(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
