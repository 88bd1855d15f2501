/**
 * The `uptake` command line: one verb, one outcome, one exit code.
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { EXIT, runCommandLine } from "./cli/command_line.ts";
import { createContext } from "./cli/context.ts";
import { explain } from "./cli/explain.ts";
import { configureLog, LOG_FORMAT_VARIABLE, logFormatOf } from "./cli/log.ts";
import { logProgress } from "./cli/log_progress.ts";
import { printableText } from "./cli/printable.ts";
import { barProgress, combine, type Progress } from "./cli/progress.ts";
import { abortOnSignals } from "./cli/signals.ts";
import { VERBS } from "./commands/verbs.ts";
import { openTelemetry } from "./telemetry/telemetry.ts";

const readVariable = (name: string) => Deno.env.get(name);
const format = logFormatOf(Deno.args, readVariable(LOG_FORMAT_VARIABLE));
await configureLog(format);
const log = getLogger("uptake");
const output = {
  out: (text: string) => console.log(text),
  err: format === "json"
    ? (text: string) => log.error`${text}`
    : (text: string) => console.error(printableText(text)),
};

// Deno would print these as other lines than the log's, and export them.
for (const name of ["error", "unhandledrejection"] as const) {
  globalThis.addEventListener(name, (event) => {
    event.preventDefault();
    output.err(explain("reason" in event ? event.reason : event.error));
    Deno.exit(EXIT.failed);
  });
}

/** A worker's log is read later, and whoever watches the run has a bar of all its cases. */
const isUnwatchedWorker = Deno.args[0] === "work" && !Deno.stderr.isTerminal();

async function main(): Promise<number> {
  let telemetry: Progress | null;
  try {
    telemetry = await openTelemetry(readVariable);
  } catch (error) {
    output.err(explain(error));
    return EXIT.usage;
  }
  const shown = format === "json"
    ? logProgress()
    : isUnwatchedWorker
    ? () => {}
    : barProgress();
  const progress = telemetry === null ? shown : combine(shown, telemetry);
  const context = createContext(abortOnSignals(), progress, format);
  return await runCommandLine(VERBS, Deno.args, context, output);
}

Deno.exit(await main());
