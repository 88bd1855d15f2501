/**
 * Progress of long work, as a callback with a tagged union; the terminal bar, the log and telemetry
 * listen to it.
 * @module
 */
import process from "node:process";
import cliProgress from "cli-progress";
import type { FailureKind, Stage } from "../../shared/case_error.ts";
import { printableLine } from "./printable.ts";

export type ProgressEvent =
  | {
    readonly type: "start";
    readonly cases: number;
    /** The run that the cases belong to, if they belong to one. */
    readonly runId?: string;
  }
  | { readonly type: "caseStart"; readonly caseId: string }
  /** A stage of a case came to its end. */
  | {
    readonly type: "stage";
    readonly caseId: string;
    readonly stage: Stage;
    readonly seconds: number;
    readonly outcome: "done" | "failed";
  }
  | {
    readonly type: "window";
    readonly caseId: string;
    readonly done: number;
    readonly total: number;
  }
  | CaseEndEvent
  /** Whoever watches a run sees that somebody else brought a case to its end. */
  | {
    readonly type: "caseSeen";
    readonly runId: string;
    readonly caseId: string;
    readonly outcome: "done" | "failed";
  }
  | { readonly type: "end" };

interface CaseEndEvent {
  readonly type: "caseEnd";
  readonly caseId: string;
  /** `left`: not recorded, left for another try. */
  readonly outcome: "done" | "failed" | "left";
  /** Of a failure that is recorded. */
  readonly kind?: FailureKind;
}

export type Progress = (event: ProgressEvent) => void;

/**
 * The event of a case that came to its end.
 *
 * @param end as it is recorded, or null: left for another try
 */
export function caseEndEvent(
  caseId: string,
  end:
    | { readonly status: "done" }
    | {
      readonly status: "failed";
      readonly failure: { readonly kind: FailureKind };
    }
    | null,
): CaseEndEvent {
  const at = { type: "caseEnd", caseId } as const;
  if (end === null) return { ...at, outcome: "left" };
  if (end.status === "done") return { ...at, outcome: "done" };
  return { ...at, outcome: "failed", kind: end.failure.kind };
}

/** Tells every listener, in order. */
export function combine(...listeners: readonly Progress[]): Progress {
  return (event) => {
    for (const listener of listeners) listener(event);
  };
}

/** Every case is this many steps of the bar, so that it moves with the windows inside a case. */
const STEPS_PER_CASE = 1000;

/** A bar with the estimated time left, on stderr; plain lines now and then where that is no terminal. */
export function barProgress(
  stream: NodeJS.WritableStream = process.stderr,
): Progress {
  const bar = new cliProgress.SingleBar({
    format:
      " {bar} {percentage}% | {cases} cases | {current} | {eta_formatted} left",
    hideCursor: true,
    etaBuffer: 50,
    noTTYOutput: true,
    notTTYSchedule: 15_000,
    stream,
  }, cliProgress.Presets.shades_classic);
  let ended = 0;
  let cases = 0;
  const text = (current: string) => ({
    cases: `${ended}/${cases}`,
    current: printableLine(current),
  });
  return (event) => {
    switch (event.type) {
      case "start":
        ended = 0;
        cases = event.cases;
        if (cases > 0) bar.start(cases * STEPS_PER_CASE, 0, text("starting"));
        break;
      case "caseStart":
      case "stage":
        break;
      case "window":
        bar.update(
          Math.floor((ended + event.done / event.total) * STEPS_PER_CASE),
          text(`${event.caseId}: window ${event.done}/${event.total}`),
        );
        break;
      case "caseEnd":
      case "caseSeen":
        ended++;
        bar.update(ended * STEPS_PER_CASE, text(event.caseId));
        break;
      case "end":
        bar.stop();
        break;
    }
  };
}
