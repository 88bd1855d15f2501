/**
 * `uptake phantom`: a dataset of synthetic PET cases with known lesions.
 * @module
 */
import { z } from "zod";
import { encodeNifti } from "../../shared/imaging/nifti/write.ts";
import {
  PHANTOM_DESCRIPTION,
  phantomCaseId,
  phantomDatasetJson,
  phantomKeys,
} from "../../shared/imaging/phantom/dataset_json.ts";
import { makePhantom } from "../../shared/imaging/phantom/phantom.ts";
import { DISPLAY_SCALE } from "../../shared/imaging/phantom/scale.ts";
import { encodeRecord } from "../../shared/runs/record_io.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { spacing, store, voxels } from "../cli/option_types.ts";
import { UsageError } from "../cli/usage_error.ts";
import { verb } from "../cli/verb.ts";

export const phantom = verb({
  name: "phantom",
  summary: "Make synthetic whole-body PET cases with known lesions",
  details: `
Writes an MSD-style dataset: dataset.json, imagesTr/, labelsTr/. The same seed gives the
same bytes. Hot organs (brain, heart, liver, kidneys, bladder) are no tumour; every
eighth case has none at all. Values are SUV, or with --scale display whole numbers from
70 (air) to 255 (SUV 7 and above), which the checkpoint of the demo was trained on.

Example:
  uptake phantom --cases 4 --seed 1 --output phantoms/`,
  options: z.strictObject({
    cases: z.int().min(1).max(10_000).default(4).describe("how many"),
    seed: z.int().min(0).max(2 ** 32 - 1).default(1).describe(
      "another seed, other people",
    ),
    shape: voxels.default([144, 144, 250]).describe(
      "voxels (default: 144,144,250)",
    ),
    spacing: spacing.default([4, 4, 4]).describe(
      "millimetres (default: 4,4,4)",
    ),
    scale: z.enum(["SUV", "display"]).default("SUV").describe("voxel values"),
    output: store.describe("where the dataset goes"),
  }),
  async run({ cases, seed, shape, spacing, scale, output }, context) {
    const home = context.open(output);
    await refuseForeign(home);
    const phantomScale = scale === "SUV" ? scale : DISPLAY_SCALE;
    context.progress({ type: "start", cases });
    try {
      for (let index = 0; index < cases; index++) {
        context.signal.throwIfAborted();
        const caseId = phantomCaseId(index);
        context.progress({ type: "caseStart", caseId });
        const { image, label } = makePhantom({
          seed,
          index,
          shape,
          spacingMm: spacing,
          scale: phantomScale,
        });
        const keys = phantomKeys(index);
        await home.put(keys.image, encodeNifti(image));
        await home.put(keys.label, encodeNifti(label));
        context.progress({ type: "caseEnd", caseId, outcome: "done" });
      }
    } finally {
      context.progress({ type: "end" });
    }
    // Written last: a dataset.json never names files that are not there yet.
    const json = phantomDatasetJson(seed, cases, phantomScale);
    await home.put("dataset.json", encodeRecord(json));
    return {
      exitCode: 0,
      json: { location: home.location, cases },
      text: `${cases} cases of ${shape.join(" x ")} voxels: ${home.location}`,
    };
  },
});

/** Never writes over a dataset that is somebody's. */
async function refuseForeign(home: ObjectStore): Promise<void> {
  const there = await home.get("dataset.json");
  if (there === null) return;
  const text = new TextDecoder().decode(there.body);
  if (!text.includes(PHANTOM_DESCRIPTION)) {
    throw new UsageError(
      `${home.location} holds another dataset: choose another output`,
    );
  }
}
