import { expect } from "@std/expect";
import { logFormatOf } from "../../../jobs/cli/log.ts";

const formats: [string[], string | undefined, string][] = [
  [["segment"], undefined, "text"],
  [["segment", "--log-format", "json"], undefined, "json"],
  [["segment", "--log-format=json", "--input", "a"], undefined, "json"],
  [["segment", "--input", "a"], "json", "json"],
  [["segment", "--log-format", "text"], "json", "text"],
  [
    ["segment", "--log-format", "json", "--log-format", "text"],
    undefined,
    "text",
  ],
  // What is no format is refused later, in the format that people read.
  [["segment", "--log-format", "xml"], undefined, "text"],
  [["segment", "--log-format"], undefined, "text"],
  [["segment", "--", "--log-format", "json"], undefined, "text"],
  [[], "", "text"],
];
for (const [args, fromEnvironment, format] of formats) {
  Deno.test(`logFormatOf() is ${format} for "${args.join(" ")}" and ${fromEnvironment} in the environment`, () => {
    expect(logFormatOf(args, fromEnvironment)).toBe(format);
  });
}
