/**
 * The operations of a graph on channels-last tensors [N, D, H, W, C], composed of TensorFlow.js
 * operations that have gradients on the WebGPU and TensorFlow backends.
 * @module
 */
import type * as tfjs from "@tensorflow/tfjs";
import type { ConvNode } from "../../network/graph.ts";
import type { ConvForm } from "./conv_form.ts";

type Tf = typeof tfjs;
type Tensor = tfjs.Tensor;
type Tensor4D = tfjs.Tensor4D;
type Padding2d = "same" | "valid";

/** Sizes of a value. */
type Sizes = readonly [number, number, number, number, number];

function sizesOf(x: Tensor): Sizes {
  const [n = 1, d = 1, h = 1, w = 1, c = 1] = x.shape;
  return [n, d, h, w, c];
}

/**
 * A convolution as a sum over the kernel's depth: the input, shifted by each depth offset and with
 * depth folded into the batch, goes through a 2D convolution with that slice of the kernel.
 *
 * `conv2d` gets [N * D', H, W, C], the offset and the 2D padding, and returns [N * D', H', W', C'].
 */
function sumOverDepth(
  tf: Tf,
  x: Tensor,
  { kernel, stride, padding }: Pick<ConvNode, "kernel" | "stride" | "padding">,
  conv2d: (slab: Tensor4D, offset: number, padding2d: Padding2d) => Tensor4D,
): Tensor {
  const [n, d, h, w, c] = sizesOf(x);
  const outDepth = Math.floor((d + 2 * padding - kernel) / stride) + 1;
  if (kernel === 1 && stride === 1 && padding === 0) {
    const y = conv2d(tf.reshape(x, [n * d, h, w, c]), 0, "valid");
    return tf.reshape(y, [n, d, ...y.shape.slice(1)]);
  }
  // Gradients on the TensorFlow backend know "same" and "valid" alone, and its "same" is not PyTorch's
  // where the stride is 2.
  const same = stride === 1 && 2 * padding === kernel - 1;
  const edge: [number, number] = same ? [0, 0] : [padding, padding];
  const folded = tf.reshape<tfjs.Rank.R4>(x, [n * d, h, w, c]);
  const wide = same || padding === 0
    ? folded
    : tf.pad(folded, [[0, 0], edge, edge, [0, 0]]);
  const [, height, width] = wide.shape;

  // Every stride-th slice from an offset is one slice of the depth axis split in two.
  const groups = Math.floor((kernel - 1) / stride) + outDepth;
  const depth = groups * stride;
  const rows = height * width * c;
  const flat = tf.reshape(wide, [n, d, rows]);
  const missing = depth - d - padding;
  const deep = tf.pad(flat, [[0, 0], [padding, Math.max(0, missing)], [0, 0]]);
  const fitted = missing < 0
    ? tf.slice(deep, [0, 0, 0], [n, depth, rows])
    : deep;
  const split = tf.reshape(fitted, [n, groups, stride, rows]);

  let sum: Tensor4D | undefined;
  for (let offset = 0; offset < kernel; offset++) {
    const first = [0, Math.floor(offset / stride), offset % stride, 0];
    const slab = tf.slice(split, first, [n, outDepth, 1, rows]);
    const part = conv2d(
      tf.reshape(slab, [n * outDepth, height, width, c]),
      offset,
      same ? "same" : "valid",
    );
    sum = sum === undefined ? part : tf.add(sum, part);
  }
  return tf.reshape(sum!, [n, outDepth, ...sum!.shape.slice(1)]);
}

/** One depth slice [k, k, a, b] of a filter [k, k, k, a, b]. */
function filterSlice(tf: Tf, filter: Tensor, offset: number): Tensor4D {
  const [, height = 1, width = 1, a = 1, b = 1] = filter.shape;
  const slice = tf.slice(filter, [offset, 0, 0, 0, 0], [
    1,
    height,
    width,
    a,
    b,
  ]);
  return tf.reshape(slice, [height, width, a, b]);
}

function denseConv(tf: Tf, x: Tensor, filter: Tensor, node: ConvNode): Tensor {
  return sumOverDepth(
    tf,
    x,
    node,
    (slab, offset, padding2d) =>
      tf.conv2d(slab, filterSlice(tf, filter, offset), node.stride, padding2d),
  );
}

function depthwiseConv(
  tf: Tf,
  x: Tensor,
  filter: Tensor,
  node: ConvNode,
): Tensor {
  return sumOverDepth(
    tf,
    x,
    node,
    (slab, offset, padding2d) =>
      tf.depthwiseConv2d(
        slab,
        filterSlice(tf, filter, offset),
        node.stride,
        padding2d,
      ),
  );
}

