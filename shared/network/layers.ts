/**
 * Single layers: each function appends the nodes and parameters of one PyTorch module to a graph
 * under construction and returns the name of the value it makes. Values are named after the module
 * that makes them, so that an engine's messages lead back to the published code.
 * @module
 */
import type { GraphNode, Shape } from "./graph.ts";

/** A graph under construction. */
export interface Draft {
  readonly nodes: GraphNode[];
  readonly parameters: Map<string, Shape>;
}

export interface ConvOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernel: number;
  /** @default 1 */
  readonly stride?: number;
  /** @default 0 */
  readonly padding?: number;
  /** @default 1 */
  readonly groups?: number;
  /** @default false */
  readonly bias?: boolean;
}

function appendNode(draft: Draft, node: GraphNode): string {
  draft.nodes.push(node);
  return node.name;
}

function addParameter(draft: Draft, name: string, shape: Shape): string {
  draft.parameters.set(name, shape);
  return name;
}

/** `torch.nn.Conv3d` with a cubic kernel; parameters `<module>.weight` and perhaps `<module>.bias`. */
export function conv3d(
  draft: Draft,
  module: string,
  input: string,
  options: ConvOptions,
): string {
  const { inChannels, outChannels, kernel, groups = 1 } = options;
  const weight = addParameter(draft, `${module}.weight`, [
    outChannels,
    inChannels / groups,
    kernel,
    kernel,
    kernel,
  ]);
  const bias = options.bias
    ? { bias: addParameter(draft, `${module}.bias`, [outChannels]) }
    : {};
  return appendNode(draft, {
    op: "conv3d",
    name: module,
    inputs: [input],
    weight,
    ...bias,
    kernel,
    stride: options.stride ?? 1,
    padding: options.padding ?? 0,
    groups,
  });
}

/** `torch.nn.ConvTranspose3d` that doubles every spatial size: kernel 2, stride 2, no bias. */
export function upsample(
  draft: Draft,
  module: string,
  input: string,
  inChannels: number,
  outChannels: number,
): string {
  const kernel = 2;
  const weight = addParameter(draft, `${module}.weight`, [
    inChannels,
    outChannels,
    kernel,
    kernel,
    kernel,
  ]);
  return appendNode(draft, {
    op: "convTranspose3d",
    name: module,
    inputs: [input],
    weight,
    kernel,
  });
}

/** Layer normalisation over channels with ConvNeXt's epsilon of 1e-6. */
export function layerNorm(
  draft: Draft,
  module: string,
  input: string,
  channels: number,
): string {
  return appendNode(draft, {
    op: "layerNorm",
    name: module,
    inputs: [input],
    weight: addParameter(draft, `${module}.weight`, [channels]),
    bias: addParameter(draft, `${module}.bias`, [channels]),
    epsilon: 1e-6,
  });
}

/** One learned factor per channel; `parameter` is its full name. */
export function scale(
  draft: Draft,
  parameter: string,
  input: string,
  channels: number,
): string {
  return appendNode(draft, {
    op: "scale",
    name: parameter,
    inputs: [input],
    weight: addParameter(draft, parameter, [channels]),
  });
}

/** `torch.nn.InstanceNorm3d` with its default epsilon of 1e-5. */
export function instanceNorm(
  draft: Draft,
  name: string,
  input: string,
): string {
  return appendNode(draft, {
    op: "instanceNorm",
    name,
    inputs: [input],
    epsilon: 1e-5,
  });
}

export function gelu(draft: Draft, name: string, input: string): string {
  return appendNode(draft, { op: "gelu", name, inputs: [input] });
}

/** `torch.nn.LeakyReLU` with its default slope of 0.01. */
export function leakyRelu(draft: Draft, name: string, input: string): string {
  return appendNode(draft, {
    op: "leakyRelu",
    name,
    inputs: [input],
    slope: 0.01,
  });
}

export function add(
  draft: Draft,
  name: string,
  inputs: readonly [string, string],
): string {
  return appendNode(draft, { op: "add", name, inputs });
}

/** Concatenation along the channel axis. */
export function concat(
  draft: Draft,
  name: string,
  inputs: readonly [string, string],
): string {
  return appendNode(draft, { op: "concat", name, inputs });
}
