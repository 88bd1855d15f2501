/**
 * How a 3D convolution is put together from operations that every TensorFlow.js backend has, with
 * gradients: there is no grouped or depthwise 3D convolution, and the wasm one is a plain loop.
 * @module
 */
import type { ConvNode, Graph } from "../../network/graph.ts";

/**
 * - `dense`: a sum of 2D convolutions over the kernel's depth.
 * - `depthwise`: likewise of depthwise ones; each group has one input channel.
 * - `contraction`: 1x1x1, each group has one output channel: a product and a sum.
 * - `grouped`: any other, one dense convolution per group.
 */
export type ConvForm = "dense" | "depthwise" | "contraction" | "grouped";

export function convForm(graph: Graph, node: ConvNode): ConvForm {
  const [outChannels, channelsPerGroup] = graph.parameters.get(node.weight)!;
  if (node.groups === 1) return "dense";
  if (channelsPerGroup === 1) return "depthwise";
  const pointwise = node.kernel === 1 && node.stride === 1 &&
    node.padding === 0;
  return pointwise && outChannels === node.groups ? "contraction" : "grouped";
}
