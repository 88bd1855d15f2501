/**
 * 3D UX-Net: a UNETR-shaped network whose encoder blocks start with a depthwise 7x7x7 convolution.
 *
 * Source: 3D UX-Net (Lee et al., ICLR 2023, arXiv 2209.15076) and its published PyTorch code.
 * @module
 */
import { z } from "zod";
import type { Graph } from "./graph.ts";
import { conv3d, type Draft } from "./layers.ts";
import { buildUnetr, type UnetrConfig, unetrFields } from "./unetr.ts";

export const uxnet3dSchema = z.strictObject({
  name: z.literal("uxnet3d"),
  ...unetrFields,
});

function depthwiseConv(
  draft: Draft,
  module: string,
  input: string,
  channels: number,
): string {
  return conv3d(draft, `${module}.dwconv`, input, {
    inChannels: channels,
    outChannels: channels,
    kernel: 7,
    padding: 3,
    groups: channels,
    bias: true,
  });
}

export function buildUxnet3d(config: UnetrConfig): Graph {
  return buildUnetr(config, depthwiseConv);
}
