/** @module What a lesion is called: found, missed, or more than that. */
import type { LesionRow } from "../../cases/lesion_table.ts";

const KINDS: Readonly<
  Record<LesionRow["kind"], { readonly text: string; readonly tone: string }>
> = {
  missed: { text: "Missed", tone: "bad" },
  false: { text: "False", tone: "warn" },
  found: { text: "Found", tone: "good" },
  predicted: { text: "Predicted", tone: "muted" },
};

/** A mask of less than this share of a lesion, or of more than its inverse, is not called found without a word. */
const LIKE_SIZE = 0.5;

/** One voxel in common makes a lesion found; where sizes differ much, the badge says so. */
export function outcomeOf(
  { kind, labelMl, maskMl }: Pick<LesionRow, "kind" | "labelMl" | "maskMl">,
): { readonly text: string; readonly tone: string } {
  if (kind !== "found" || labelMl === null || maskMl === null) {
    return KINDS[kind];
  }
  if (maskMl < LIKE_SIZE * labelMl) {
    return { text: "Found, mask much smaller", tone: "warn" };
  }
  return maskMl * LIKE_SIZE > labelMl
    ? { text: "Found, mask much larger", tone: "warn" }
    : KINDS.found;
}
