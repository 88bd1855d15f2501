/**
 * Parses a command line, runs its verb and turns every end into an exit code and a sentence.
 * @module
 */
import { Command, CommanderError } from "commander";
import { VERSION } from "../../shared/version.ts";
import type { Context } from "./context.ts";
import { ExitError } from "./exit_error.ts";
import { explain } from "./explain.ts";
import { printableText } from "./printable.ts";
import { UsageError } from "./usage_error.ts";
import { toCommand, type Verb } from "./verb.ts";

/** Exit codes that other people's scripts rely on. */
export const EXIT = Object.freeze({
  done: 0,
  failed: 1,
  usage: 2,
  casesFailed: 3,
  gotWorse: 4,
  interrupted: 130,
});

export interface Output {
  /** What was asked for. */
  out(text: string): void;
  /** Everything else. */
  err(text: string): void;
}

/** Runs `args` and returns the exit code; never throws. */
export async function runCommandLine(
  verbs: readonly Verb[],
  args: readonly string[],
  context: Context,
  output: Output,
): Promise<number> {
  let exitCode: number = EXIT.done;
  const program = new Command("uptake")
    .description(
      "Turns PET scans into tumour masks and metrics.\nStores are folders, file:// or s3://bucket/prefix locations.",
    )
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.out(text.trimEnd()),
      writeErr: (text) => output.err(text.trimEnd()),
    })
    .showSuggestionAfterError();
  for (const verb of verbs) {
    program.addCommand(
      toCommand(verb, context, (outcome, json) => {
        exitCode = outcome.exitCode;
        output.out(
          json
            ? JSON.stringify(outcome.json, null, 1)
            : printableText(outcome.text),
        );
      }).copyInheritedSettings(program),
    );
  }
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    }
    if (error instanceof ExitError) {
      output.err(error.message);
      return error.exitCode;
    }
    if (context.signal.aborted) {
      output.err("Interrupted. The same command goes on where it stopped");
      return EXIT.interrupted;
    }
    if (error instanceof UsageError) {
      output.err(error.message);
      return EXIT.usage;
    }
    output.err(explain(error));
    return EXIT.failed;
  }
}
