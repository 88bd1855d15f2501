/**
 * A network as plain data. A network is a pure function from a configuration to a graph; an engine
 * compiles graph + weights + input shape into something that runs batches. Tensors are NCDHW.
 * @module
 */

/** Sizes of a tensor, [batch, channels, depth, height, width] for activations. */
export type Shape = readonly number[];

/** The number of values in a tensor of a shape. */
export function elementCount(shape: Shape): number {
  return shape.reduce((count, size) => count * size, 1);
}

interface NodeBase {
  /** Unique name of the value this node makes. */
  readonly name: string;
  /** Names of the values it reads: the graph's input or earlier nodes. */
  readonly inputs: readonly string[];
}

/** `torch.nn.Conv3d`: weight [out, in / groups, kernel, kernel, kernel]. */
export interface ConvNode extends NodeBase {
  readonly op: "conv3d";
  readonly weight: string;
  readonly bias?: string;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly groups: number;
}

/** `torch.nn.ConvTranspose3d` with kernel = stride and no padding: weight [in, out, kernel, kernel, kernel]. */
export interface ConvTransposeNode extends NodeBase {
  readonly op: "convTranspose3d";
  readonly weight: string;
  readonly kernel: number;
}

/** Layer normalisation over the channel axis at each position, affine, biased variance. */
export interface LayerNormNode extends NodeBase {
  readonly op: "layerNorm";
  readonly weight: string;
  readonly bias: string;
  readonly epsilon: number;
}

/** `torch.nn.InstanceNorm3d`, not affine, no running statistics, biased variance. */
export interface InstanceNormNode extends NodeBase {
  readonly op: "instanceNorm";
  readonly epsilon: number;
}

/** `torch.nn.GELU()`: the exact erf form. */
export interface GeluNode extends NodeBase {
  readonly op: "gelu";
}

export interface LeakyReluNode extends NodeBase {
  readonly op: "leakyRelu";
  readonly slope: number;
}

/** One learned factor per channel (ConvNeXt's layer scale `gamma`, shape [channels]). */
export interface ScaleNode extends NodeBase {
  readonly op: "scale";
  readonly weight: string;
}

export interface AddNode extends NodeBase {
  readonly op: "add";
}

/** Concatenation along the channel axis, in the order of `inputs`. */
export interface ConcatNode extends NodeBase {
  readonly op: "concat";
}

export type GraphNode =
  | ConvNode
  | ConvTransposeNode
  | LayerNormNode
  | InstanceNormNode
  | GeluNode
  | LeakyReluNode
  | ScaleNode
  | AddNode
  | ConcatNode;

/** A network: nodes in an order in which they can be computed. */
export interface Graph {
  /** Name of the value that holds the input batch [N, inChannels, D, H, W]. */
  readonly input: string;
  readonly inChannels: number;
  readonly nodes: readonly GraphNode[];
  /** Name of the value that holds the logits [N, classes, D, H, W]. */
  readonly output: string;
  readonly classes: number;
  /** Every parameter by its PyTorch name, with its PyTorch shape. */
  readonly parameters: ReadonlyMap<string, Shape>;
  /** Each spatial size of the input must be a multiple of this. */
  readonly sizeMultiple: number;
}

/** Parameters by PyTorch name: f32, PyTorch layout, row-major. */
export type Weights = ReadonlyMap<
  string,
  { readonly shape: Shape; readonly data: Float32Array<ArrayBuffer> }
>;
