/**
 * The frame that 3D UX-Net and MA3DSeg share: an encoder of four stages that halves the size each
 * time, and MONAI's UNETR decoder with one residual block per skip. The networks differ in the
 * convolution at the head of an encoder block.
 *
 * Source: 3D UX-Net (Lee et al., ICLR 2023, arXiv 2209.15076) and its published PyTorch code, whose
 * parameter names are kept.
 * @module
 */
import { z } from "zod";
import { encoderBlock, resBlock, type SpatialConv, upBlock } from "./blocks.ts";
import type { Graph } from "./graph.ts";
import { conv3d, type Draft, layerNorm } from "./layers.ts";

const width = z.int().min(1).max(4096);
const depth = z.int().min(1).max(64);

/** What is configurable, as zod fields, so that each network adds its own `name`. */
export const unetrFields = {
  inChannels: z.int().min(1).max(64),
  /** Classes, the background included. */
  classes: z.int().min(2).max(256),
  /** Channels of the four encoder stages. */
  features: z.tuple([width, width, width, width]).readonly(),
  /** Channels of the bottleneck. */
  hidden: width,
  /** Blocks in each encoder stage. */
  depths: z.tuple([depth, depth, depth, depth]).readonly(),
};

export type UnetrConfig = z.infer<z.ZodObject<typeof unetrFields>>;

/**
 * The encoder: value names of the four normalised stage outputs, at 1/2, 1/4, 1/8 and 1/16 of the
 * input's size.
 */
function appendEncoder(
  draft: Draft,
  input: string,
  config: UnetrConfig,
  spatialConv: SpatialConv,
): string[] {
  const outputs: string[] = [];
  let x = input;
  let channels = config.inChannels;
  for (const [stage, features] of config.features.entries()) {
    const down = `uxnet_3d.downsample_layers.${stage}`;
    const sizes = { inChannels: channels, outChannels: features, bias: true };
    if (stage === 0) {
      x = conv3d(draft, `${down}.0`, x, {
        ...sizes,
        kernel: 7,
        stride: 2,
        padding: 3,
      });
      x = layerNorm(draft, `${down}.1`, x, features);
    } else {
      x = layerNorm(draft, `${down}.0`, x, channels);
      x = conv3d(draft, `${down}.1`, x, { ...sizes, kernel: 2, stride: 2 });
    }
    for (let block = 0; block < config.depths[stage]!; block++) {
      const module = `uxnet_3d.stages.${stage}.${block}`;
      x = encoderBlock(draft, module, x, features, spatialConv);
    }
    outputs.push(layerNorm(draft, `uxnet_3d.norm${stage}`, x, features));
    channels = features;
  }
  return outputs;
}

/**
 * The whole network for a spatial convolution.
 *
 * The order of `features` and `hidden` follows the published code: the skip of the input has
 * `features[0]` channels, the skip of stage i has `features[i + 1]`, the last stage `hidden`.
 */
export function buildUnetr(
  config: UnetrConfig,
  spatialConv: SpatialConv,
): Graph {
  const { inChannels, classes, features, hidden } = config;
  const draft: Draft = { nodes: [], parameters: new Map() };
  const input = "input";
  const stages = appendEncoder(draft, input, config, spatialConv);

  const widths = [...features, hidden];
  const skips = [input, ...stages].map((value, level) =>
    resBlock(
      draft,
      `encoder${level + 1}.layer`,
      value,
      level === 0 ? inChannels : widths[level - 1]!,
      widths[level]!,
    )
  );
  let x = skips[4]!;
  for (let level = 3; level >= 0; level--) {
    x = upBlock(
      draft,
      `decoder${level + 2}`,
      x,
      skips[level]!,
      widths[level + 1]!,
      widths[level]!,
    );
  }
  x = resBlock(draft, "decoder1.layer", x, features[0], features[0]);
  const output = conv3d(draft, "out.conv.conv", x, {
    inChannels: features[0],
    outChannels: classes,
    kernel: 1,
    bias: true,
  });
  return {
    input,
    inChannels,
    nodes: draft.nodes,
    output,
    classes,
    parameters: draft.parameters,
    sizeMultiple: 16,
  };
}
