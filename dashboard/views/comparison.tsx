/** @module What changed between two runs, class by class. */
import type { RunRow } from "../../shared/catalog/queries/runs.ts";
import type {
  CaseDifference,
  ClassComparison,
  PairedMetricComparison,
} from "../../shared/metrics/compare.ts";
import { sideName, type Sides } from "./comparison_sides.tsx";
import { PAGE_SIZE, Pager } from "./list.tsx";
import { Name } from "./name.tsx";
import { readable } from "./names.ts";
import {
  count,
  digits,
  FIGURE_TEXTS,
  figureHead,
  NONE,
  signed,
  whole,
} from "./numbers.ts";
import { casePath } from "./run_cases.tsx";

const VERDICTS = {
  worse: ["Worse", "bad"],
  better: ["Better", "good"],
  same: ["No sure difference", "muted"],
  tooFew: ["Too few cases to tell", "warn"],
} as const;

/** With fewer, not even cases that all differ the same way give Wilcoxon's test a p below 0.05: 2 / 2 ** 5 is above. */
const FEWEST_TO_BE_SURE = 6;

const OUTCOMES = {
  compared: "found",
  missed: "missed",
  bothEmpty: "clean",
  falseAlarm: "false alarm",
} as const;

const METRICS = ["dice", "hd95Mm", "assdMm", "rvd"] as const;

export function ComparisonView({ classes, page, ...sides }: Sides & {
  classes: readonly ClassComparison[];
  /** Of the list of cases. */
  page: number;
}) {
  return (
    <>
      {classes.map((one) => (
        <section class="part">
          <h2>
            {readable(one.name)}: {sideName(sides.after, sides)} against{" "}
            {sideName(sides.before, sides)}
          </h2>
          <p>
            <VerdictBadge comparison={one} /> {count(one.n, "case")}{" "}
            on both sides
            {one.nOnlyBefore > 0 &&
              `, ${whole(one.nOnlyBefore)} only before`}
            {one.nOnlyAfter > 0 && `, ${whole(one.nOnlyAfter)} only after`}.
          </p>
          <Caution n={one.n} />
          <p class="table-note">
            Paired differences, after minus before, with the 95 % bootstrap
            interval of their mean and Wilcoxon's signed-rank test
          </p>
          <MetricTable metrics={one.metrics} />
          <Flips flips={one.flips} {...sides} />
          <Cases cases={one.worst} page={page} {...sides} />
        </section>
      ))}
    </>
  );
}

function VerdictBadge({ comparison }: { comparison: ClassComparison }) {
  const { verdict, n, metrics: { dice } } = comparison;
  const [text, tone] = VERDICTS[verdict];
  const isEqual = verdict === "same" && dice.nTies === n;
  return <span class={`badge ${tone}`}>{isEqual ? "No difference" : text}
  </span>;
}

/** What few cases allow to be said. */
function Caution({ n }: { n: number }) {
  if (n >= FEWEST_TO_BE_SURE) return null;
  return (
    <p class="warn">
      {n < 2
        ? "One case says nothing of how others would differ: an interval takes two or more."
        : `Only ${n} cases are paired: the interval is too narrow then, and no rank test can be sure with fewer than ${FEWEST_TO_BE_SURE}. Look at the cases.`}
    </p>
  );
}

