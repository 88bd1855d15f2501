/** @module Ctrl-C and SIGTERM as an AbortSignal. */
import { EXIT } from "./command_line.ts";

/** Why the program was stopped. */
export class StoppedBySignal extends Error {
  override readonly name = "AbortError";
  readonly signal: "SIGINT" | "SIGTERM";

  constructor(signal: "SIGINT" | "SIGTERM") {
    super(`stopped by ${signal}`);
    this.signal = signal;
  }
}

/** Aborts on the first signal; a second one does not wait for the window in flight. */
export function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(name, () => {
      if (controller.signal.aborted) Deno.exit(EXIT.interrupted);
      controller.abort(new StoppedBySignal(name));
    });
  }
  return controller.signal;
}
