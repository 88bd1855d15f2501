/** @module Which two runs are compared: all that each is, and in what they differ. */
import type { Child } from "hono/jsx";
import type { CompareOptions } from "../../shared/catalog/queries/compare_runs.ts";
import type { RunRow } from "../../shared/catalog/queries/runs.ts";
import {
  checkpointName,
  datasetName,
  foldName,
  readable,
  shortRunId,
} from "./names.ts";
import { figureText, NONE, timeText, whole } from "./numbers.ts";
import { meanSeenText } from "./seen_text.ts";
import { SETTING_NAMES, SETTING_TEXTS } from "./run_settings.ts";

export interface Sides {
  readonly before: RunRow;
  readonly after: RunRow;
}

/** Two runs and which of their cases are compared. */
export interface ComparedSides extends Sides {
  /** Labelled cases of both that one of the two was trained on. */
  readonly trainedOn: ReadonlySet<string>;
  /** What of the cases is not counted. */
  readonly leaveOut: CompareOptions["leaveOut"];
}

/** A fact of a run: its text, and how it is shown where that is more than the text. */
interface Fact {
  readonly name: string;
  text(run: RunRow): string;
  shown?(run: RunRow): Child;
  /** Whether it tells what is compared, rather than how it came about. */
  readonly isMain?: boolean;
}

const FACTS: readonly Fact[] = [
  {
    name: "Run",
    isMain: true,
    text: ({ runId }) => runId,
    shown: ({ runId }) => <a href={`/runs/${runId}`}>{runId}</a>,
  },
  {
    name: "Created (UTC)",
    isMain: true,
    text: ({ createdAt }) => timeText(createdAt),
  },
  {
    name: "Dataset",
    isMain: true,
    text: ({ dataset }) => datasetName(dataset),
  },
  {
    name: "Checkpoint",
    isMain: true,
    text: ({ checkpoint }) => checkpointName(checkpoint),
  },
  {
    name: "Fold",
    isMain: true,
    text: ({ fold }) => fold === null ? "All cases" : foldName(fold),
  },
  {
    name: "Cases done",
    isMain: true,
    text: ({ nDone, nExpected }) => `${whole(nDone)} of ${whole(nExpected)}`,
  },
  {
    name: "Mean Dice",
    isMain: true,
    text(run) {
      const dice = figureText("dice", run.meanDice);
      const seen = meanSeenText(run);
      return seen === null ? dice : `${dice}, ${seen}`;
    },
  },
  { name: "Data at", text: ({ dataset }) => readable(dataset.location) },
  {
    name: "Digest of the data",
    text: ({ dataset }) => dataset.digest ?? "unknown",
  },
  {
    name: "SHA-256 of the checkpoint",
    text: ({ checkpoint }) =>
      checkpoint.kind === "checkpoint" ? checkpoint.key : NONE,
  },
  ...SETTING_NAMES.map((key): Fact => ({
    name: SETTING_TEXTS[key].name,
    text: ({ settings }) =>
      settings === null ? NONE : SETTING_TEXTS[key].value(settings),
  })),
];

/** What differs stands in the open, the rest below. */
export function ComparisonSides({ before, after }: Sides) {
  const differs = ({ text }: Fact) => text(before) !== text(after);
  const inTheOpen = FACTS.filter((fact) => fact.isMain || differs(fact));
  const rest = FACTS.filter((fact) => !inTheOpen.includes(fact));
  return (
    <section class="part" aria-labelledby="sides-head">
      <h2 id="sides-head">What is compared</h2>
      {before.runId === after.runId && (
        <p class="warn">
          Both sides are the same run: nothing can differ.
        </p>
      )}
      {before.dataset.key !== after.dataset.key && (
        <p class="warn">
          The runs are over different datasets: only cases with the same id are
          compared, whether or not they are the same scans.
        </p>
      )}
      {before.dataset.key === after.dataset.key &&
        haveOtherData(before, after) && (
        <p class="warn">
          The dataset changed in between: a case may have another scan or label
          than before.
        </p>
      )}
      <SideTable
        facts={inTheOpen}
        differs={differs}
        label="The two runs"
        before={before}
        after={after}
      />
      {rest.length > 0 && (
        <details class="more">
          <summary>What is the same on both sides</summary>
          <SideTable
            facts={rest}
            differs={differs}
            label="The same on both sides"
            before={before}
            after={after}
          />
        </details>
      )}
    </section>
  );
}

/** Whether two runs of a dataset are known to have met different states of it. */
function haveOtherData(before: RunRow, after: RunRow): boolean {
  const [one, other] = [before.dataset.digest, after.dataset.digest];
  return one !== null && other !== null && one !== other;
}

function SideTable({ facts, differs, label, before, after }: Sides & {
  facts: readonly Fact[];
  differs: (fact: Fact) => boolean;
  label: string;
}) {
  return (
    <div class="table" tabindex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">Fact</span>
            </th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {facts.map((fact) => (
            <tr>
              <th scope="row">
                {fact.name}
                {differs(fact) && <span class="below">differs</span>}
              </th>
              {[before, after].map((run) => (
                <td class="name">{(fact.shown ?? fact.text)(run)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A side in a heading: its checkpoint, and where both have the same its run. */
export function sideName(side: RunRow, { before, after }: Sides): string {
  const name = checkpointName(side.checkpoint);
  return before.checkpoint.key === after.checkpoint.key
    ? `${name} (${timeText(side.createdAt)}, ${shortRunId(side.runId)})`
    : name;
}
