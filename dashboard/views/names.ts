/** @module Datasets, checkpoints and folds as people call them. */
import type { OverviewRow } from "../../shared/catalog/queries/overview.ts";

export function datasetName(
  { name }: Pick<OverviewRow["dataset"], "name">,
): string {
  return name === "" ? "Unnamed" : name;
}

export function checkpointName(
  { name, kind }: Pick<OverviewRow["checkpoint"], "name" | "kind">,
): string {
  return kind === "masks" ? `Masks of ${name}` : name;
}

export function foldName(fold: number | null): string {
  return fold === null ? "No fold" : `Fold ${fold}`;
}
