/**
 * MA3DSeg: a UNETR-shaped network whose encoder is made of 3D-DX blocks, in which a depthwise
 * separable 7x7x7 convolution mixes space and then channels.
 *
 * Source: the published PyTorch code of MA3DSeg (`networks/UXNet_3D`). Its unused `dwconv`
 * parameters are no part of this graph.
 * @module
 */
import { z } from "zod";
import type { Graph } from "./graph.ts";
import { conv3d, type Draft } from "./layers.ts";
import { buildUnetr, type UnetrConfig, unetrFields } from "./unetr.ts";

export const ma3dsegSchema = z.strictObject({
  name: z.literal("ma3dseg"),
  ...unetrFields,
});

function separableConv(
  draft: Draft,
  module: string,
  input: string,
  channels: number,
): string {
  const sizes = { inChannels: channels, outChannels: channels };
  const x = conv3d(draft, `${module}.separable_conv.conv1`, input, {
    ...sizes,
    kernel: 7,
    padding: 3,
    groups: channels,
  });
  return conv3d(draft, `${module}.separable_conv.pointwise`, x, {
    ...sizes,
    kernel: 1,
  });
}

export function buildMa3dseg(config: UnetrConfig): Graph {
  return buildUnetr(config, separableConv);
}
