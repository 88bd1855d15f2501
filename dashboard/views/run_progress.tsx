/** @module How far a run is. While it goes on, the page gets this part anew, as it stands here. */
import type { FailureKind } from "../../shared/case_error.ts";
import { durationText } from "../../shared/units_text.ts";
import type { Progress, WorkerProgress } from "../progress/progress.ts";
import { FAILURE_SENTENCES } from "./failure_text.ts";
import { Facts } from "./list.tsx";
import { Name } from "./name.tsx";
import { readable } from "./names.ts";
import { count, digits, NONE, whole } from "./numbers.ts";

const STATES = {
  running: ["Running", "warn"],
  starting: ["Workers are starting", "warn"],
  waiting: ["No worker is at it", "muted"],
  cancelled: ["Cancelled", "muted"],
  finished: ["Finished", "good"],
} as const;

/** More workers than these are counted, but not listed. */
const MOST_WORKERS_SHOWN = 12;

export function RunProgress(
  { progress, casesPath }: {
    progress: Progress;
    /** The address of the run's list of cases. */
    casesPath: string;
  },
) {
  const { coverage, state, cancelReason } = progress;
  const { expected, done, failed, damaged = 0, missing } = coverage;
  const [name, colour] = STATES[state];
  const lost = failed + damaged;
  const tone = state !== "finished" || lost === 0
    ? colour
    : done === 0
    ? "bad"
    : "warn";
  return (
    <>
      <div class="row spread">
        <p class="lead">
          <span class={`badge ${tone}`}>{name}</span> {whole(done)} of{" "}
          {count(expected, "case")} done,{" "}
          <span class={failed > 0 ? "bad" : undefined}>
            {whole(failed)} failed
          </span>, {damaged > 0 && (
            <>
              <span class="bad">{whole(damaged)} damaged</span>,{" "}
            </>
          )}
          {whole(missing)} open
        </p>
      </div>
      <progress
        class="wide"
        max={Math.max(1, expected)}
        value={done + failed + damaged}
        aria-label="Cases recorded"
      >
      </progress>
      {cancelReason !== null && (
        <p class="muted">Asked to stop: {cancelReason}</p>
      )}
      <Facts
        facts={state === "finished"
          ? facts(progress).filter(([, value]) => value !== NONE)
          : facts(progress)}
      />
      <Failures
        kinds={progress.failuresByKind}
        casesPath={casesPath}
        isLive={state !== "finished"}
      />
      <Damaged progress={progress} casesPath={casesPath} />
      <Workers workers={progress.workers} isLive={state !== "finished"} />
    </>
  );
}

function facts(progress: Progress) {
  const { casesPerHour, secondsLeft, workerSeconds, busySeconds, cost } =
    progress;
  const atWork = progress.workers.filter(isAtWork).length;
  return [
    [
      "Rate",
      casesPerHour === null ? NONE : `${rateText(casesPerHour)} cases/h`,
    ],
    [
      "Time left",
      secondsLeft === null || secondsLeft === 0
        ? NONE
        : secondsLeft < 60
        ? "less than 1 min"
        : `about ${durationText(secondsLeft)}`,
    ],
    [
      "Worker time",
      workerSeconds === 0 ? NONE : durationText(workerSeconds),
    ],
    [
      "Share spent computing",
      workerSeconds === 0
        ? NONE
        : `${digits(100 * busySeconds / workerSeconds, 0)} %`,
    ],
    [
      "Cost",
      cost === null ? NONE : `${digits(cost.amount, 2)} ${cost.currency}`,
    ],
    [
      "Workers",
      progress.workers.length === 0
        ? NONE
        : `${atWork} of ${progress.workers.length} at work`,
    ],
  ] as const;
}

function rateText(casesPerHour: number): string {
  return casesPerHour < 100
    ? digits(casesPerHour, 1)
    : whole(Math.round(casesPerHour));
}

