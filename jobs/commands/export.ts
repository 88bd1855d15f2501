/**
 * `uptake export`: a checkpoint as an ONNX file for other programs.
 * @module
 */
import { z } from "zod";
import { serialiseOnnx } from "../../shared/engine/onnx/serialise.ts";
import { buildNetwork } from "../../shared/network/networks.ts";
import { openCheckpoint } from "../cli/checkpoints.ts";
import { openOutput } from "../cli/inputs.ts";
import { verb } from "../cli/verb.ts";

export const exportCheckpoint = verb({
  name: "export",
  summary: "Export a checkpoint as an ONNX file",
  details: `
The model's input is "input", float32 [batch, channels, D, H, W], prepared as the
checkpoint's preprocessing says (it travels in the file's metadata); its output is
"logits", [batch, classes, D, H, W]. D, H and W must be multiples of 16.

Example:
  uptake export model.safetensors --output model.onnx`,
  positional: ["checkpoint"],
  options: z.strictObject({
    checkpoint: z.string().describe("checkpoint (.safetensors)"),
    output: z.string().describe("ONNX file to write").meta({
      placeholder: "file.onnx",
    }),
  }),
  async run(options, context) {
    const { card, weights } = await openCheckpoint(
      context,
      options.checkpoint,
    );
    const bytes = serialiseOnnx(buildNetwork(card.network), weights, {
      metadata: { uptake: JSON.stringify(card) },
    });
    const { store, key } = openOutput(
      context,
      options.output,
      options.checkpoint,
    );
    await store.put(key, bytes);
    return {
      exitCode: 0,
      json: { output: `${store.location}/${key}`, bytes: bytes.length },
      text: `${
        (bytes.length / 1e6).toFixed(1)
      } MB written to ${options.output}`,
    };
  },
});
