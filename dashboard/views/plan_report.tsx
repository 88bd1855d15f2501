/** @module A plan: what will be segmented, what is in the way and why, what it takes, and the button that starts it. */
import { bytesText, durationText } from "../../shared/units_text.ts";
import type {
  Operations,
  PlanProblems,
  PlanReport,
  RunReport,
} from "../../shared/dispatch/operations.ts";
import { code, Facts } from "./list.tsx";
import { foldName } from "./names.ts";
import { count, whole } from "./numbers.ts";
import { largeness } from "../submit/largeness.ts";
import { wordsOf } from "./submit_form.tsx";

export function PlanView({ report, home, operations, changeHref }: {
  report: PlanReport;
  /** Where results go. */
  home: string;
  operations: Pick<Operations, "maySubmit">;
  /** The form, filled in as it was. */
  changeHref: string;
}) {
  const { asked, runs, dataset, workers, engine, options } = report;
  const isEmpty = runs.some(({ matched }) => matched === 0);
  const large = largeness(report);
  return (
    <>
      <section class="card">
        <h2>{dataset.name === "" ? "Dataset" : dataset.name}</h2>
        <p class="where">{code(dataset.location)}</p>
        <Facts
          isWide
          facts={[
            ["Engine", engine],
            ["Workers", workers],
            ["Results go to", code(`${home}/runs`)],
          ]}
        />
      </section>
      {runs.map((run) => (
        <RunPlan
          key={run.fold}
          run={run}
          isPriced={asked.dispatch !== "local"}
        />
      ))}
      <section class="card">
        <h2>Start</h2>
        {isEmpty
          ? (
            <p class="warn">
              There is no case to segment, so that there is nothing to start.
            </p>
          )
          : operations.maySubmit
          ? (
            <p>
              {runs.length === 1 ? "One run" : `${runs.length} runs`}, exactly
              as planned here.
            </p>
          )
          : (
            <p class="warn">
              Runs cannot be started from here: the dashboard was started
              without <code>--allow-submit</code>.
            </p>
          )}
        {large.map((sentence) => (
          <p key={sentence} class="notice bad">{sentence}</p>
        ))}
        <div class="row">
          {!isEmpty && operations.maySubmit && (
            <form method="post" action="/submit/start">
              <input type="hidden" name="plan" value={report.id} />
              {large.length > 0 && (
                <label class="choice">
                  <input type="checkbox" name="large" value="true" required />
                  <span class="choice-text">Start it all the same</span>
                </label>
              )}
              <button type="submit" class="button">Start</button>
            </form>
          )}
          <a class="button quiet" href={changeHref}>Change</a>
        </div>
      </section>
      <details class="more">
        <summary>All options</summary>
        <div class="card">
          <Facts
            facts={Object.entries(options).map((
              [name, value],
            ) => [wordsOf(name), value])}
          />
        </div>
      </details>
    </>
  );
}

function RunPlan({ run, isPriced }: {
  run: RunReport;
  /** Whether its workers cost money. */
  isPriced: boolean;
}) {
  const { fold, checkpoints, seconds } = run;
  return (
    <section class="card">
      <h2>
        {fold === null
          ? "Run over all cases"
          : `Run over ${foldName(fold).toLowerCase()}`}
      </h2>
      <p class="muted">{checkpoints.join(", ")}</p>
      <Facts
        facts={[
          ["Cases to segment", whole(run.matched)],
          ["Of them with a label", whole(run.labelled)],
          ["Ambiguous", whole(run.ambiguous.count)],
          ["Unmatched files", whole(run.unmatched.count)],
          ["Unreadable cases", whole(run.unreadable.count)],
          ["Images", bytesText(run.bytes)],
          ["Windows, at most", whole(run.windows)],
          ["Memory per worker, about", bytesText(run.memoryBytes)],
          [
            "Time, about",
            seconds === null
              ? "Not known: give the time per window, under Options"
              : durationText(seconds),
          ],
          ...(isPriced ? [["Cost, about", costText(run)] as const] : []),
        ]}
      />
      <Problems title="Ambiguous, left out" problems={run.ambiguous} />
      <Problems title="Unmatched files, left out" problems={run.unmatched} />
      <Problems
        title="Unreadable, the run records them as failed"
        problems={run.unreadable}
      />
    </section>
  );
}

function costText({ seconds, cost }: RunReport): string {
  if (cost !== null) return `${cost.amount.toFixed(2)} ${cost.currency}`;
  return seconds === null
    ? "Not known, as the time is not"
    : "No price given: the workers' settings may name one (pricePerHour)";
}

function Problems({ title, problems }: {
  title: string;
  problems: PlanProblems;
}) {
  const rest = problems.count - problems.first.length;
  if (problems.count === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="problems">
        {problems.first.map(({ name, reason }) => (
          <li>
            <code>{name}</code>
            <span class="below">{reason}</span>
          </li>
        ))}
      </ul>
      {rest > 0 && <p class="muted">And {count(rest, "more", "more")}.</p>}
    </>
  );
}
