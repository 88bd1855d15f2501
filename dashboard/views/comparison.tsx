/** @module What changed between two runs, class by class. */
import type {
  ClassComparison,
  PairedMetricComparison,
} from "../../shared/metrics/compare.ts";
import { type ComparedSides, sideName } from "./comparison_sides.tsx";
import { Cases, type DifferenceListing, Flips } from "./difference_table.tsx";
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

const VERDICTS = {
  worse: ["Worse", "bad"],
  better: ["Better", "good"],
  same: ["No sure difference", "muted"],
  tooFew: ["Too few cases to tell", "warn"],
} as const;

/** With fewer, not even cases that all differ the same way give Wilcoxon's test a p below 0.05: 2 / 2 ** 5 is above. */
const FEWEST_TO_BE_SURE = 6;

const METRICS = ["dice", "hd95Mm", "assdMm", "rvd"] as const;

export function ComparisonView(
  { classes, page, listing, ...sides }: ComparedSides & {
    classes: readonly ClassComparison[];
    listing: DifferenceListing;
    /** Of the list of cases. */
    page: number;
  },
) {
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
          <Cases
            cases={one.worst}
            page={page}
            listing={listing}
            {...sides}
          />
        </section>
      ))}
    </>
  );
}

function VerdictBadge({ comparison }: { comparison: ClassComparison }) {
  const { verdict, n, metrics: { dice } } = comparison;
  const isEqual = verdict === "same" && dice.nTies === n;
  const [text, tone] = VERDICTS[
    n < FEWEST_TO_BE_SURE && !isEqual ? "tooFew" : verdict
  ];
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
  const isSure = paired.n >= FEWEST_TO_BE_SURE && ci95 !== null &&
    (ci95[0] > 0 || ci95[1] < 0);
  const isShown = Number(digits(meanDifference ?? 0, places)) !== 0;
  const colour = !isSure || !isShown ? "" : gain > 0 ? " good" : " bad";
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
