/** @module A night as people read it: tables, whoever is worse, and what was left out. */
import { digits, plainTable } from "../../cli/summary_text.ts";
import { count, wrap } from "./cells.ts";
import { comparisonTable, worseTexts } from "./comparisons_text.ts";
import type { Night } from "./night.ts";
import type { Evaluated } from "./rivals.ts";
import type { Seen } from "./select_cases.ts";

/** With their borders, the columns take 160 characters at most. */
const WIDTHS = { dataset: 24, checkpoint: 28, family: 24 };

const SEEN: Readonly<Record<Seen, string>> = {
  no: "no",
  "validation fold": "validation fold",
  unknown: "may have seen these",
};

export function nightText(night: Night): string {
  const { evaluated, skipped, comparisons, problems } = night;
  const parts: string[] = [];
  if (evaluated.length > 0) parts.push(table(night));
  const compared = comparisonTable(comparisons);
  if (compared !== null) parts.push(compared);
  parts.push(...worseTexts(comparisons));
  for (const { checkpoint, dataset, reason } of skipped) {
    parts.push(`Skipped: ${checkpoint} on ${dataset}: ${reason}`);
  }
  parts.push(...problems.map((problem) => `Problem: ${problem}`));
  const isNew = evaluated.filter((one) => one.isNew).length;
  parts.push(
    evaluated.length + skipped.length + problems.length === 0
      ? "No checkpoint is registered: `uptake register` does it"
      : `${count(isNew, "evaluation")} made, ${
        evaluated.length - isNew
      } known, ${skipped.length} skipped`,
  );
  return parts.join("\n");
}

function table({ evaluated }: Night): string {
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
  for (const one of evaluated) {
    const { checkpoint, dataset, seen, figures } = one;
    const { n, meanDice, hd95Mm, nHd95 } = figures;
    table.push([
      wrap(dataset.name, WIDTHS.dataset),
      wrap(checkpoint.name, WIDTHS.checkpoint),
      wrap(checkpoint.family, WIDTHS.family),
      checkpoint.fold ?? "-",
      SEEN[seen],
      countText(n, one),
      digits(meanDice, 3),
      `${digits(hd95Mm, 1)} (n ${nHd95})`,
    ]);
  }
  return table.toString();
}

/** Cases that failed or are missing are in no mean: that must be seen beside it. */
function countText(n: number, { summary: { coverage } }: Evaluated): string {
  return n === coverage.expected ? `${n}` : `${n} of ${coverage.expected}`;
}
