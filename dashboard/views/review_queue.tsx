/** @module The cases that nobody has reviewed yet, in the order in which they deserve it. */
import type { CaseRow } from "../../shared/catalog/queries/case_row.ts";
import type {
  CheckpointRow,
  DatasetRow,
} from "../../shared/catalog/queries/lists.ts";
import type { RunRow } from "../../shared/catalog/queries/runs.ts";
import {
  caseInQueueUrl,
  QUEUE_TEXTS,
  type QueueName,
  QUEUES,
  type QueueScope,
  queueUrl,
} from "../cases/case_context.ts";
import type { SavedReview } from "../reviews/saved_review.ts";
import { CaseStyles } from "./case_parts.tsx";
import {
  CaseTable,
  LABELLED_FIGURES,
  UNLABELLED_FIGURES,
} from "./case_table.tsx";
import { Choice, Filters, Search } from "./list.tsx";
import { Empty } from "./message.tsx";
import { checkpointName, datasetName, foldName, shortRunId } from "./names.ts";
import { timeText } from "./numbers.ts";
import { SavedNote } from "./saved_note.tsx";

export interface QueueChoices {
  readonly datasets: readonly DatasetRow[];
  readonly checkpoints: readonly CheckpointRow[];
  /** The newest first. */
  readonly runs: readonly RunRow[];
}

export function ReviewQueue(
  { styles, kind, within, choices, cases, saved, mayReview }: {
    styles: string;
    kind: QueueName;
    within: QueueScope;
    choices: QueueChoices;
    cases: readonly CaseRow[];
    /** What was reviewed just before. */
    saved: SavedReview | null;
    mayReview: boolean;
  },
) {
  const [first] = cases;
  const isLabelled = cases.some((one) => one.isLabelled);
  const isNarrowed = Object.values(within).some((value) => value !== undefined);
  return (
    <>
      <CaseStyles url={styles} />
      <SavedNote saved={saved} runId={within.in} />
      <Narrow kind={kind} within={within} choices={choices} />
      <div class="row spread queue-head">
        <nav class="tabs row" aria-label="Order of the queue">
          {QUEUES.map((name, index) => (
            <a
              href={queueUrl(name, within)}
              aria-current={name === kind ? "page" : undefined}
              aria-keyshortcuts={String(index + 1)}
            >
              {QUEUE_TEXTS[name]} <kbd>{index + 1}</kbd>
            </a>
          ))}
        </nav>
        {first !== undefined && (
          <a
            id="start"
            class="button"
            autofocus
            href={caseInQueueUrl(first, kind, within, 0)}
          >
            {mayReview ? "Start reviewing" : "Look through them"}{" "}
            <kbd>Enter</kbd>
          </a>
        )}
      </div>
      {first === undefined
        ? <NothingLeft kind={kind} within={within} isNarrowed={isNarrowed} />
        : (
          <>
            <p class="muted">
              {isNarrowed
                ? "What nobody has reviewed yet of what was chosen."
                : "What nobody has reviewed yet, of all runs."} <kbd>J</kbd> and
              {" "}
              <kbd>K</kbd> go from case to case.
            </p>
            <CaseTable
              cases={cases}
              figures={isLabelled
                ? [...LABELLED_FIGURES, "volumeErrorMl"]
                : UNLABELLED_FIGURES}
              path="/review"
              query={{}}
              linkQuery={{ queue: kind, ...within }}
              sorting={null}
              showsRun={within.in === undefined}
            />
          </>
        )}
    </>
  );
}

function Narrow({ kind, within, choices }: {
  kind: QueueName;
  within: QueueScope;
  choices: QueueChoices;
}) {
  const any = { value: "", name: "All" };
  return (
    <Filters path={queueUrl(kind, {})} keep={{ kind }}>
      <Search
        value={within.search}
        label="Search"
        placeholder="Case or patient"
      />
      <Choice
        name="dataset"
        label="Dataset"
        value={within.dataset}
        options={[
          any,
          ...choices.datasets.map((one) => ({
            value: one.key,
            name: datasetName(one),
          })),
        ]}
      />
      <Choice
        name="checkpoint"
        label="Checkpoint"
        value={within.checkpoint}
        options={[
          any,
          ...choices.checkpoints.map((one) => ({
            value: one.key,
            name: checkpointName(one),
          })),
        ]}
      />
      <Choice
        name="run"
        label="Run"
        value={within.in}
        options={[
          any,
          ...choices.runs.map((one) => ({
            value: one.runId,
            name: runName(one),
            group: datasetName(one.dataset),
          })),
        ]}
      />
    </Filters>
  );
}

function runName({ runId, createdAt, checkpoint, fold }: RunRow): string {
  return [
    timeText(createdAt),
    checkpointName(checkpoint),
    ...(fold === null ? [] : [foldName(fold)]),
    shortRunId(runId),
  ].join(" · ");
}

function NothingLeft({ kind, within, isNarrowed }: {
  kind: QueueName;
  within: QueueScope;
  isNarrowed: boolean;
}) {
  return (
    <Empty title="Nothing left to review">
      {kind === "unreviewed"
        ? (
          <p>
            Every segmented case{isNarrowed ? " of what was chosen" : ""}{" "}
            has a verdict. New ones appear here as runs go on.
          </p>
        )
        : (
          <p>
            No labelled case waits for a verdict. Cases without label are in the
            queue{" "}
            <a href={queueUrl("unreviewed", within)}>
              {QUEUE_TEXTS.unreviewed}
            </a>.
          </p>
        )}
      {isNarrowed && (
        <p>
          <a href={queueUrl(kind, {})}>Show all that wait</a>
        </p>
      )}
    </Empty>
  );
}
