/** @module A night as people read it: a table, whoever is worse with the cases that flipped, and what was left out. */
import type {
  ClassComparison,
  Comparison,
  Flip,
} from "../../../shared/metrics/compare.ts";
import type { ComparisonRecord } from "../../../shared/runs/home/records.ts";
import { digits, plainTable } from "../../cli/summary_text.ts";
import type { Night, StandingComparison } from "./night.ts";
import type { Evaluated } from "./rivals.ts";
import type { Seen } from "./select_cases.ts";

/** More lines than these are not read by anybody. */
const MOST_FLIPS_SHOWN = 20;

const SEEN: Readonly<Record<Seen, string>> = {
  no: "no",
  "validation fold": "validation fold",
  unknown: "may have seen these",
};

export function nightText(night: Night): string {
  const { evaluated, skipped, comparisons, problems } = night;
  const parts: string[] = [];
  if (evaluated.length > 0) parts.push(table(night));
  parts.push(...worseTexts(comparisons));
  for (const { checkpoint, dataset, reason } of skipped) {
    parts.push(`Skipped: ${checkpoint} on ${dataset}: ${reason}`);
  }
  parts.push(...problems.map((problem) => `Problem: ${problem}`));
  const isNew = evaluated.filter((one) => one.isNew).length;
  parts.push(
    evaluated.length + skipped.length + problems.length === 0
      ? "No checkpoint is registered: `uptake register` does it"
      : `${isNew} evaluations made, ${
        evaluated.length - isNew
      } known, ${skipped.length} skipped`,
  );
  return parts.join("\n");
}

function table({ evaluated, comparisons }: Night): string {
  const table = plainTable([
    "Dataset",
    "Checkpoint",
    "Family",
    "Fold",
    "Seen in training",
    "vs predecessor",
    "vs best",
    "n",
    "Dice",
    "HD95 mm",
  ], { leftColumns: 7 });
  for (const one of evaluated) {
    const { checkpoint, dataset, seen, figures } = one;
    const { n, meanDice, hd95Mm, nHd95 } = figures;
    const against = (why: ComparisonRecord["why"]) =>
      againstText(
        comparisons.find(({ record }) =>
          record.why === why && record.after.name === checkpoint.name &&
          record.dataset.name === dataset.name
        ),
      );
    table.push([
      dataset.name,
      checkpoint.name,
      checkpoint.family,
      checkpoint.fold ?? "-",
      SEEN[seen],
      against("predecessor"),
      against("best"),
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

/** `old: -0.123 [-0.150, -0.090] worse, n 12`. */
function againstText(standing: StandingComparison | undefined): string {
  if (standing === undefined) return "-";
  const { before, comparison, verdict } = standing.record;
  const own = decisive(comparison, verdict);
  if (own === null) return `${before.name}: no case of both`;
  const { n, nOnlyBefore, nOnlyAfter, metrics: { dice } } = own;
  const className = comparison.classes.length > 1 ? ` ${own.name}` : "";
  const interval = dice.ci95 === null
    ? ""
    : ` [${dice.ci95.map((end) => signed(end)).join(", ")}]`;
  const alone = nOnlyBefore + nOnlyAfter === 0
    ? ""
    : ` of both (${nOnlyBefore} only before, ${nOnlyAfter} only after)`;
  return `${before.name}:${className} ${
    signed(dice.meanDifference)
  }${interval} ${verdict}, n ${n}${alone}`;
}

/** The class that the verdict comes from. */
function decisive(
  { classes }: Comparison,
  verdict: ComparisonRecord["verdict"],
): ClassComparison | null {
  return classes.find((own) => own.verdict === verdict) ?? null;
}

function signed(value: number | null): string {
  if (value === null) return "-";
  return value < 0 ? value.toFixed(3) : `+${value.toFixed(3)}`;
}

/** Only what says something of the newest checkpoints; a predecessor that is the best, too, stands there once. */
function worseTexts(comparisons: readonly StandingComparison[]): string[] {
  const roles = new Map<string, string[]>();
  const records = new Map<string, ComparisonRecord>();
  for (const { record, isAlarm } of comparisons) {
    if (!isAlarm) continue;
    const { after, before, dataset } = record;
    const pair = JSON.stringify([after.name, before.name, dataset.name]);
    const role = record.why === "predecessor" ? "its predecessor" : "the best";
    roles.set(pair, [...roles.get(pair) ?? [], role]);
    records.set(pair, record);
  }
  return [...records].map(([pair, record]) =>
    worseText(record, roles.get(pair)!.join(" and "))
  );
}

function worseText(
  { before, after, dataset, comparison }: ComparisonRecord,
  role: string,
): string {
  const flips = comparison.classes.flatMap((own) =>
    own.flips.map((flip) => flipText(flip, own.name))
  );
  const shown = flips.slice(0, MOST_FLIPS_SHOWN);
  const more = flips.length - shown.length;
  return [
    `${after.name} is worse than ${before.name} (${role}) on ${dataset.name}; ${
      flips.length === 0 ? "no case flipped" : `${flips.length} cases flipped:`
    }`,
    ...shown,
    ...(more > 0 ? [`  ... and ${more} more: --json has them all`] : []),
  ].join("\n");
}

const OUTCOMES = {
  compared: "found",
  bothEmpty: "clean",
  missed: "missed",
  falseAlarm: "false alarm",
} as const;

function flipText(flip: Flip, className: string): string {
  const { caseId, from, to, diceBefore, diceAfter } = flip;
  return `  ${caseId}, ${className}: ${OUTCOMES[from]} -> ${
    OUTCOMES[to]
  }, Dice ${digits(diceBefore, 3)} -> ${digits(diceAfter, 3)}`;
}
