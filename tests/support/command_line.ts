/** @module Runs verbs as a user would, without a process of their own. */
import { runCommandLine } from "../../jobs/cli/command_line.ts";
import { type Context, storeOpener } from "../../jobs/cli/context.ts";
import type { ProgressEvent } from "../../jobs/cli/progress.ts";
import { VERBS } from "../../jobs/commands/verbs.ts";
import { importPytorch } from "../../shared/network/import_pytorch.ts";
import { writeCheckpoint } from "../../shared/network/checkpoint.ts";
import { fixture } from "./requires.ts";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly said: readonly string[];
  readonly events: readonly ProgressEvent[];
}

/** The context of a user who stands in `cwd`; what is not given happens in silence. */
export function fakeContext(
  cwd: string,
  { env = {}, ...given }: Partial<Context> & {
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Context {
  return {
    cwd,
    signal: new AbortController().signal,
    progress: () => {},
    say: () => {},
    logJsonLine: null,
    open: storeOpener(cwd, env),
    readVariable: (name) => env[name],
    ...given,
  };
}

/** Runs `uptake <args>` for a user who stands in `cwd`. */
export async function uptake(
  cwd: string,
  args: readonly string[],
  options: {
    readonly signal?: AbortSignal;
    readonly onEvent?: (event: ProgressEvent) => void;
    readonly onSay?: (line: string) => void;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const said: string[] = [];
  const events: ProgressEvent[] = [];
  const context = fakeContext(cwd, {
    progress: (event) => {
      events.push(event);
      options.onEvent?.(event);
    },
    say: (line) => {
      said.push(line);
      options.onSay?.(line);
    },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  const code = await runCommandLine(VERBS, args, context, {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
  });
  return { code, out: out.join("\n"), err: err.join("\n"), said, events };
}

/** Calls `use` with a folder that holds `nano.safetensors`, a tiny network with random weights. */
export async function withNanoCheckpoint(
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const { card, weights } = importPytorch(
      await Deno.readFile(fixture("network/ma3dseg_nano.pth")),
      {
        network: "ma3dseg",
        preprocessing: {
          spacingMm: "native",
          orientation: "RAS",
          intensity: [{ lo: 0, hi: 8 }],
          crop: "foreground",
        },
        roi: [32, 32, 32],
      },
    );
    await Deno.writeFile(
      `${folder}/nano.safetensors`,
      writeCheckpoint(card, weights, "f32"),
    );
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
