/**
 * `uptake import`: a PyTorch checkpoint becomes one of ours. No code in it is ever run.
 * @module
 */
import { z } from "zod";
import { importPytorch } from "../../shared/network/import_pytorch.ts";
import { writeCheckpoint } from "../../shared/network/checkpoint.ts";
import { NETWORK_NAMES } from "../../shared/network/networks.ts";
import { sha256 } from "../../shared/runs/sha256.ts";
import { openOutput, readInputFile } from "../cli/inputs.ts";
import {
  commaList,
  nativeOrSpacing,
  range,
  voxels,
} from "../cli/option_types.ts";
import { asUsage } from "../cli/usage_error.ts";
import { verb } from "../cli/verb.ts";
import { named } from "./metrics.ts";

export const importCheckpoint = verb({
  name: "import",
  summary: "Import a PyTorch checkpoint (.pth) as .safetensors",
  details: `
Network, widths, classes and channels are read from the parameters' shapes. What a .pth
cannot know is given here: how images were prepared, and the window. Pickled code is
refused, never executed.

Examples:
  uptake import best_metric_model.pth --range 0,15 --spacing 4,4,4 --roi 96,96,96 \\
    --classes background,tumour --output model.safetensors
  uptake import pet_ct.pth --channels PET,CT --range 0,15 --range -175,250 \\
    --output pet_ct.safetensors`,
  positional: ["checkpoint"],
  options: z.strictObject({
    checkpoint: z.string().describe("PyTorch zip checkpoint (.pth, .pt)"),
    network: z.enum(NETWORK_NAMES).optional().describe(
      "needed only where a file holds parameters of both",
    ),
    spacing: nativeOrSpacing.default("native").describe(
      "voxel size images are resampled to",
    ),
    orientation: z.enum(["RAS", "native"]).default("RAS").describe("axes"),
    range: z.array(range).min(1).describe(
      "intensities that become 0 and 1: one for all channels, or one per channel",
    ).meta({ placeholder: "lo,hi" }),
    crop: z.enum(["foreground", "none"]).default("foreground").describe(
      "whether images are cut to their foreground",
    ),
    roi: voxels.default([96, 96, 96]).describe(
      "window size (default: 96,96,96)",
    ),
    classes: commaList.optional().describe(
      "names by value (default: background,tumour)",
    ),
    channels: commaList.optional().describe("names (default: PET)"),
    precision: z.enum(["f32", "f16"]).default("f32").describe(
      "how weights are stored",
    ),
    output: z.string().describe("checkpoint to write").meta({
      placeholder: "file.safetensors",
    }),
  }),
  async run(options, context) {
    const { spacing, orientation, crop, network, classes, channels } = options;
    const bytes = await readInputFile(context, options.checkpoint);
    const spacingMm = spacing === "native" ? spacing : toTuple(spacing);
    const imported = await asUsage(() =>
      named(
        options.checkpoint,
        (bytes) =>
          importPytorch(bytes, {
            preprocessing: {
              spacingMm,
              orientation,
              crop,
              intensity: options.range,
            },
            roi: options.roi,
            ...(network === undefined ? {} : { network }),
            ...(classes === undefined ? {} : { classes }),
            ...(channels === undefined ? {} : { channels }),
          }),
        bytes,
      )
    );
    const { card, weights } = imported;
    const encoded = writeCheckpoint(card, weights, options.precision);
    const { store, key } = openOutput(
      context,
      options.output,
      options.checkpoint,
    );
    await store.put(key, encoded);
    const parameters = [...weights.values()].reduce(
      (sum, { data }) => sum + data.length,
      0,
    );
    return {
      exitCode: 0,
      json: { card, parameters, sha256: await sha256(encoded) },
      text:
        `${card.network.name}, ${parameters} parameters, ${card.network.inChannels} channel(s), classes ${
          card.classes.join(", ")
        }: written to ${options.output}`,
    };
  },
});

function toTuple(
  [x, y, z]: readonly [number, number, number],
): [number, number, number] {
  return [x, y, z];
}
