/**
 * `uptake preprocess`: what the network will see of an image.
 * @module
 */
import { z } from "zod";
import { encodeNifti } from "../../shared/imaging/nifti/write.ts";
import { readNifti } from "../../shared/imaging/nifti/read.ts";
import { preprocess as prepare } from "../../shared/imaging/preprocess.ts";
import { openOutput, readInputFile } from "../cli/inputs.ts";
import { nativeOrSpacing, range } from "../cli/option_types.ts";
import { verb } from "../cli/verb.ts";
import { named } from "./metrics.ts";

export const preprocess = verb({
  name: "preprocess",
  summary: "Write what the network will see of an image",
  details: `
Spacing, orientation, intensity range and foreground crop, in this order, as MONAI's
Spacingd, Orientationd, ScaleIntensityRanged and CropForegroundd do it.

Example:
  uptake preprocess scan.nii.gz --spacing 4,4,4 --range 0,15 --output seen.nii.gz`,
  positional: ["image"],
  options: z.strictObject({
    image: z.string().describe("PET image (NIfTI)"),
    spacing: nativeOrSpacing.default("native").describe(
      "voxel size, in the file's own axis order",
    ),
    range: range.describe("intensities that become 0 and 1"),
    orientation: z.enum(["RAS", "native"]).default("RAS").describe("axes"),
    crop: z.enum(["foreground", "none"]).default("foreground").describe(
      "cut to what is above the lower end of the range",
    ),
    output: z.string().endsWith(".nii.gz", "takes a name ending in .nii.gz")
      .describe("file to write (.nii.gz)").meta({ placeholder: "file" }),
  }),
  async run(options, context) {
    const bytes = await readInputFile(context, options.image);
    const { volume } = named(options.image, readNifti, bytes);
    const { spacing, orientation, crop } = options;
    const prepared = prepare([volume], {
      spacingMm: spacing === "native" ? spacing : [...spacing],
      orientation,
      intensity: [options.range],
      crop,
    });
    const { shape, affine, channels } = prepared;
    const { store, key } = openOutput(context, options.output, options.image);
    await store.put(key, encodeNifti({ data: channels[0]!, shape, affine }));
    return {
      exitCode: 0,
      json: { output: `${store.location}/${key}`, shape, affine },
      text: `${shape.join(" x ")} voxels written to ${options.output}`,
    };
  },
});
