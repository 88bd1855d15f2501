/**
 * The `uptake` command line: one verb, one outcome, one exit code.
 * @module
 */
import { runCommandLine } from "./cli/command_line.ts";
import { createContext } from "./cli/context.ts";
import { configureLog } from "./cli/log.ts";
import { abortOnSignals } from "./cli/signals.ts";
import { VERBS } from "./commands/verbs.ts";

await configureLog();
const context = createContext(abortOnSignals());
const code = await runCommandLine(VERBS, Deno.args, context, {
  out: (text) => console.log(text),
  err: (text) => console.error(text),
});
Deno.exit(code);