function MetricTable({ metrics }: Pick<ClassComparison, "metrics">) {
  return (
    <div class="table" tabindex={0} role="region" aria-label="Differences">
      <table>
        <thead>
          <tr>
            <th scope="col">Metric</th>
            <th scope="col" class="number">Before</th>
            <th scope="col" class="number">After</th>
            <th scope="col" class="number">Difference</th>
            <th scope="col" class="number">95 % interval</th>
            <th scope="col" class="number">Wilcoxon p</th>
            <th scope="col" class="number">n</th>
            <th scope="col" class="number">Better</th>
            <th scope="col" class="number">Worse</th>
            <th scope="col" class="number">Equal</th>
          </tr>
        </thead>
        <tbody>
          {METRICS.map((metric) => (
            <MetricRow metric={metric} paired={metrics[metric]} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MetricRow({ metric, paired }: {
  metric: typeof METRICS[number];
  paired: PairedMetricComparison;
}) {
  const { digits: places, better } = FIGURE_TEXTS[metric];
  const { meanDifference, ci95, wilcoxon } = paired;
  const gain = (meanDifference ?? 0) * (better === "lower" ? -1 : 1);
  const isSure = ci95 !== null && (ci95[0] > 0 || ci95[1] < 0);
  const colour = !isSure ? "" : gain > 0 ? " good" : " bad";
  return (
    <tr>
      <th scope="row">{figureHead(metric)}</th>
      <td class="number">{digits(paired.meanBefore, places)}</td>
      <td class="number">{digits(paired.meanAfter, places)}</td>
      <td class={`number${colour}`}>{signed(meanDifference, places)}</td>
      <td class="number">
        {ci95 === null
          ? paired.n === 0 ? NONE : "too few"
          : `${signed(ci95[0], places)} to ${signed(ci95[1], places)}`}
      </td>
      <td class="number">
        {wilcoxon === null
          ? paired.nTies > 0 ? "all equal" : NONE
          : pText(wilcoxon.p)}
      </td>
      <td class="number">{whole(paired.n)}</td>
      <td class="number">{whole(paired.nWins)}</td>
      <td class="number">{whole(paired.nLosses)}</td>
      <td class="number">{whole(paired.nTies)}</td>
    </tr>
  );
}

function pText(p: number): string {
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}

function Flips(
  { flips, ...sides }: Sides & Pick<ClassComparison, "flips">,
) {
  if (flips.length === 0) {
    return <p class="muted">No case flipped between found and missed.</p>;
  }
  return (
    <>
      <h3>{count(flips.length, "case")} flipped</h3>
      <div class="table" tabindex={0} role="region" aria-label="Flipped cases">
        <table>
          <thead>
            <DifferenceHead extra="Outcome" />
          </thead>
          <tbody>
            {flips.map((flip) => (
              <Difference
                difference={flip}
                extra={`${OUTCOMES[flip.from]} → ${OUTCOMES[flip.to]}`}
                {...sides}
              />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Cases({ cases, page, ...sides }: Sides & {
  cases: readonly CaseDifference[];
  page: number;
}) {
  const start = (page - 1) * PAGE_SIZE;
  return (
    <>
      <h3>All cases, the most harmed first</h3>
      <div class="table" tabindex={0} role="region" aria-label="All cases">
        <table>
          <thead>
            <DifferenceHead />
          </thead>
          <tbody>
            {cases.slice(start, start + PAGE_SIZE).map((difference) => (
              <Difference difference={difference} {...sides} />
            ))}
          </tbody>
        </table>
      </div>
      <Pager
        path="/compare"
        query={{ before: sides.before.runId, after: sides.after.runId }}
        page={page}
        total={cases.length}
        one="case"
      />
    </>
  );
}

function DifferenceHead({ extra }: { extra?: string }) {
  return (
    <tr>
      <th scope="col">Case</th>
      {extra !== undefined && <th scope="col">{extra}</th>}
      <th scope="col" class="number">Dice before</th>
      <th scope="col" class="number">Dice after</th>
      <th scope="col" class="number">Difference</th>
      <th scope="col">Open</th>
    </tr>
  );
}

function Difference({ difference, extra, before, after }: Sides & {
  difference: CaseDifference;
  extra?: string;
}) {
  const { caseId, diceBefore, diceAfter, harm } = difference;
  const colour = harm > 0 ? " bad" : harm < 0 ? " good" : "";
  const link = ({ runId }: RunRow, name: string) => (
    <a
      href={casePath({ runId, caseId })}
      aria-label={`${readable(caseId)} ${name}`}
    >
      {name}
    </a>
  );
  return (
    <tr>
      <th scope="row" class="name">
        <Name>{readable(caseId)}</Name>
      </th>
      {extra !== undefined && <td>{extra}</td>}
      <td class="number">{digits(diceBefore, 3)}</td>
      <td class="number">{digits(diceAfter, 3)}</td>
      <td class={`number${colour}`}>{signed(-harm, 3)}</td>
      <td>
        <span class="row tight">
          {link(before, "before")}
          {link(after, "after")}
        </span>
      </td>
    </tr>
  );
}
