/** @module Checkpoints that are the nano one but for something, so that one is better than another. */
import {
  readCheckpoint,
  writeCheckpoint,
} from "../../shared/network/checkpoint.ts";

/** What is done to the last bias of the tumour class: each voxel's logit is shifted by it. */
export const BIAS = {
  /** Dice 0.66 on the phantom. */
  best: -3,
  /** Dice 0.41. */
  good: -5,
  /** Dice 0.26. */
  fairer: -6,
  /** Dice 0.15. */
  fair: 0,
  /** Marks every voxel: Dice 0.07. */
  everything: 1000,
  /** Marks nothing: every tumour is missed. */
  nothing: -1000,
} as const;

export interface CheckpointChange {
  readonly biasShift?: number;
  /** What its card tells of its training. */
  readonly training?: Record<string, string | number>;
}

/** Writes `<name>.safetensors` beside `nano.safetensors`. */
export async function changedCheckpoint(
  folder: string,
  name: string,
  { biasShift = 0, training }: CheckpointChange,
): Promise<void> {
  const { card, weights } = readCheckpoint(
    await Deno.readFile(`${folder}/nano.safetensors`),
  );
  const bias = weights.get("out.conv.conv.bias")!;
  const data = bias.data.slice();
  data[1]! += biasShift;
  await Deno.writeFile(
    `${folder}/${name}.safetensors`,
    writeCheckpoint(
      { ...card, ...(training === undefined ? {} : { training }) },
      new Map([...weights, ["out.conv.conv.bias", { ...bias, data }]]),
      "f32",
    ),
  );
}
