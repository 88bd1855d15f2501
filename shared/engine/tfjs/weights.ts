/**
 * PyTorch's weight layouts turned into those that channels-last operations read.
 * @module
 */
import type * as tfjs from "@tensorflow/tfjs";
import type { Graph, GraphNode } from "../../network/graph.ts";
import { convForm } from "./conv_form.ts";

type Tf = typeof tfjs;
type Tensors = ReadonlyMap<string, tfjs.Tensor>;

function arrangeConv(
  tf: Tf,
  graph: Graph,
  node: Extract<GraphNode, { op: "conv3d" }>,
  weight: tfjs.Tensor,
): tfjs.Tensor {
  const [outChannels = 0, perGroup = 0] = weight.shape;
  const k = node.kernel;
  switch (convForm(graph, node)) {
    case "contraction":
      return tf.reshape(weight, [outChannels, perGroup]);
    case "depthwise": {
      const multiplier = outChannels / node.groups;
      const taps = tf.reshape(weight, [node.groups * multiplier, k ** 3]);
      return tf.reshape(tf.transpose(taps), [k, k, k, node.groups, multiplier]);
    }
    case "dense":
    case "grouped": {
      const taps = tf.reshape(weight, [outChannels, perGroup, k ** 3]);
      const last = tf.transpose(taps, [2, 1, 0]);
      return tf.reshape(last, [k, k, k, perGroup, outChannels]);
    }
  }
}

/**
 * The weights that a node reads, arranged for it, by parameter name. Made of operations with
 * gradients, so that training can hold PyTorch's layouts and arrange them in every step.
 *
 * Layouts: dense and grouped convolutions [k, k, k, in / groups, out]; depthwise ones
 * [k, k, k, in, out / in]; contractions [groups, in / groups]; transposed convolutions
 * [k, k, in, k * out], their last axis the kernel's last axis and then channels; vectors as they are.
 */
export function arrangeWeights(
  tf: Tf,
  graph: Graph,
  weights: Tensors,
): Map<string, tfjs.Tensor> {
  const arranged = new Map<string, tfjs.Tensor>();
  for (const node of graph.nodes) {
    if (!("weight" in node)) continue;
    const weight = weights.get(node.weight)!;
    if ("bias" in node) arranged.set(node.bias, weights.get(node.bias)!);
    switch (node.op) {
      case "conv3d":
        arranged.set(node.weight, arrangeConv(tf, graph, node, weight));
        break;
      case "convTranspose3d": {
        const [inChannels = 0, outChannels = 0] = weight.shape;
        const k = node.kernel;
        const shape = [inChannels, outChannels, k * k, k];
        const last = tf.transpose(tf.reshape(weight, shape), [2, 0, 3, 1]);
        const taps = [k, k, inChannels, k * outChannels];
        arranged.set(node.weight, tf.reshape(last, taps));
        break;
      }
      case "layerNorm":
      case "scale":
        arranged.set(node.weight, weight);
        break;
    }
  }
  return arranged;
}
