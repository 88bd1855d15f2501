/**
 * Starts the workers of runs, and waits for them where asked to.
 * @module
 */
import { fileURLToPath } from "node:url";
import type { DispatchConfig } from "../../shared/dispatch/dispatch_config.ts";
import type {
  Dispatched,
  WorkOrder,
} from "../../shared/dispatch/dispatcher.ts";
import { createDispatcher } from "../../shared/dispatch/open_dispatcher.ts";
import type { LocalOptions } from "../../shared/dispatch/local/dispatcher.ts";
import type { Context } from "../cli/context.ts";
import { addToJsonLine, LOG_FORMAT_VARIABLE } from "../cli/log.ts";
import { asUsage } from "../cli/usage_error.ts";
import type { DispatchOptions } from "./submit_options.ts";

/** The program that local workers are: this one. */
const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

/** What a worker may do; it starts no other programs. */
const WORKER_FLAGS = [
  "--no-prompt",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys",
  "--allow-net",
  "--allow-ffi",
  "--unstable-webgpu",
];

/** Starts the workers; they go on without this process unless it waits for them. */
export async function dispatchRuns(
  order: WorkOrder,
  { dispatch, wait }: Pick<DispatchOptions, "dispatch" | "wait">,
  config: DispatchConfig | undefined,
  { signal, say, logJsonLine, cwd, readVariable }: Context,
): Promise<Dispatched> {
  const onLine = (worker: number, line: string) => {
    const json = logJsonLine === null ? null : addToJsonLine(line, { worker });
    if (logJsonLine === null || json === null) {
      say(`[worker ${worker}] ${line}`);
    } else logJsonLine(json);
  };
  const local: LocalOptions = {
    command: [Deno.execPath(), "run", ...WORKER_FLAGS, MAIN],
    env: {
      // Stores that are named by paths relative to it are found by workers, too.
      INIT_CWD: cwd,
      [LOG_FORMAT_VARIABLE]: logJsonLine === null ? "text" : "json",
    },
    output: wait
      ? { onLine }
      : { logFolder: await workerLogs(dispatch, say), detached: true },
  };
  const dispatcher = await asUsage(() =>
    createDispatcher(dispatch, config, { local, read: readVariable })
  );
  return await dispatcher.start(order, signal);
}

/** Where workers that nobody waits for write their logs. */
async function workerLogs(
  dispatch: DispatchOptions["dispatch"],
  say: Context["say"],
): Promise<string> {
  if (dispatch !== "local") return "";
  const folder = await Deno.makeTempDir({ prefix: "uptake-workers-" });
  say(`The workers' logs: ${folder}`);
  return folder;
}