/** filter: [groups, in / groups] */
function contraction(tf: Tf, x: Tensor, filter: Tensor): Tensor {
  const [n, d, h, w] = sizesOf(x);
  const [groups = 1, perGroup = 1] = filter.shape;
  const grouped = tf.reshape(x, [n * d * h * w, groups, perGroup]);
  return tf.reshape(tf.sum(tf.mul(grouped, filter), 2), [n, d, h, w, groups]);
}

function groupedConv(
  tf: Tf,
  x: Tensor,
  filter: Tensor,
  node: ConvNode,
): Tensor {
  const filters = tf.split(filter, node.groups, 4);
  const parts = tf.split(x, node.groups, 4);
  return tf.concat(
    parts.map((part, group) => denseConv(tf, part, filters[group]!, node)),
    4,
  );
}

const CONVOLUTIONS = Object.freeze({
  dense: denseConv,
  depthwise: depthwiseConv,
  contraction,
  grouped: groupedConv,
});

/** `torch.nn.Conv3d` with a filter as `arrangeWeights` lays it out. */
export function conv3d(
  tf: Tf,
  x: Tensor,
  filter: Tensor,
  bias: Tensor | undefined,
  node: ConvNode,
  form: ConvForm,
): Tensor {
  const y = CONVOLUTIONS[form](tf, x, filter, node);
  return bias === undefined ? y : tf.add(y, bias);
}

/**
 * `torch.nn.ConvTranspose3d` with kernel = stride: each position becomes a cube. One matrix product per
 * kernel row makes rows of the output's full width; two concatenations interleave them.
 *
 * filter: [k, k, in, k * out]
 */
export function convTranspose3d(tf: Tf, x: Tensor, filter: Tensor): Tensor {
  const [n, d, h, w, c] = sizesOf(x);
  const [k = 1, , , wide = 1] = filter.shape;
  const positions = tf.reshape<tfjs.Rank.R2>(x, [n * d * h * w, c]);
  const planes = Array.from({ length: k }, (_, i) => {
    const rows = Array.from({ length: k }, (_, j) => {
      const taps = tf.slice(filter, [i, j, 0, 0], [1, 1, c, wide]);
      const row = tf.matMul(
        positions,
        tf.reshape<tfjs.Rank.R2>(taps, [c, wide]),
      );
      return tf.reshape(row, [n * d * h, 1, w * wide]);
    });
    return tf.reshape(tf.concat(rows, 1), [n * d, 1, h * k * w * wide]);
  });
  return tf.reshape(tf.concat(planes, 1), [
    n,
    d * k,
    h * k,
    w * k,
    wide / k,
  ]);
}

/** Divides by the standard deviation; `variance` is biased and broadcasts against `centred`. */
function standardise(
  tf: Tf,
  centred: Tensor,
  variance: Tensor,
  epsilon: number,
): Tensor {
  return tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon)));
}

/** Layer normalisation over channels, affine. */
export function layerNorm(
  tf: Tf,
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  epsilon: number,
): Tensor {
  const [n, d, h, w, c] = sizesOf(x);
  const rows = tf.reshape(x, [n * d * h * w, c]);
  const centred = tf.sub(rows, tf.mean(rows, 1, true));
  const variance = tf.mean(tf.square(centred), 1, true);
  const standard = standardise(tf, centred, variance, epsilon);
  return tf.reshape(tf.add(tf.mul(standard, weight), bias), x.shape);
}

/**
 * Mean over space, [N, 1, C] of [N, D * H * W, C]. A matrix product with ones sums each depth slice
 * without transposing; summing slices apart also keeps the rounding error of long sums small.
 */
function spatialMean(tf: Tf, x: Tensor, depth: number): Tensor {
  const [n = 1, positions = 1, c = 1] = x.shape;
  const area = positions / depth;
  const slices = tf.reshape(x, [n * depth, area, c]);
  const sums = tf.matMul(tf.ones([n * depth, 1, area]), slices);
  const mean = tf.mean(tf.reshape(sums, [n, depth, c]), 1, true);
  return tf.div(mean, area);
}

/** `torch.nn.InstanceNorm3d`, not affine. */
export function instanceNorm(tf: Tf, x: Tensor, epsilon: number): Tensor {
  const [n, d, h, w, c] = sizesOf(x);
  const positions = tf.reshape(x, [n, d * h * w, c]);
  const centred = tf.sub(positions, spatialMean(tf, positions, d));
  const variance = spatialMean(tf, tf.square(centred), d);
  return tf.reshape(standardise(tf, centred, variance, epsilon), x.shape);
}

/** The exact form; TensorFlow.js' own erf is good to 1.5e-7. */
export function gelu(tf: Tf, x: Tensor): Tensor {
  const cumulative = tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1);
  return tf.mul(tf.mul(x, cumulative), 0.5);
}
