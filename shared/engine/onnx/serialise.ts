/**
 * Writes a network as an ONNX model, for ONNX Runtime and for `uptake export`.
 * @module
 */
import type { Graph, GraphNode, Shape, Weights } from "../../network/graph.ts";
import { inferShapes } from "../../network/shapes.ts";
import { checkWeights } from "../../network/weights.ts";
import {
  ATTRIBUTE,
  encodeModel,
  FLOAT32,
  type OnnxAttribute,
  type OnnxDimension,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
} from "./schema.ts";

/** The first operator set with Gelu (ONNX 1.15, October 2023), and the file version of its time. */
const OPSET = 20;
const IR_VERSION = 9;

/** Names of the model's one input and one output. */
export const INPUT = "input";
export const OUTPUT = "logits";

export interface SerialiseOptions {
  /** Fixed sizes [batch, channels, D, H, W]; batch, D, H and W stay open without it. */
  readonly inputShape?: Shape;
  /** Remarks that travel in the file (ONNX `metadata_props`). */
  readonly metadata?: Readonly<Record<string, string>>;
}

function int(name: string, i: number): OnnxAttribute {
  return { name, type: ATTRIBUTE.int, i };
}

function ints(name: string, values: readonly number[]): OnnxAttribute {
  return { name, type: ATTRIBUTE.ints, ints: values };
}

function float(name: string, f: number): OnnxAttribute {
  return { name, type: ATTRIBUTE.float, f };
}

/** One size per spatial axis. */
function cube(name: string, size: number): OnnxAttribute {
  return ints(name, [size, size, size]);
}

/** Collects nodes and initialisers while the graph is walked. */
class ModelBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly #initialisers = new Map<string, OnnxTensor>();

  get initialisers(): OnnxTensor[] {
    return [...this.#initialisers.values()];
  }

  /** Adds a constant once per name; its memory is shared, not copied. */
  constant(
    name: string,
    dims: Shape,
    data: Float32Array<ArrayBuffer>,
  ): string {
    const { buffer, byteOffset, byteLength } = data;
    this.#initialisers.set(name, {
      name,
      dims,
      dataType: FLOAT32,
      rawData: new Uint8Array(buffer, byteOffset, byteLength),
    });
    return name;
  }

  /** Adds a node and returns the name of its value. */
  node(
    opType: string,
    name: string,
    input: readonly string[],
    ...attribute: OnnxAttribute[]
  ): string {
    // Apart from the initialisers' names: a layer scale bears the name of its parameter.
    const value = `${name}:0`;
    this.nodes.push({ name, opType, input, output: [value], attribute });
    return value;
  }
}

/**
 * Adds the ONNX form of one node and returns the name of its value.
 *
 * Layer normalisation over channels is ONNX's LayerNormalization between two transpositions, instance
 * normalisation has a constant scale of 1 and bias of 0: what ONNX Runtime has fast kernels for.
 */
