import { expect } from "@std/expect";
import { addToJsonLine, logFormatOf } from "../../../jobs/cli/log.ts";

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

const NAME = 'Cannot read "a\x1b[2K\nb: done in 1 s"\n  because: it is odd';

async function logged(format: string): Promise<string> {
  const log = new URL("../../../jobs/cli/log.ts", import.meta.url).href;
  const script = `
    import { getLogger } from "@logtape/logtape";
    import { configureLog } from ${JSON.stringify(log)};
    await configureLog(${JSON.stringify(format)});
    const line = ${JSON.stringify(NAME)};
    getLogger("uptake").info\`\${line}\`;
  `;
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", script],
    cwd: new URL("../../..", import.meta.url).pathname,
    env: { NO_COLOR: "1" },
  }).output();
  return new TextDecoder().decode(stderr);
}

Deno.test("the log as text shows control characters, and no line that a name made", async () => {
  expect(await logged("text")).toBe(
    'Cannot read "a\\x1b[2K\\nb: done in 1 s"\n  because: it is odd\n',
  );
});

Deno.test("the log as JSON keeps them as they are", async () => {
  expect(JSON.parse(await logged("json")).message).toBe(NAME);
});

Deno.test("addToJsonLine() adds to a line of JSON, and takes nothing else for one", () => {
  expect(addToJsonLine('{"message":"a","seconds":0.5}', { worker: 1 }))
    .toBe('{"message":"a","seconds":0.5,"worker":1}');
  for (const line of ["", "Killed", "12", "null", '["a"]', '{"message":']) {
    expect(addToJsonLine(line, { worker: 1 })).toBe(null);
  }
});
