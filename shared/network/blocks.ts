/**
 * The blocks that the networks share: 3D UX-Net's encoder block and the residual and upsampling
 * blocks of MONAI's UNETR decoder (`UnetrBasicBlock`, `UnetrUpBlock`, MONAI 0.9 to 1.5).
 * @module
 */
import {
  add,
  concat,
  conv3d,
  type Draft,
  gelu,
  instanceNorm,
  layerNorm,
  leakyRelu,
  scale,
  upsample,
} from "./layers.ts";

/** The spatial convolution at the head of an encoder block: `module` is the block's name. */
export type SpatialConv = (
  draft: Draft,
  module: string,
  input: string,
  channels: number,
) => string;

/**
 * One encoder block: spatial convolution, layer norm, a per-channel (grouped) expansion to four
 * times the channels, GELU, a per-channel contraction, layer scale, and the residual sum.
 */
export function encoderBlock(
  draft: Draft,
  module: string,
  input: string,
  channels: number,
  spatialConv: SpatialConv,
): string {
  const wide = 4 * channels;
  let x = spatialConv(draft, module, input, channels);
  x = layerNorm(draft, `${module}.norm`, x, channels);
  x = conv3d(draft, `${module}.pwconv1`, x, {
    inChannels: channels,
    outChannels: wide,
    kernel: 1,
    groups: channels,
    bias: true,
  });
  x = gelu(draft, `${module}.act`, x);
  x = conv3d(draft, `${module}.pwconv2`, x, {
    inChannels: wide,
    outChannels: channels,
    kernel: 1,
    groups: channels,
    bias: true,
  });
  x = scale(draft, `${module}.gamma`, x, channels);
  return add(draft, module, [input, x]);
}

/**
 * MONAI's `UnetResBlock`: two 3x3x3 convolutions with instance norm, and a shortcut that is a 1x1x1
 * convolution with instance norm where the number of channels changes.
 */
export function resBlock(
  draft: Draft,
  module: string,
  input: string,
  inChannels: number,
  outChannels: number,
): string {
  let x = conv3d(draft, `${module}.conv1.conv`, input, {
    inChannels,
    outChannels,
    kernel: 3,
    padding: 1,
  });
  x = instanceNorm(draft, `${module}.norm1`, x);
  x = leakyRelu(draft, `${module}.lrelu1`, x);
  x = conv3d(draft, `${module}.conv2.conv`, x, {
    inChannels: outChannels,
    outChannels,
    kernel: 3,
    padding: 1,
  });
  x = instanceNorm(draft, `${module}.norm2`, x);
  let shortcut = input;
  if (inChannels !== outChannels) {
    shortcut = conv3d(draft, `${module}.conv3.conv`, input, {
      inChannels,
      outChannels,
      kernel: 1,
    });
    shortcut = instanceNorm(draft, `${module}.norm3`, shortcut);
  }
  x = add(draft, `${module}.sum`, [x, shortcut]);
  return leakyRelu(draft, module, x);
}

/** MONAI's `UnetrUpBlock`: doubles the size, appends the skip's channels, then a residual block. */
export function upBlock(
  draft: Draft,
  module: string,
  input: string,
  skip: string,
  inChannels: number,
  outChannels: number,
): string {
  const up = upsample(
    draft,
    `${module}.transp_conv.conv`,
    input,
    inChannels,
    outChannels,
  );
  const both = concat(draft, `${module}.concat`, [up, skip]);
  return resBlock(
    draft,
    `${module}.conv_block`,
    both,
    2 * outChannels,
    outChannels,
  );
}
