/** @module Comparisons as people read them: a table, and whoever is worse with the cases that flipped. */
import type {
  ClassComparison,
  Comparison,
  Flip,
} from "../../../shared/metrics/compare.ts";
import type {
  ComparisonReason,
  ComparisonRecord,
} from "../../../shared/runs/home/records.ts";
import { digits, plainTable } from "../../cli/summary_text.ts";
import { count, signed, wrap } from "./cells.ts";
import type { StandingComparison } from "./night.ts";

/** More lines than these are not read by anybody. */
const MOST_FLIPS_SHOWN = 20;

/** With their borders, the columns take 160 characters at most. */
const WIDTHS = { dataset: 24, checkpoint: 28, against: 36, difference: 32 };

const ROLES: Readonly<Record<ComparisonReason, readonly [string, string]>> = {
  predecessor: ["predecessor", "its predecessor"],
  best: ["best", "the best"],
};

/** Two checkpoints on a dataset; a predecessor that is the best, too, stands there once. */
interface Pair {
  readonly record: ComparisonRecord;
  readonly whys: ComparisonReason[];
  isAlarm: boolean;
}

/** One row for each two checkpoints; null where none were compared. */
export function comparisonTable(
  comparisons: readonly StandingComparison[],
): string | null {
  const pairs = pairsOf(comparisons);
  if (pairs.length === 0) return null;
  const table = plainTable([
    "Dataset",
    "Checkpoint",
    "Against",
    "Dice difference [95 %]",
    "Verdict",
  ], { leftColumns: 5 });
  for (const { record, whys } of pairs) {
    const { dataset, after, before, comparison, verdict } = record;
    const roles = whys.map((why) => ROLES[why][0]).join(", ");
    const own = decisive(comparison, verdict);
    table.push([
      wrap(dataset.name, WIDTHS.dataset),
      wrap(after.name, WIDTHS.checkpoint),
      wrap(`${before.name} (${roles})`, WIDTHS.against),
      wrap(differenceText(own, comparison), WIDTHS.difference),
      `${verdict}, ${countText(own)}`,
    ]);
  }
  return table.toString();
}

/** Only what says something of the newest checkpoints. */
export function worseTexts(
  comparisons: readonly StandingComparison[],
): string[] {
  return pairsOf(comparisons).filter(({ isAlarm }) => isAlarm).map(
    ({ record, whys }) =>
      worseText(record, whys.map((why) => ROLES[why][1]).join(" and ")),
  );
}

function pairsOf(comparisons: readonly StandingComparison[]): Pair[] {
  const pairs = new Map<string, Pair>();
  for (const { record, isAlarm } of comparisons) {
    const { after, before, dataset } = record;
    const key = JSON.stringify([dataset.name, after.name, before.name]);
    const same = pairs.get(key);
    if (same === undefined) {
      pairs.set(key, { record, whys: [record.why], isAlarm });
    } else {
      same.whys.push(record.why);
      same.isAlarm ||= isAlarm;
    }
  }
  return [...pairs.values()];
}

/** `-0.123 [-0.150, -0.090]`, with the class where there are several. */
function differenceText(
  { name, metrics: { dice } }: ClassComparison,
  { classes }: Comparison,
): string {
  const interval = dice.ci95 === null
    ? ""
    : ` [${dice.ci95.map((end) => signed(end)).join(", ")}]`;
  const className = classes.length > 1 ? `${name} ` : "";
  return `${className}${signed(dice.meanDifference)}${interval}`;
}

/** `n 12`, or `n 12 of 13` where a case has no result of one of them. */
function countText({ n, nOnlyBefore, nOnlyAfter }: ClassComparison): string {
  const alone = nOnlyBefore + nOnlyAfter;
  return alone === 0 ? `n ${n}` : `n ${n} of ${n + alone}`;
}

/** The class that the verdict comes from. */
function decisive(
  { classes }: Comparison,
  verdict: ComparisonRecord["verdict"],
): ClassComparison {
  return classes.find((own) => own.verdict === verdict)!;
}

function worseText(
  { before, after, dataset, comparison, verdict }: ComparisonRecord,
  role: string,
): string {
  const flips = comparison.classes.flatMap((own) =>
    own.flips.map((flip) => flipText(flip, own.name))
  );
  const shown = flips.slice(0, MOST_FLIPS_SHOWN);
  const more = flips.length - shown.length;
  const n = countText(decisive(comparison, verdict));
  return [
    `${after.name} is worse than ${before.name} (${role}) on ${dataset.name}, ${n}; ${
      flips.length === 0
        ? "no case flipped"
        : `${count(flips.length, "case")} flipped:`
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
