/**
 * Every operation of a graph as plain loops over [batch, channel, depth, height, width] in double
 * precision: slow, and written from PyTorch's definitions alone, to check engines against.
 * @module
 */
import type {
  ConvNode,
  ConvTransposeNode,
  Graph,
  GraphNode,
  LayerNormNode,
  Weights,
} from "../../../shared/network/graph.ts";

/** A dense tensor [n, c, d, h, w]. */
interface Tensor {
  readonly shape: readonly [number, number, number, number, number];
  readonly data: Float64Array;
}

function zeros(...shape: [number, number, number, number, number]): Tensor {
  return { shape, data: new Float64Array(shape.reduce((a, b) => a * b, 1)) };
}

function at(
  { shape }: Tensor,
  n: number,
  c: number,
  d: number,
  h: number,
  w: number,
): number {
  return (((n * shape[1] + c) * shape[2] + d) * shape[3] + h) * shape[4] + w;
}

/** Calls back with every index of a tensor. */
function eachIndex(
  tensor: Tensor,
  visit: (n: number, c: number, d: number, h: number, w: number) => void,
): void {
  const [N, C, D, H, W] = tensor.shape;
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c++) {
      for (let d = 0; d < D; d++) {
        for (let h = 0; h < H; h++) {
          for (let w = 0; w < W; w++) visit(n, c, d, h, w);
        }
      }
    }
  }
}

function conv(node: ConvNode, x: Tensor, weights: Weights): Tensor {
  const { shape, data: kernel } = weights.get(node.weight)!;
  const [outChannels = 0, perGroup = 0] = shape;
  const bias = node.bias === undefined ? null : weights.get(node.bias)!.data;
  const { kernel: k, stride, padding, groups } = node;
  const [N, , ...sizes] = x.shape;
  const [D, H, W] = sizes.map((size) =>
    Math.floor((size + 2 * padding - k) / stride) + 1
  );
  const y = zeros(N, outChannels, D!, H!, W!);
  eachIndex(y, (n, o, d, h, w) => {
    const group = Math.floor(o / (outChannels / groups));
    let sum = bias?.[o] ?? 0;
    for (let i = 0; i < perGroup; i++) {
      for (let a = 0; a < k; a++) {
        const z = d * stride + a - padding;
        if (z < 0 || z >= sizes[0]!) continue;
        for (let b = 0; b < k; b++) {
          const v = h * stride + b - padding;
          if (v < 0 || v >= sizes[1]!) continue;
          for (let c = 0; c < k; c++) {
            const u = w * stride + c - padding;
            if (u < 0 || u >= sizes[2]!) continue;
            sum += x.data[at(x, n, group * perGroup + i, z, v, u)]! *
              kernel[(((o * perGroup + i) * k + a) * k + b) * k + c]!;
          }
        }
      }
    }
    y.data[at(y, n, o, d, h, w)] = sum;
  });
  return y;
}

function convTranspose(
  node: ConvTransposeNode,
  x: Tensor,
  weights: Weights,
): Tensor {
  const { shape, data: kernel } = weights.get(node.weight)!;
  const out = shape[1]!;
  const k = node.kernel;
  const [N, C, D, H, W] = x.shape;
  const y = zeros(N, out, D * k, H * k, W * k);
  eachIndex(y, (n, o, d, h, w) => {
    let sum = 0;
    for (let i = 0; i < C; i++) {
      const from = at(
        x,
        n,
        i,
        Math.floor(d / k),
        Math.floor(h / k),
        Math.floor(w / k),
      );
      const tap = (((i * out + o) * k + d % k) * k + h % k) * k + w % k;
      sum += x.data[from]! * kernel[tap]!;
    }
    y.data[at(y, n, o, d, h, w)] = sum;
  });
  return y;
}

/** Mean and biased variance of the values at some offsets. */
function momentsOf(data: Float64Array, offsets: readonly number[]) {
  const mean = offsets.reduce((s, i) => s + data[i]!, 0) / offsets.length;
  const variance = offsets.reduce((s, i) => s + (data[i]! - mean) ** 2, 0) /
    offsets.length;
  return { mean, variance };
}

