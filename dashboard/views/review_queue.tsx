/** @module The cases that nobody has reviewed yet, in the order in which they deserve it. */
import type { CaseRow } from "../../shared/catalog/queries/case_row.ts";
import {
  caseUrl,
  QUEUE_TEXTS,
  type QueueName,
  QUEUES,
} from "../cases/case_context.ts";
import { CaseStyles } from "./case_parts.tsx";
import {
  CaseTable,
  LABELLED_FIGURES,
  UNLABELLED_FIGURES,
} from "./case_table.tsx";
import { address } from "./list.tsx";
import { Empty } from "./message.tsx";

export function ReviewQueue({ styles, kind, run, cases, saved }: {
  styles: string;
  kind: QueueName;
  run: string | undefined;
  cases: readonly CaseRow[];
  /** The case that was reviewed just before. */
  saved: string | undefined;
}) {
  const query = { queue: kind, in: run };
  const [first] = cases;
  const isLabelled = cases.some((one) => one.isLabelled);
  return (
    <>
      <CaseStyles url={styles} />
      {saved !== undefined && (
        <p role="status" class="saved">The review of {saved} is saved.</p>
      )}
      <p class="muted">
        {run === undefined
          ? "Cases of all runs that nobody has reviewed yet."
          : (
            <>
              Cases of the run{" "}
              <a href={`/runs/${encodeURIComponent(run)}`}>{run}</a>{" "}
              that nobody has reviewed yet.{" "}
              <a href={address("/review", { kind })}>Show those of all runs</a>
            </>
          )}
      </p>
      <div class="row spread queue-head">
        <nav class="tabs row" aria-label="Order of the queue">
          {QUEUES.map((name) => (
            <a
              href={address("/review", { kind: name, run })}
              aria-current={name === kind ? "page" : undefined}
            >
              {QUEUE_TEXTS[name]}
            </a>
          ))}
        </nav>
        {first !== undefined && (
          <a id="start" class="button" autofocus href={caseUrl(first, query)}>
            Start reviewing <kbd>Enter</kbd>
          </a>
        )}
      </div>
      {first === undefined
        ? (
          <Empty title="Nothing left to review">
            <p>
              {kind === "unreviewed"
                ? "Every segmented case has a verdict. New ones appear here as runs go on."
                : "No labelled case waits for a verdict. Cases without label are in the queue "}
              {kind !== "unreviewed" && (
                <a href={address("/review", { kind: "unreviewed", run })}>
                  {QUEUE_TEXTS.unreviewed}
                </a>
              )}
              {kind !== "unreviewed" && "."}
            </p>
          </Empty>
        )
        : (
          <CaseTable
            cases={cases}
            figures={isLabelled
              ? [...LABELLED_FIGURES, "volumeErrorMl"]
              : UNLABELLED_FIGURES}
            path="/review"
            query={query}
            linkQuery={query}
            sorting={null}
            showsRun={run === undefined}
          />
        )}
    </>
  );
}
