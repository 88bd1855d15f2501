/** @module Every end of a verb as an exit code and a sentence. */
import { expect } from "@std/expect";
import { z } from "zod";
import { runCommandLine } from "../../../jobs/cli/command_line.ts";
import type { Outcome } from "../../../jobs/cli/context.ts";
import { UsageError } from "../../../jobs/cli/usage_error.ts";
import { verb } from "../../../jobs/cli/verb.ts";
import { CaseError } from "../../../shared/case_error.ts";
import { VERSION } from "../../../shared/version.ts";
import { fakeContext } from "../../support/command_line.ts";

async function end(
  work: () => Outcome,
  signal?: AbortSignal,
  args: readonly string[] = [],
) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommandLine(
    [verb({
      name: "act",
      summary: "Act",
      details: "",
      options: z.strictObject({}),
      // A verb that throws before its first await is caught as well.
      run: () => Promise.resolve(work()),
    })],
    ["act", ...args],
    fakeContext("/", signal === undefined ? {} : { signal }),
    { out: (text) => out.push(text), err: (text) => err.push(text) },
  );
  return { code, out: out.join("\n"), err: err.join("\n") };
}

const throwing = (error: unknown) => () => {
  throw error;
};

for (const exitCode of [0, 1, 3, 4] as const) {
  Deno.test(`runCommandLine() passes on the exit code ${exitCode}`, async () => {
    const ended = await end(() => ({ exitCode, json: {}, text: "So" }));
    expect(ended).toEqual({ code: exitCode, out: "So", err: "" });
  });
}

Deno.test("runCommandLine() shows control characters to people, and keeps them for machines", async () => {
  const name = "a\x1b[2Jb";
  const outcome: Outcome = { exitCode: 0, json: { name }, text: `${name}\nc` };
  expect((await end(() => outcome)).out).toBe("a\\x1b[2Jb\nc");
  const { out } = await end(() => outcome, undefined, ["--json"]);
  expect(JSON.parse(out)).toEqual({ name });
});

Deno.test("runCommandLine() tells wrong usage in its own words, with exit code 2", async () => {
  const ended = await end(throwing(new UsageError("Choose another output")));
  expect(ended).toEqual({ code: 2, out: "", err: "Choose another output" });
});

Deno.test("runCommandLine() tells what failed as a sentence, with exit code 1", async () => {
  const ended = await end(
    throwing(new CaseError("model", "the file is short")),
  );
  expect(ended).toEqual({ code: 1, out: "", err: "The file is short" });
});

Deno.test("runCommandLine() keeps the case a failure is told of", async () => {
  const error = new CaseError("voxels", "it is empty").at("a", "read");
  expect((await end(throwing(error))).err).toMatch(
    /^Cannot read case "a": it is empty/,
  );
});

Deno.test("runCommandLine() adds the cause, once", async () => {
  const cause = new Error("disk full");
  const told = await end(throwing(new Error("Cannot write x", { cause })));
  expect(told.err).toBe("Cannot write x\n  because: disk full");

  const inside = new CaseError("storage", "cannot write x: disk full", {
    cause,
  });
  expect((await end(throwing(inside))).err).toBe("Cannot write x: disk full");

  const same = new CaseError("model", "it is short").at("a", "read");
  expect((await end(throwing(same))).err).toBe(
    'Cannot read case "a": it is short',
  );
});

Deno.test("runCommandLine() shows the stack of a defect only", async () => {
  const defect = await end(throwing(new TypeError("x is undefined")));
  expect(defect.code).toBe(1);
  expect(defect.err).toMatch(/TypeError: x is undefined\n +at /);
  for (
    const error of [
      new Error("no"),
      new SyntaxError("no"),
      new RangeError("no"),
    ]
  ) {
    expect((await end(throwing(error))).err).toBe("no");
  }
});

Deno.test("runCommandLine() ends an interrupted verb with 130, whatever it threw", async () => {
  const signal = AbortSignal.abort();
  const ended = await end(throwing(new Error("in the way")), signal);
  expect(ended.code).toBe(130);
  expect(ended.err).toContain("goes on where it stopped");
});

Deno.test("runCommandLine() does not take an early error for an interruption", async () => {
  const error = new DOMException("timed out", "AbortError");
  expect((await end(throwing(error))).code).toBe(1);
});

Deno.test("--version prints the version", async () => {
  const out: string[] = [];
  const code = await runCommandLine([], ["--version"], fakeContext("/"), {
    out: (text) => out.push(text),
    err: (text) => out.push(`error: ${text}`),
  });
  expect([code, ...out]).toEqual([0, VERSION]);
});
