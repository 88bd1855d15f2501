/** @module From a schema to flags and back to checked options. */
import { expect } from "@std/expect";
import { z } from "zod";
import { runCommandLine } from "../../../jobs/cli/command_line.ts";
import { verb } from "../../../jobs/cli/verb.ts";
import { fakeContext } from "../../support/command_line.ts";

const schema = z.strictObject({
  scan: z.string().describe("what to look at"),
  name: z.string().min(3, "takes at least three letters"),
  tags: z.array(z.string()).optional().meta({ placeholder: "tag" }),
  mode: z.enum(["fast", "exact"]).default("fast").describe("how"),
  minVolumeMl: z.number().min(0).lt(10).default(0.5),
  count: z.int().min(1).max(9).default(3),
  dryRun: z.boolean().default(false).describe("change nothing"),
  note: z.string().optional(),
});

/** Runs `uptake look <args>` for a verb with the options above. */
async function look(...args: string[]) {
  let given: z.infer<typeof schema> | undefined;
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommandLine(
    [verb({
      name: "look",
      summary: "Look at a scan",
      details: "\nExample:\n  uptake look a.nii --name abc\n",
      positional: ["scan"],
      options: schema,
      run(options) {
        given = options;
        return Promise.resolve({
          exitCode: 0,
          json: { seen: 1 },
          text: "Seen",
        });
      },
    })],
    ["look", ...args],
    fakeContext("/"),
    { out: (text) => out.push(text), err: (text) => err.push(text) },
  );
  return { code, given, out: out.join("\n"), err: err.join("\n") };
}

Deno.test("a verb gets its arguments, and defaults for what is not given", async () => {
  const { code, given } = await look("a.nii", "--name", "abc");
  expect(code).toBe(0);
  expect(given).toEqual({
    scan: "a.nii",
    name: "abc",
    mode: "fast",
    minVolumeMl: 0.5,
    count: 3,
    dryRun: false,
  });
});

Deno.test("a verb gets every kind of option as its schema's type", async () => {
  const { given } = await look(
    ...["a.nii", "--name", "abc", "--mode", "exact", "--min-volume-ml", "1e-2"],
    ...["--count", "7", "--dry-run", "--note", "", "--tags", "x", "y z"],
  );
  expect(given).toEqual({
    scan: "a.nii",
    name: "abc",
    tags: ["x", "y z"],
    mode: "exact",
    minVolumeMl: 0.01,
    count: 7,
    dryRun: true,
    note: "",
  });
});

Deno.test("an array takes its values behind one flag, or each behind its own", async () => {
  const together = await look("a", "--name", "abc", "--tags", "x", "y");
  const apart = await look("a", "--tags", "x", "--name", "abc", "--tags", "y");
  expect(together.given?.tags).toEqual(["x", "y"]);
  expect(apart.given?.tags).toEqual(["x", "y"]);
});

Deno.test("a value may start with a dash behind an equals sign", async () => {
  const { given } = await look("a", "--name=--abc");
  expect(given?.name).toBe("--abc");
});

Deno.test("a verb prints its text, or with --json nothing but JSON", async () => {
  expect((await look("a", "--name", "abc")).out).toBe("Seen");
  const { out } = await look("a", "--name", "abc", "--json");
  expect(JSON.parse(out)).toEqual({ seen: 1 });
});

Deno.test("--help shows descriptions, placeholders, choices, defaults and examples", async () => {
  const { code, out, given } = await look("--help");
  expect(code).toBe(0);
  expect(given).toBeUndefined();
  for (
    const part of [
      /uptake look \[options\] <scan>/,
      /Look at a scan/,
      /scan +what to look at/,
      /--tags <tag\.\.\.>/,
      /--mode <string> +how \(choices: "fast", "exact", default: "fast"\)/,
      /--min-volume-ml <number> +\(default: 0\.5\)/,
      /--count <integer>/,
      /--dry-run +change nothing/,
      /--json +machine-readable/,
      /Example:\n {2}uptake look a\.nii --name abc/,
    ]
  ) expect(out).toMatch(part);
});

const refused: [string, string[], string][] = [
  ["a missing argument", ["--name", "abc"], "missing required argument 'scan'"],
  ["a missing option", ["a"], "required option '--name <string>'"],
  ["a flag without its value", ["a", "--name"], "argument missing"],
  [
    "what its schema refines",
    ["a", "--name", "ab"],
    "--name: takes at least three letters",
  ],
  [
    "a number below the least",
    ["a", "--name", "abc", "--min-volume-ml=-1"],
    "--min-volume-ml: Too small: expected number to be >=0",
  ],
  ["a number that must stay below", [
    "a",
    "--name",
    "abc",
    "--min-volume-ml",
    "10",
  ], "--min-volume-ml: Too big: expected number to be <10"],
  [
    "a fraction for a whole number",
    ["a", "--name", "abc", "--count", "1.5"],
    "--count: Invalid input: expected int",
  ],
  [
    "a value that is no choice",
    ["a", "--name", "abc", "--mode", "slow"],
    "Allowed choices are fast, exact",
  ],
  [
    "an option it does not know",
    ["a", "--name", "abc", "--nam", "x"],
    "Did you mean --name?",
  ],
];
for (const [what, args, message] of refused) {
  Deno.test(`a verb is not run for ${what}`, async () => {
    const { code, given, out, err } = await look(...args);
    expect(code).toBe(2);
    expect(given).toBeUndefined();
    expect(out).toBe("");
    expect(err).toContain(message);
  });
}

Deno.test("everything that is wrong is said at once", async () => {
  const { err } = await look("a", "--name", "ab", "--count", "0");
  expect(err.split("\n").map((line) => line.split(":")[0])).toEqual([
    "--name",
    "--count",
  ]);
});
