/**
 * Progress of long work, as a callback with a tagged union; the terminal bar listens to it.
 * @module
 */
import process from "node:process";
import cliProgress from "cli-progress";

export type ProgressEvent =
  | { readonly type: "start"; readonly cases: number }
  | {
    readonly type: "window";
    readonly caseId: string;
    readonly done: number;
    readonly total: number;
  }
  | { readonly type: "caseEnd"; readonly caseId: string }
  | { readonly type: "end" };

export type Progress = (event: ProgressEvent) => void;

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
  const text = (current: string) => ({ cases: `${ended}/${cases}`, current });
  return (event) => {
    switch (event.type) {
      case "start":
        ended = 0;
        cases = event.cases;
        if (cases > 0) bar.start(cases * STEPS_PER_CASE, 0, text("starting"));
        break;
      case "window":
        bar.update(
          Math.floor((ended + event.done / event.total) * STEPS_PER_CASE),
          text(`${event.caseId}: window ${event.done}/${event.total}`),
        );
        break;
      case "caseEnd":
        ended++;
        bar.update(ended * STEPS_PER_CASE, text(event.caseId));
        break;
      case "end":
        bar.stop();
        break;
    }
  };
}
