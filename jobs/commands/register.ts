/**
 * `uptake register`: put a checkpoint into a home, for nightly re-evaluation.
 * @module
 */
import { z } from "zod";
import { openCheckpoint } from "../cli/checkpoints.ts";
import { store } from "../cli/option_types.ts";
import { asUsage } from "../cli/usage_error.ts";
import { verb } from "../cli/verb.ts";
import { openHome } from "../evaluation/open_home.ts";
import {
  foldText,
  registerCheckpoint,
} from "../evaluation/register_checkpoint.ts";

export const register = verb({
  name: "register",
  summary: "Put a checkpoint into a home, where it is evaluated every night",
  details: `
Copies it to <home>/checkpoints/<name>.safetensors and records it beside. Its family (the
checkpoints that replace each other) and fold are what its card tells of its training
(training.family, training.fold), else the network's name and no fold. The same again
changes nothing; another checkpoint under a name that is taken is refused, and so is
another name for a file that is registered.

Examples:
  uptake register model.safetensors --home s3://bucket/home
  uptake register out/best.safetensors --home results/ --name lymphoma-2 --family lymphoma --fold 0`,
  positional: ["checkpoint"],
  options: z.strictObject({
    checkpoint: store.describe("checkpoint file (.safetensors)"),
    home: store.describe("the store that holds runs and checkpoints"),
    name: z.string().optional().describe("what to call it (default: the file)"),
    family: z.string().min(1).max(100).optional().describe(
      "checkpoints that replace each other (default: the card's)",
    ),
    fold: z.int().min(0).optional().describe(
      "whose validation cases it has not seen (default: the card's)",
    ),
  }),
  async run({ checkpoint, home: location, name, family, fold }, context) {
    const loaded = await openCheckpoint(context, checkpoint);
    const { home } = await openHome(location, context);
    const { record, isNew } = await asUsage(() =>
      registerCheckpoint(home, loaded, {
        ...(name === undefined ? {} : { name }),
        ...(family === undefined ? {} : { family }),
        ...(fold === undefined ? {} : { fold }),
      }, new Date())
    );
    const { card: _, ...told } = record;
    return {
      exitCode: 0,
      json: { location: home.location, isNew, ...told },
      text: `${
        isNew ? "Registered" : "Registered before:"
      } ${record.name} (${record.family}, ${
        foldText(record.fold)
      }), sha256 ${record.sha256}`,
    };
  },
});
