/** @module A night as people read it: tables, whoever is worse, and what was left out. */
import { digits, plainTable } from "../../cli/summary_text.ts";
import { about } from "./attempt.ts";
import { count, wrap } from "./cells.ts";
import { comparisonTable, worseTexts } from "./comparisons_text.ts";
import { failuresText } from "./failures_text.ts";
import type { Figures } from "./figures.ts";
import type { Night } from "./night.ts";
import type { PlannedEvaluation } from "./plan_evaluations.ts";
import type { Seen } from "./select_cases.ts";

/** With their borders, the columns take 160 characters at most. */
const WIDTHS = { dataset: 24, checkpoint: 28, family: 24 };

const SEEN: Readonly<Record<Seen, string>> = {
  no: "no",
  "validation fold": "validation fold",
  unknown: "may have seen these",
};

export function nightText(night: Night): string {
  const { evaluated, failed, skipped, comparisons, problems } = night;
  const parts: string[] = [];
  if (evaluated.length + failed.length > 0) parts.push(table(night));
  const compared = comparisonTable(night);
  if (compared !== null) parts.push(compared);
  parts.push(...worseTexts(comparisons));
  for (const { checkpoint, dataset, reason } of skipped) {
    parts.push(`Skipped: ${checkpoint} on ${dataset}: ${reason}`);
  }
  parts.push(...problems.map((problem) => `Problem: ${problem}`));
  for (const one of evaluated) {
    const { summary: { failures }, store: { location } } = one;
    if (failures.length === 0) continue;
    parts.push(`Failed: ${about(one, failuresText(location, failures))}`);
  }
  parts.push(countsText(night));
  return parts.join("\n");
}

function countsText({ evaluated, failed, skipped }: Night): string {
  const some = evaluated.filter(({ figures }) => figures.n > 0);
  const isNew = some.filter((one) => one.isNew).length;
  const without = failed.length + evaluated.length - some.length;
  return [
    `${count(isNew, "evaluation")} made`,
    `${some.length - isNew} known`,
    `${skipped.length} skipped`,
    ...(without > 0 ? [`${without} without any result`] : []),
  ].join(", ");
}

function table({ evaluated, failed }: Night): string {
  const table = plainTable([
    "Dataset",
    "Checkpoint",
    "Family",
    "Fold",
    "Seen in training",
    "n",
    "Dice",
    "HD95 mm",
  ], { leftColumns: 5 });
  const row = (
    { checkpoint, dataset, seen, cases }: PlannedEvaluation,
    { n, meanDice, hd95Mm, nHd95 }: Figures,
  ) =>
    table.push([
      wrap(dataset.name, WIDTHS.dataset),
      wrap(checkpoint.name, WIDTHS.checkpoint),
      wrap(checkpoint.family, WIDTHS.family),
      checkpoint.fold ?? "-",
      SEEN[seen],
      // Cases that failed or are missing are in no mean: that must be seen beside it.
      n === cases.length ? `${n}` : `${n} of ${cases.length}`,
      digits(meanDice, 3),
      `${digits(hd95Mm, 1)} (n ${nHd95})`,
    ]);
  for (const one of evaluated) row(one, one.figures);
  for (const one of failed) row(one, NO_FIGURES);
  return table.toString();
}

const NO_FIGURES: Figures = { n: 0, meanDice: null, hd95Mm: null, nHd95: 0 };
