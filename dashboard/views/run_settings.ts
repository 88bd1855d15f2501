/** @module What a run was made with, in words. */
import type {
  RunSettings,
  SettingName,
} from "../../shared/catalog/queries/run_settings.ts";
import type { RunRow } from "../../shared/catalog/queries/runs.ts";
import type { SegmentOptions } from "../../shared/runs/records.ts";
import { digits } from "./numbers.ts";

interface Text<T> {
  readonly name: string;
  value(settings: T): string;
}

/** In the order in which they are told: what changes masks most comes first. */
export const OPTION_TEXTS: Readonly<
  Record<keyof SegmentOptions, Text<SegmentOptions>>
> = Object.freeze({
  overlap: {
    name: "Overlap",
    value: ({ overlap }) => `${digits(100 * overlap, 0)} %`,
  },
  minLesionMl: {
    name: "Smallest lesion",
    value: ({ minLesionMl }) => minLesionMl === 0 ? "any" : `${minLesionMl} ml`,
  },
  tta: { name: "Test-time augmentation", value: ({ tta }) => tta },
  roi: { name: "Window", value: ({ roi }) => `${roi.join(" × ")} voxels` },
  mode: { name: "Blending", value: ({ mode }) => mode },
  swBatch: { name: "Windows at once", value: ({ swBatch }) => String(swBatch) },
  saveProbabilities: {
    name: "Probabilities",
    value: ({ saveProbabilities }) => saveProbabilities ? "kept" : "not kept",
  },
});

export const SETTING_TEXTS: Readonly<
  Record<SettingName, Text<NonNullable<RunSettings>>>
> = Object.freeze({
  ...OPTION_TEXTS,
  engine: { name: "Engine", value: ({ engine }) => engine },
  device: { name: "Device", value: ({ device }) => device },
  codeVersion: { name: "Uptake", value: ({ codeVersion }) => codeVersion },
});

export const SETTING_NAMES = Object.keys(SETTING_TEXTS) as SettingName[];

/** What tells a run apart from those of its dataset, checkpoint and fold: `overlap 25 %, device cpu`; empty: nothing. */
export function varyingText(
  { settings, varying }: Pick<RunRow, "settings" | "varying">,
): string {
  if (settings === null) return "";
  return SETTING_NAMES.filter((name) => varying.includes(name))
    .map((key) => {
      const { name, value } = SETTING_TEXTS[key];
      return `${name[0]!.toLowerCase()}${name.slice(1)} ${value(settings)}`;
    }).join(", ");
}
