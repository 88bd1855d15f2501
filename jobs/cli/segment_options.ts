/**
 * The options of a segmentation, which `segment`, `plan`, `submit` and `reevaluate` take alike.
 * @module
 */
import { z } from "zod";
import { DEVICE_NAMES, ENGINE_NAMES } from "../../shared/engine/choose.ts";
import { petUnitSchema } from "../../shared/metrics/pet.ts";
import type { CheckpointCard } from "../../shared/network/checkpoint.ts";
import type { SegmentOptions } from "../../shared/runs/records.ts";
import { autoOrCount, voxels } from "./option_types.ts";

/** What decides the voxels of a mask, what computes it, and what its values mean. */
export const segmentOptions = {
  overlap: z.number().min(0).lt(1).default(0.5).describe(
    "how much neighbouring windows share, 0 to below 1",
  ),
  roi: voxels.optional().describe("window size (default: the checkpoint's)"),
  swBatch: autoOrCount.default("auto").describe(
    "windows per forward pass (auto: 1 on a CPU, 4 on a GPU)",
  ),
  mode: z.enum(["gaussian", "constant"]).default("gaussian").describe(
    "how overlapping windows are weighted",
  ),
  tta: z.enum(["none", "mirror"]).default("none").describe(
    "mirror: average the eight mirrored views of each window",
  ),
  minLesionMl: z.number().min(0).default(0).describe(
    "drop lesions smaller than this many ml",
  ),
  unit: petUnitSchema.optional().describe(
    "what image values mean, where dataset.json does not tell",
  ),
  engine: z.enum(["auto", ...ENGINE_NAMES]).default("auto").describe(
    "what runs the network",
  ),
  device: z.enum(["auto", ...DEVICE_NAMES]).default("auto").describe(
    "what it runs on",
  ),
  threads: autoOrCount.default("auto").describe("CPU threads of the engine"),
  saveProbabilities: z.boolean().default(false).describe(
    "also write class probabilities (4D float32 NIfTI)",
  ),
};

const schema = z.strictObject(segmentOptions);
export type GivenSegmentOptions = z.infer<typeof schema>;

/** The options as a run freezes them. */
export function frozenOptions(
  given: Omit<GivenSegmentOptions, "unit" | "engine" | "device" | "threads">,
  card: CheckpointCard,
  device: string,
): SegmentOptions {
  const { overlap, mode, tta, minLesionMl, saveProbabilities } = given;
  const [x, y, z] = given.roi ?? card.roi;
  return {
    overlap,
    roi: [x, y, z],
    swBatch: given.swBatch === "auto" ? defaultBatch(device) : given.swBatch,
    mode,
    tta,
    minLesionMl,
    saveProbabilities,
  };
}

/** A CPU gains nothing from batches, and they cost memory; a GPU is idle without. */
function defaultBatch(device: string): number {
  return device === "cpu" || device === "wasm" ? 1 : 4;
}
