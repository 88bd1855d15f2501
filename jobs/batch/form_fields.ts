/**
 * The options of a plan as a form asks for them. Names, defaults, choices and descriptions come from the schema
 * that the command line has them from.
 * @module
 */
import { z } from "zod";
import type { OptionField } from "../../shared/dispatch/operations.ts";
import { issuesText, issueText } from "../../shared/issue_text.ts";
import { segmentOptions } from "../cli/segment_options.ts";
import { planOptions } from "./submit_options.ts";

const formSchema = z.strictObject({
  ...segmentOptions,
  termSeconds: planOptions.termSeconds,
  secondsPerWindow: z.number().positive().optional().describe(
    "what a window takes (default: measured here, for workers of this machine)",
  ).meta({ placeholder: "seconds" }),
});
export type FormOptions = z.infer<typeof formSchema>;

const propertySchema = z.looseObject({
  type: z.string().optional(),
  description: z.string().default(""),
  enum: z.array(z.string()).default([]),
  placeholder: z.string().default(""),
});

const standards = formSchema.parse({});

/** In the order of the command line's help. */
export const FORM_FIELDS: readonly OptionField[] = Object.entries(
  z.toJSONSchema(formSchema, { io: "input", unrepresentable: "any" })
    .properties ?? {},
).map(([name, raw]) => {
  const property = propertySchema.parse(raw);
  const { type, description, enum: choices, placeholder } = property;
  return {
    name,
    description,
    kind: type === "boolean"
      ? "boolean"
      : choices.length > 0
      ? "choice"
      : type === "number" || type === "integer"
      ? "number"
      : "text",
    choices,
    standard: String(standards[name as keyof FormOptions] ?? ""),
    placeholder,
  };
});

/** What is wrong with what people typed, by the names of options: `must be 0 or more`. */
export function formProblems(
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const { error } = parsed(given);
  // Of several things that are wrong with one, the first is the plainest.
  return Object.fromEntries(
    (error?.issues ?? []).toReversed().map((issue) => [
      String(issue.path[0] ?? "options"),
      issueText(issue),
    ]),
  );
}

/**
 * The options from what people typed. What is empty has its default.
 *
 * @throws {RangeError} that names each option that cannot be so, and says why.
 */
export function parseFormOptions(
  given: Readonly<Record<string, string>>,
): FormOptions {
  const result = parsed(given);
  if (result.success) return result.data;
  throw new RangeError(issuesText(result.error));
}

function parsed(given: Readonly<Record<string, string>>) {
  const entries = Object.entries(given).filter(([, value]) => value !== "");
  return formSchema.safeParse(
    Object.fromEntries(
      entries.map(([name, value]) => [name, typed(name, value)]),
    ),
  );
}

function typed(name: string, value: string): unknown {
  const kind = FORM_FIELDS.find((field) => field.name === name)?.kind;
  if (kind === "number") return value.trim() === "" ? NaN : Number(value);
  return kind === "boolean" ? value === "true" : value;
}
