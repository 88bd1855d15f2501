/**
 * What a verb may use of the outside world, as plain arguments; `main.ts` makes it, tests fake it.
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { openStore } from "../../shared/storage/open_store.ts";
import type { ReadVariable } from "../../shared/storage/s3_settings.ts";
import { UsageError } from "./usage_error.ts";
import { type LogFormat, writeLogLine } from "./log.ts";
import type { Progress } from "./progress.ts";

export interface Context {
  /** Where the user stands: relative paths start here. */
  readonly cwd: string;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** Told of every window and case. */
  readonly progress: Progress;
  /** One line for people, on stderr. */
  say(line: string): void;
  /** Puts a line of JSON into the log as it is, where logs are JSON; null where they are text. */
  readonly logJsonLine: ((line: string) => void) | null;
  /** Opens a store by its location, relative to `cwd`. */
  open(
    location: string,
    defaults?: Readonly<Record<string, string>>,
  ): ObjectStore;
  /** Reads one variable of the environment. */
  readonly readVariable: ReadVariable;
}

/** 75, 78, 130 and 143 are a batch worker's: they tell a scheduler whether to try again. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 75 | 78 | 130 | 143;

/** How a verb ended. */
export interface Outcome {
  readonly exitCode: ExitCode;
  /** What `--json` prints. */
  readonly json: unknown;
  /** What people read, on stdout. */
  readonly text: string;
}

/** The real world: this process, its environment and its terminal. `progress` shows it what goes on. */
export function createContext(
  signal: AbortSignal,
  progress: Progress,
  logFormat: LogFormat = "text",
): Context {
  // `deno task` runs in the project's folder; INIT_CWD is where the user stands.
  const cwd = Deno.env.get("INIT_CWD") ?? Deno.cwd();
  const log = getLogger("uptake");
  return {
    cwd,
    signal,
    progress,
    say: (line) => log.info`${line}`,
    logJsonLine: logFormat === "json" ? writeLogLine : null,
    open: storeOpener(cwd),
    readVariable: (name) => Deno.env.get(name),
  };
}

/**
 * Opens stores for a user who stands in `cwd`; a location that names none is wrong usage. Without `env`
 * single variables of the process are read, so that it may be allowed to see no others.
 */
export function storeOpener(
  cwd: string,
  env?: Readonly<Record<string, string>>,
): Context["open"] {
  return (location, defaults = {}) => {
    try {
      return openStore(location, {
        base: cwd,
        defaults,
        ...(env === undefined ? {} : { env }),
      });
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new UsageError(error.message, { cause: error });
    }
  };
}