function layerNorm(node: LayerNormNode, x: Tensor, weights: Weights): Tensor {
  const [N, C, D, H, W] = x.shape;
  const weight = weights.get(node.weight)!.data;
  const bias = weights.get(node.bias)!.data;
  const y = zeros(...x.shape);
  eachIndex(zeros(N, 1, D, H, W), (n, _, d, h, w) => {
    const offsets = Array.from({ length: C }, (_, c) => at(x, n, c, d, h, w));
    const { mean, variance } = momentsOf(x.data, offsets);
    offsets.forEach((i, c) => {
      const standard = (x.data[i]! - mean) / Math.sqrt(variance + node.epsilon);
      y.data[i] = standard * weight[c]! + bias[c]!;
    });
  });
  return y;
}

function instanceNorm(epsilon: number, x: Tensor): Tensor {
  const [N, C, D, H, W] = x.shape;
  const y = zeros(...x.shape);
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c++) {
      const first = at(x, n, c, 0, 0, 0);
      const offsets = Array.from({ length: D * H * W }, (_, i) => first + i);
      const { mean, variance } = momentsOf(x.data, offsets);
      for (const i of offsets) {
        y.data[i] = (x.data[i]! - mean) / Math.sqrt(variance + epsilon);
      }
    }
  }
  return y;
}

/** The error function by its series around 0; exact to double precision for |x| < 5. */
function erf(x: number): number {
  if (Math.abs(x) >= 5) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= -x * x / n;
    sum += term / (2 * n + 1);
  }
  return 2 / Math.sqrt(Math.PI) * sum;
}

function map(x: Tensor, f: (value: number) => number): Tensor {
  return { shape: x.shape, data: x.data.map(f) };
}

function concat(inputs: readonly Tensor[]): Tensor {
  const [N, , D, H, W] = inputs[0]!.shape;
  const channels = inputs.reduce((sum, x) => sum + x.shape[1], 0);
  const y = zeros(N, channels, D, H, W);
  let first = 0;
  for (const x of inputs) {
    eachIndex(x, (n, c, d, h, w) => {
      y.data[at(y, n, first + c, d, h, w)] = x.data[at(x, n, c, d, h, w)]!;
    });
    first += x.shape[1];
  }
  return y;
}

function compute(node: GraphNode, inputs: Tensor[], weights: Weights): Tensor {
  const x = inputs[0]!;
  switch (node.op) {
    case "conv3d":
      return conv(node, x, weights);
    case "convTranspose3d":
      return convTranspose(node, x, weights);
    case "layerNorm":
      return layerNorm(node, x, weights);
    case "instanceNorm":
      return instanceNorm(node.epsilon, x);
    case "gelu":
      return map(x, (v) => v / 2 * (1 + erf(v / Math.SQRT2)));
    case "leakyRelu":
      return map(x, (v) => v < 0 ? v * node.slope : v);
    case "scale": {
      const factors = weights.get(node.weight)!.data;
      const y = zeros(...x.shape);
      eachIndex(x, (n, c, d, h, w) => {
        const i = at(x, n, c, d, h, w);
        y.data[i] = x.data[i]! * factors[c]!;
      });
      return y;
    }
    case "add":
      return {
        shape: x.shape,
        data: x.data.map((v, i) => v + inputs[1]!.data[i]!),
      };
    case "concat":
      return concat(inputs);
  }
}

/** Logits of a graph for an input, computed slowly. */
export function computeByLoops(
  graph: Graph,
  weights: Weights,
  input: Float32Array,
  shape: readonly [number, number, number, number, number],
): Float64Array {
  const values = new Map<string, Tensor>([
    [graph.input, { shape, data: Float64Array.from(input) }],
  ]);
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => values.get(name)!);
    values.set(node.name, compute(node, inputs, weights));
  }
  return values.get(graph.output)!.data;
}