function appendNode(
  model: ModelBuilder,
  weights: Weights,
  node: GraphNode,
  inputs: readonly string[],
  channels: number,
): string {
  const { name } = node;

  function parameter(weight: string, dims?: Shape): string {
    const { shape, data } = weights.get(weight)!;
    return model.constant(weight, dims ?? shape, data);
  }

  switch (node.op) {
    case "conv3d": {
      const bias = node.bias === undefined ? [] : [parameter(node.bias)];
      return model.node(
        "Conv",
        name,
        [...inputs, parameter(node.weight), ...bias],
        cube("kernel_shape", node.kernel),
        cube("strides", node.stride),
        ints("pads", new Array(6).fill(node.padding)),
        int("group", node.groups),
      );
    }
    case "convTranspose3d":
      return model.node(
        "ConvTranspose",
        name,
        [...inputs, parameter(node.weight)],
        cube("kernel_shape", node.kernel),
        cube("strides", node.kernel),
      );
    case "layerNorm": {
      const last = model.node(
        "Transpose",
        `${name}.to_last`,
        inputs,
        ints("perm", [0, 2, 3, 4, 1]),
      );
      const normalised = model.node(
        "LayerNormalization",
        name,
        [last, parameter(node.weight), parameter(node.bias)],
        int("axis", -1),
        float("epsilon", node.epsilon),
      );
      return model.node(
        "Transpose",
        `${name}.to_first`,
        [normalised],
        ints("perm", [0, 4, 1, 2, 3]),
      );
    }
    case "instanceNorm": {
      const ones = new Float32Array(channels).fill(1);
      const zeros = new Float32Array(channels);
      return model.node(
        "InstanceNormalization",
        name,
        [
          ...inputs,
          model.constant(`ones:${channels}`, [channels], ones),
          model.constant(`zeros:${channels}`, [channels], zeros),
        ],
        float("epsilon", node.epsilon),
      );
    }
    case "gelu":
      return model.node("Gelu", name, inputs);
    case "leakyRelu":
      return model.node(
        "LeakyRelu",
        name,
        inputs,
        float("alpha", node.slope),
      );
    case "scale":
      return model.node("Mul", name, [
        ...inputs,
        parameter(node.weight, [channels, 1, 1, 1]),
      ]);
    case "add":
      return model.node("Add", name, inputs);
    case "concat":
      return model.node("Concat", name, inputs, int("axis", 1));
  }
}

function valueInfo(
  name: string,
  dims: readonly (number | string)[],
): OnnxValueInfo {
  const dim = dims.map((size): OnnxDimension =>
    typeof size === "number" ? { dimValue: size } : { dimParam: size }
  );
  return { name, type: { tensorType: { elemType: FLOAT32, shape: { dim } } } };
}

/**
 * The bytes of an ONNX model (operator set 20, standard operators only) with input `input`
 * [batch, channels, depth, height, width] and output `logits`; initialisers bear PyTorch's names.
 * The weights are copied once, into the result.
 *
 * Source: ONNX 1.15 operator and IR specification.
 *
 * @throws {CaseError} kind `model` when weights do not fit the graph, `channels` when the fixed input
 *   has others than it.
 * @throws {RangeError} when a fixed size does not fit it.
 */
export function serialiseOnnx(
  graph: Graph,
  weights: Weights,
  options: SerialiseOptions = {},
): Uint8Array<ArrayBuffer> {
  checkWeights(graph, weights);
  const { inputShape, metadata = {} } = options;
  // Any size tells the channels, which is all that open sizes need.
  const size = 8 * graph.sizeMultiple;
  const shapes = inferShapes(
    graph,
    inputShape ?? [1, graph.inChannels, size, size, size],
  );

  const model = new ModelBuilder();
  const values = new Map([[graph.input, INPUT]]);
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => values.get(name)!);
    const channels = shapes.get(node.name)![1]!;
    values.set(
      node.name,
      appendNode(model, weights, node, inputs, channels),
    );
  }
  // The graph's output may be read by other nodes too, so it gets a name of its own.
  model.nodes.push({
    name: OUTPUT,
    opType: "Identity",
    input: [values.get(graph.output)!],
    output: [OUTPUT],
    attribute: [],
  });

  const [, , ...outputSizes] = shapes.get(graph.output)!;
  return encodeModel({
    irVersion: IR_VERSION,
    producerName: "uptake",
    opsetImport: [{ domain: "", version: OPSET }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({
      key,
      value,
    })),
    graph: {
      name: "network",
      node: model.nodes,
      initializer: model.initialisers,
      input: [valueInfo(
        INPUT,
        inputShape ??
          ["batch", graph.inChannels, "depth", "height", "width"],
      )],
      output: [valueInfo(
        OUTPUT,
        inputShape === undefined
          ? ["batch", graph.classes, "depth", "height", "width"]
          : [inputShape[0]!, graph.classes, ...outputSizes],
      )],
    },
  });
}
