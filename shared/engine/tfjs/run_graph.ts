/**
 * Interprets a graph with TensorFlow.js.
 * @module
 */
import type * as tfjs from "@tensorflow/tfjs";
import type { Graph, GraphNode } from "../../network/graph.ts";
import { convForm } from "./conv_form.ts";
import {
  conv3d,
  convTranspose3d,
  gelu,
  instanceNorm,
  layerNorm,
} from "./ops.ts";

type Tf = typeof tfjs;
type Tensors = ReadonlyMap<string, tfjs.Tensor>;

function compute(
  tf: Tf,
  graph: Graph,
  node: GraphNode,
  weights: Tensors,
  inputs: tfjs.Tensor[],
): tfjs.Tensor {
  const x = inputs[0]!;
  switch (node.op) {
    case "conv3d": {
      const bias = node.bias === undefined ? undefined : weights.get(node.bias);
      const form = convForm(graph, node);
      return conv3d(tf, x, weights.get(node.weight)!, bias, node, form);
    }
    case "convTranspose3d":
      return convTranspose3d(tf, x, weights.get(node.weight)!);
    case "layerNorm": {
      const weight = weights.get(node.weight)!;
      return layerNorm(tf, x, weight, weights.get(node.bias)!, node.epsilon);
    }
    case "instanceNorm":
      return instanceNorm(tf, x, node.epsilon);
    case "gelu":
      return gelu(tf, x);
    case "leakyRelu":
      return tf.leakyRelu(x, node.slope);
    case "scale":
      return tf.mul(x, weights.get(node.weight)!);
    case "add":
      return tf.add(x, inputs[1]!);
    case "concat":
      return tf.concat(inputs, 4);
  }
}

/** How many nodes read each value; the graph's output is read once more, by the caller. */
function countReaders(graph: Graph): Map<string, number> {
  const readers = new Map([[graph.output, 1]]);
  for (const name of graph.nodes.flatMap((node) => node.inputs)) {
    readers.set(name, (readers.get(name) ?? 0) + 1);
  }
  return readers;
}

/**
 * Logits [N, D, H, W, classes] of an input [N, D, H, W, channels]; weights as `arrangeWeights` lays them
 * out. Works under `tf.grads`, too. A value is freed after its last reader (a gradient under way keeps
 * what it needs itself); input and weights stay the caller's.
 */
export function runGraph(
  tf: Tf,
  graph: Graph,
  weights: Tensors,
  input: tfjs.Tensor,
): tfjs.Tensor {
  const values = new Map([[graph.input, input]]);
  const readers = countReaders(graph);
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => values.get(name)!);
    const value = tf.tidy(() => compute(tf, graph, node, weights, inputs));
    values.set(node.name, value);
    for (const name of node.inputs) {
      const left = readers.get(name)! - 1;
      readers.set(name, left);
      if (left === 0 && name !== graph.input) values.get(name)!.dispose();
    }
  }
  return values.get(graph.output)!;
}
