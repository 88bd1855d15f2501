/**
 * The `uptake` command line: one verb, one outcome, one exit code.
 * @module
 */
import { configureLog } from "./cli/log.ts";
import { EXIT, runCommandLine } from "./cli/command_line.ts";
import { createContext } from "./cli/context.ts";
import { VERBS } from "./commands/verbs.ts";

await configureLog();
const controller = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(name, () => {
    // A second signal does not wait for the window in flight.
    if (controller.signal.aborted) Deno.exit(EXIT.interrupted);
    controller.abort(new DOMException(`stopped by ${name}`, "AbortError"));
  });
}
const code = await runCommandLine(
  VERBS,
  Deno.args,
  createContext(controller.signal),
  { out: (text) => console.log(text), err: (text) => console.error(text) },
);
Deno.exit(code);
