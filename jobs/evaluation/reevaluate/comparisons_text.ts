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
import type { Night, StandingComparison, Uncompared } from "./night.ts";

/** More lines than these are not read by anybody. */
const MOST_FLIPS_SHOWN = 20;

/** With their borders, the columns take 160 characters at most. */
const WIDTHS = { dataset: 24, checkpoint: 28, against: 36, difference: 32 };

const ROLES: Readonly<Record<ComparisonReason, readonly [string, string]>> = {
  predecessor: ["predecessor", "its predecessor"],
  best: ["best", "the best"],
  bestOfFold: ["best of fold", "the best of its fold"],
};

/** One row for each two checkpoints on a dataset; null where there are none. */
export function comparisonTable(
  { comparisons, uncompared }: Pick<Night, "comparisons" | "uncompared">,
): string | null {
  const rows = [
    ...byPair(comparisons.map(({ record }) => named(record))).map(
      ([{ comparison, verdict, ...names }, whys]) => {
        const own = decisive(comparison, verdict);
        return {
          ...names,
          whys,
          difference: differenceText(own, comparison),
          verdict: `${verdict}, ${countText(own)}`,
        };
      },
    ),
    ...byPair(uncompared).map(([{ n, ...names }, whys]) => ({
      ...names,
      whys,
      difference: "-",
      verdict: `${n === 0 ? "nothing to compare" : "too few"}, n ${n}`,
    })),
  ];
  if (rows.length === 0) return null;
  const table = plainTable([
    "Dataset",
    "Checkpoint",
    "Against",
    "Dice difference [95 %]",
    "Verdict",
  ], { leftColumns: 5 });
  for (const { dataset, after, before, whys, difference, verdict } of rows) {
    const roles = whys.map((why) => ROLES[why][0]).join(", ");
    table.push([
      wrap(dataset, WIDTHS.dataset),
      wrap(after, WIDTHS.checkpoint),
      wrap(`${before} (${roles})`, WIDTHS.against),
      wrap(difference, WIDTHS.difference),
      verdict,
    ]);
  }
  return table.toString();
}

/** Only what says something of the newest checkpoints. */
export function worseTexts(
  comparisons: readonly StandingComparison[],
): string[] {
  const alarms = comparisons.filter(({ isAlarm }) => isAlarm);
  return byPair(alarms.map(({ record }) => named(record))).map(([one, whys]) =>
    worseText(one, whys.map((why) => ROLES[why][1]).join(" and "))
  );
}

/** Which two checkpoints are compared, and what one is to the other. */
type Named = Pick<Uncompared, "why" | "dataset" | "before" | "after">;

type NamedComparison =
  & Named
  & Pick<ComparisonRecord, "comparison" | "verdict">;

function named(record: ComparisonRecord): NamedComparison {
  const { why, dataset, before, after, comparison, verdict } = record;
  const names = {
    dataset: dataset.name,
    before: before.name,
    after: after.name,
  };
  return { why, ...names, comparison, verdict };
}

/** A predecessor that is the best, too, stands there once. */
function byPair<T extends Named>(
  items: readonly T[],
): [item: T, whys: ComparisonReason[]][] {
  const pairs = new Map<string, [T, ComparisonReason[]]>();
  for (const item of items) {
    const { dataset, after, before, why } = item;
    const key = JSON.stringify([dataset, after, before]);
    const same = pairs.get(key);
    if (same === undefined) pairs.set(key, [item, [why]]);
    else same[1].push(why);
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
  { before, after, dataset, comparison, verdict }: NamedComparison,
  role: string,
): string {
  const flips = comparison.classes.flatMap((own) =>
    own.flips.map((flip) => flipText(flip, own.name))
  );
  const shown = flips.slice(0, MOST_FLIPS_SHOWN);
  const more = flips.length - shown.length;
  const n = countText(decisive(comparison, verdict));
  return [
    `${after} is worse than ${before} (${role}) on ${dataset}, ${n}; ${
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
