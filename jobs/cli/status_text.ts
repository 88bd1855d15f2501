/** @module Where a run stands, as people read it. */
import type { RunStatus, WorkerStatus } from "../../shared/runs/status.ts";
import { printableLine, printableMessage } from "./printable.ts";
import { damageLines, digits, plainTable } from "./summary_text.ts";
import { durationText } from "../../shared/units_text.ts";

/** More sentences than these are not read by anybody. */
const MOST_FAILURES_SHOWN = 10;

export function statusText(status: RunStatus): string {
  const { run, coverage, cancel, workers, damagedWorkers } = status;
  const { expected, done, failed, damaged: bad = 0, missing } = coverage;
  const parts = [
    `Run ${run.runId}: ${done} of ${expected} cases done, ${failed} failed, ${
      bad > 0 ? `${bad} damaged, ` : ""
    }${missing} open`,
  ];
  if (cancel !== null) parts.push(`Cancelled: ${printableLine(cancel.reason)}`);
  parts.push(paceText(status));
  if (workers.length > 0) parts.push(workersTable(workers));
  if (damagedWorkers > 0) {
    parts.push(
      `Files in workers/ that cannot be understood: ${damagedWorkers}`,
    );
  }
  if (status.failures.length > 0) parts.push(failuresText(status));
  const { damaged, unread } = status;
  if (damaged.length > 0) {
    parts.push(
      `Not as they were recorded: ${damaged.length}`,
      ...damageLines(damaged),
    );
  }
  if (unread > 0) {
    parts.push(
      `Not looked into: the results of ${unread} cases. \`uptake summary\` reads all`,
    );
  }
  return parts.join("\n");
}

function paceText(status: RunStatus): string {
  const { casesPerHour, secondsLeft, workerSeconds, busySeconds, cost } =
    status;
  const parts = [];
  if (casesPerHour !== null) {
    parts.push(`${digits(casesPerHour, 1)} cases per hour`);
  }
  if (secondsLeft !== null && secondsLeft > 0) {
    parts.push(`about ${durationText(secondsLeft)} left`);
  }
  parts.push(`worker time ${durationText(workerSeconds)}`);
  if (workerSeconds > 0) {
    parts.push(
      `${digits(100 * busySeconds / workerSeconds, 0)} % of it computing`,
    );
  }
  if (cost !== null) {
    parts.push(`cost ${digits(cost.amount, 2)} ${cost.currency}`);
  }
  return parts.join(", ");
}

function workersTable(workers: readonly WorkerStatus[]): string {
  const table = plainTable([
    "Worker",
    "State",
    "Done",
    "Failed",
    "Left",
    "Case",
    "Window",
    "Last sign of life",
  ], { leftColumns: 2 });
  for (const worker of workers) {
    const { cases, current } = worker;
    table.push([
      worker.workerId.slice(0, worker.workerId.indexOf("-") + 9),
      worker.isOverdue ? "silent" : worker.state,
      cases.done,
      cases.failed,
      cases.left,
      printableLine(current?.caseId ?? "-"),
      current === null ? "-" : `${current.windows}/${current.totalWindows}`,
      `${durationText(worker.silentSeconds)} ago`,
    ]);
  }
  return table.toString();
}

function failuresText(
  { coverage, failures, failuresByKind }: RunStatus,
): string {
  const kinds = Object.entries(failuresByKind)
    .map(([kind, count]) => `${count} ${kind}`).join(", ");
  const shown = failures.slice(0, MOST_FAILURES_SHOWN)
    .map(({ message }) => `  ${printableMessage(message)}`);
  const more = failures.length - shown.length;
  if (more > 0) shown.push(`  ... and ${more} more: --json has them`);
  const read = failures.length < coverage.failed
    ? ` of the first ${failures.length}`
    : "";
  return [`Failures${read}: ${kinds}`, ...shown].join("\n");
}