/** @param props.isLive whether there may be failures to come: their place is kept, so that nothing jumps */
function Failures({ kinds, casesPath, isLive }: {
  kinds: Progress["failuresByKind"];
  casesPath: string;
  isLive: boolean;
}) {
  const listed = Object.entries(kinds) as [FailureKind, number][];
  if (listed.length === 0) {
    return isLive
      ? (
        <section class="kept">
          <h3>Failures</h3>
          <p class="muted">None so far</p>
        </section>
      )
      : null;
  }
  return (
    <section class="kept">
      <h3>Failures</h3>
      <ul class="failures">
        {listed.map(([kind, n]) => (
          <li>
            <span class="badge bad">{whole(n)} {kind}</span>{" "}
            {FAILURE_SENTENCES[kind]}
          </li>
        ))}
      </ul>
      <p>
        <a href={`${casesPath}?state=failed`}>Show the failed cases</a>
      </p>
    </section>
  );
}

/** Cases whose records cannot be used, and those of which a file is gone. */
function Damaged({ progress, casesPath }: {
  progress: Progress;
  casesPath: string;
}) {
  const { damaged, nDamaged, coverage } = progress;
  if (nDamaged === 0) return null;
  return (
    <section>
      <h3>Damaged</h3>
      <ul class="failures">
        {damaged.map(({ problem }) => <li key={problem}>{problem}</li>)}
      </ul>
      {nDamaged > damaged.length && (
        <p class="muted">
          And {count(nDamaged - damaged.length, "more case")}.
        </p>
      )}
      {coverage.damaged !== undefined && (
        <p>
          <a href={`${casesPath}?state=damaged`}>Show the damaged cases</a>
        </p>
      )}
    </section>
  );
}

function Workers({ workers, isLive }: {
  workers: readonly WorkerProgress[];
  isLive: boolean;
}) {
  if (workers.length === 0 && !isLive) return null;
  // By their ids, so that rows stay in place; of many those at work are shown.
  const byId = (a: WorkerProgress, b: WorkerProgress) =>
    a.workerId < b.workerId ? -1 : 1;
  const shown = workers.toSorted((a, b) =>
    Number(isAtWork(b)) - Number(isAtWork(a)) || byId(a, b)
  ).slice(0, MOST_WORKERS_SHOWN).sort(byId);
  return (
    <section>
      <h3>Workers</h3>
      <div class="table" tabindex={0} role="region" aria-label="Workers">
        <table>
          <thead>
            <tr>
              <th scope="col">Worker</th>
              <th scope="col">State</th>
              <th scope="col">Case</th>
              <th scope="col">Window</th>
              <th scope="col" class="number">Done</th>
              <th scope="col" class="number">Failed</th>
              <th scope="col" class="number">Left</th>
              <th scope="col" class="number">Last sign of life</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((worker) => (
              <Worker key={worker.workerId} worker={worker} />
            ))}
            {shown.length === 0 && (
              <tr>
                <td colspan={8} class="muted">None yet</td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
      {workers.length > shown.length && (
        <p class="muted">
          And {count(workers.length - shown.length, "more worker")}.
        </p>
      )}
    </section>
  );
}

function isAtWork({ alive, isOverdue }: WorkerProgress): boolean {
  return alive === true && isOverdue !== true;
}

function Worker({ worker }: { worker: WorkerProgress }) {
  const { workerId, state, isOverdue, current, cases, silentSeconds } = worker;
  return (
    <tr>
      <th scope="row" title={workerId}>
        <Name>{workerId.slice(0, 24)}</Name>
      </th>
      <td class={isOverdue === true ? "warn" : undefined}>
        {isOverdue === true && silentSeconds !== null
          ? `silent for ${durationText(silentSeconds)}`
          : state}
      </td>
      <td>
        {current === null ? NONE : <Name>{readable(current.caseId)}</Name>}
      </td>
      <td>
        {current === null ? NONE : (
          <span class="row tight">
            <progress
              max={Math.max(1, current.totalWindows)}
              value={current.windows}
              aria-label="Windows"
            >
            </progress>
            <span class="number">
              {current.windows} of {current.totalWindows}
            </span>
          </span>
        )}
      </td>
      <td class="number">{cases.done}</td>
      <td class="number">{cases.failed}</td>
      <td class="number">{cases.left}</td>
      <td class="number">
        {silentSeconds === null ? NONE : `${durationText(silentSeconds)} ago`}
      </td>
    </tr>
  );
}
