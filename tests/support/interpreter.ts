/**
 * Runs a graph with plain loops: slow, but each operation is its definition and nothing else, so that
 * a graph can be checked without any engine, and an engine against it on shapes without golden data.
 * @module
 */
import {
  elementCount,
  type Graph,
  type GraphNode,
  type Shape,
  type Weights,
} from "../../shared/network/graph.ts";
import { inferShapes } from "../../shared/network/shapes.ts";

interface Value {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** The logits of one batch, row-major NCDHW. */
export function interpret(
  graph: Graph,
  weights: Weights,
  inputShape: Shape,
  input: ArrayLike<number>,
): Float64Array {
  const shapes = inferShapes(graph, inputShape);
  const values = new Map<string, Value>([
    [graph.input, { shape: inputShape, data: Float64Array.from(input) }],
  ]);
  for (const node of graph.nodes) {
    const shape = shapes.get(node.name)!;
    const inputs = node.inputs.map((name) => values.get(name)!);
    values.set(node.name, {
      shape,
      data: compute(node, shape, inputs, weights),
    });
  }
  return values.get(graph.output)!.data;
}

function compute(
  node: GraphNode,
  shape: Shape,
  inputs: readonly Value[],
  weights: Weights,
): Float64Array {
  const x = inputs[0]!;
  const [batch, channels, ...sizes] = shape as [number, number, ...number[]];
  const positions = elementCount(sizes);
  const parameter = (name: string) => weights.get(name)!.data;
  const channelOf = (i: number) => Math.floor(i / positions) % channels;
  switch (node.op) {
    case "conv3d":
      return conv(node, shape, x, weights);
    case "convTranspose3d": {
      const weight = parameter(node.weight);
      const k = node.kernel;
      const inChannels = x.shape[1]!;
      return fill(shape, (n, o, d, h, w) => {
        const tap = ((d % k) * k + h % k) * k + w % k;
        let sum = 0;
        for (let c = 0; c < inChannels; c++) {
          const from = offset(x.shape, n, c, d / k | 0, h / k | 0, w / k | 0);
          sum += x.data[from]! * weight[(c * channels + o) * k ** 3 + tap]!;
        }
        return sum;
      });
    }
    case "layerNorm": {
      const weight = parameter(node.weight);
      const bias = parameter(node.bias);
      const result = new Float64Array(x.data.length);
      for (let n = 0; n < batch; n++) {
        for (let p = 0; p < positions; p++) {
          const start = n * channels * positions + p;
          normalise(x.data, result, start, positions, channels, node.epsilon);
        }
      }
      return result.map((v, i) =>
        v * weight[channelOf(i)]! + bias[channelOf(i)]!
      );
    }
    case "instanceNorm": {
      const result = new Float64Array(x.data.length);
      for (let start = 0; start < result.length; start += positions) {
        normalise(x.data, result, start, 1, positions, node.epsilon);
      }
      return result;
    }
    case "scale": {
      const weight = parameter(node.weight);
      return x.data.map((v, i) => v * weight[channelOf(i)]!);
    }
    case "gelu":
      return x.data.map((v) => 0.5 * v * (1 + erf(v / Math.SQRT2)));
    case "leakyRelu":
      return x.data.map((v) => v >= 0 ? v : v * node.slope);
    case "add":
      return x.data.map((v, i) => v + inputs[1]!.data[i]!);
    case "concat": {
      const result = new Float64Array(elementCount(shape));
      let at = 0;
      for (let n = 0; n < batch; n++) {
        for (const { shape, data } of inputs) {
          const length = shape[1]! * positions;
          result.set(data.subarray(n * length, (n + 1) * length), at);
          at += length;
        }
      }
      return result;
    }
  }
}

function offset(
  [, channels, depth, height, width]: Shape,
  n: number,
  c: number,
  d: number,
  h: number,
  w: number,
): number {
  return (((n * channels! + c) * depth! + d) * height! + h) * width! + w;
}

/** A tensor from a function of its five indices. */
function fill(
  shape: Shape,
  valueAt: (n: number, c: number, d: number, h: number, w: number) => number,
): Float64Array {
  const [batch, channels, depth, height, width] = shape;
  const result = new Float64Array(elementCount(shape));
  let i = 0;
  for (let n = 0; n < batch!; n++) {
    for (let c = 0; c < channels!; c++) {
      for (let d = 0; d < depth!; d++) {
        for (let h = 0; h < height!; h++) {
          for (let w = 0; w < width!; w++) result[i++] = valueAt(n, c, d, h, w);
        }
      }
    }
  }
  return result;
}

function conv(
  node: Extract<GraphNode, { op: "conv3d" }>,
  shape: Shape,
  x: Value,
  weights: Weights,
): Float64Array {
  const { kernel: k, stride, padding, groups } = node;
  const weight = weights.get(node.weight)!.data;
  const bias = node.bias === undefined
    ? undefined
    : weights.get(node.bias)!.data;
  const [, inChannels, depth, height, width] = x.shape;
  const groupIn = inChannels! / groups;
  const groupOut = shape[1]! / groups;
  return fill(shape, (n, o, d, h, w) => {
    let sum = bias?.[o] ?? 0;
    const firstIn = Math.floor(o / groupOut) * groupIn;
    for (let c = 0; c < groupIn; c++) {
      for (let a = 0; a < k; a++) {
        const dd = d * stride + a - padding;
        if (dd < 0 || dd >= depth!) continue;
        for (let b = 0; b < k; b++) {
          const hh = h * stride + b - padding;
          if (hh < 0 || hh >= height!) continue;
          const tap = (((o * groupIn + c) * k + a) * k + b) * k;
          const row = offset(x.shape, n, firstIn + c, dd, hh, 0);
          for (let e = 0; e < k; e++) {
            const ww = w * stride + e - padding;
            if (ww < 0 || ww >= width!) continue;
            sum += weight[tap + e]! * x.data[row + ww]!;
          }
        }
      }
    }
    return sum;
  });
}

/** Subtracts the mean of `count` values `step` apart, and divides by their biased deviation. */
function normalise(
  from: Float64Array,
  to: Float64Array,
  start: number,
  step: number,
  count: number,
  epsilon: number,
): void {
  let mean = 0;
  for (let i = 0; i < count; i++) mean += from[start + i * step]! / count;
  let variance = 0;
  for (let i = 0; i < count; i++) {
    variance += (from[start + i * step]! - mean) ** 2 / count;
  }
  const deviation = Math.sqrt(variance + epsilon);
  for (let i = 0; i < count; i++) {
    to[start + i * step] = (from[start + i * step]! - mean) / deviation;
  }
}

/** The error function to 2e-7 (Abramowitz and Stegun, 7.1.26). */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const polynomial = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t -
        0.284496736) * t + 0.254829592) * t;
  return Math.sign(x) * (1 - polynomial * Math.exp(-x * x));
}
