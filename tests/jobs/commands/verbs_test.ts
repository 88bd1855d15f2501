/** @module What holds for every verb alike; the schema of its options is the single source. */
import { expect } from "@std/expect";
import { z } from "zod";
import { VERBS } from "../../../jobs/commands/verbs.ts";
import { uptake } from "../../support/command_line.ts";

const propertySchema = z.looseObject({
  type: z.string().optional(),
  enum: z.array(z.string()).optional(),
});

const verbs = VERBS.map(({ name, summary, positional = [], options }) => {
  const { properties = {}, required = [] } = z.toJSONSchema(options, {
    io: "input",
    unrepresentable: "any",
  });
  const flags = Object.entries(properties)
    .filter(([key]) => !positional.includes(key))
    .map(([key, property]) => ({
      ...propertySchema.parse(property),
      flag: `--${key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`,
      required: required.includes(key),
    }));
  return { name, summary, positional, flags };
});

Deno.test("--help lists every verb with what it does", async () => {
  const { code, out, err } = await uptake("/", ["--help"]);
  expect(code).toBe(0);
  expect(err).toBe("");
  for (const { name, summary } of verbs) {
    expect(out).toMatch(new RegExp(`^ +${name} .*`, "m"));
    expect(out.replace(/\s+/g, " ")).toContain(summary);
  }
});

Deno.test("no verb at all is wrong usage, answered with the help", async () => {
  const { code, out, err } = await uptake("/", []);
  expect(code).toBe(2);
  expect(out).toBe("");
  expect(err).toContain("segment");
});

for (const { name, summary, positional, flags } of verbs) {
  const given = positional.map((_, i) => `file${i}`);
  const requiredBut = (left?: string) =>
    flags.filter(({ required, flag }) => required && flag !== left)
      .flatMap(({ flag }) => [flag, "value"]);

  Deno.test(`${name} --help explains every option and exits with 0`, async () => {
    const { code, out, err } = await uptake("/", [name, "--help"]);
    expect(code).toBe(0);
    expect(err).toBe("");
    expect(out).toContain(summary);
    expect(out).toContain("--json");
    for (const { flag, enum: choices = [] } of flags) {
      // Each on a line of its own, with something said about it.
      expect(out).toMatch(new RegExp(`^ +${flag}( <[^>]+>)? +\\S+`, "m"));
      for (const value of choices) expect(out).toContain(value);
    }
    for (const argument of positional) {
      expect(out).toMatch(new RegExp(`^ +${argument} +\\S+`, "m"));
    }
  });

  Deno.test(`${name} refuses an unknown option, and one argument too many`, async () => {
    for (
      const [extra, message] of [
        ["--nonsense", "unknown option '--nonsense'"],
        ["surplus", "too many arguments"],
      ] as const
    ) {
      const args = [name, ...given, extra, ...requiredBut()];
      const { code, out, err } = await uptake("/", args);
      expect(code).toBe(2);
      expect(out).toBe("");
      expect(err).toContain(message);
    }
  });

  for (const { flag, enum: choices, type, required } of flags) {
    if (choices !== undefined) {
      Deno.test(`${name} ${flag} refuses other values and names the allowed ones`, async () => {
        const { code, err } = await uptake("/", [name, flag, "nonsense"]);
        expect(code).toBe(2);
        expect(err).toContain(`Allowed choices are ${choices.join(", ")}`);
      });
    }
    if (type === "number" || type === "integer") {
      Deno.test(`${name} ${flag} refuses what is no number`, async () => {
        for (const text of ["many", "", "NaN", "Infinity", "1,5"]) {
          const { code, err } = await uptake("/", [name, flag, text]);
          expect(code).toBe(2);
          expect(err).toBe(`${flag} takes a number: "${text}" is none`);
        }
      });
    }
    if (required) {
      Deno.test(`${name} is refused without ${flag}`, async () => {
        const args = [name, ...given, ...requiredBut(flag)];
        const { code, err } = await uptake("/", args);
        expect(code).toBe(2);
        expect(err).toContain(`required option '${flag}`);
      });
    }
  }
}
