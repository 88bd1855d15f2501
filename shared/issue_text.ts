/**
 * What is wrong with a value, in plain words that follow its name: "Smallest lesion (ml) must be 0 or more". The
 * schema library's own messages speak to programmers.
 * @module
 */
import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** What a value of each type is called. */
const TYPES: Readonly<Record<string, string>> = {
  number: "a number, such as 0.5",
  nan: "a number, such as 0.5",
  int: "a whole number",
  string: "a text",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

/** What sizes are counted in, other than numbers. */
const SIZES: Readonly<Record<string, string>> = {
  string: " characters",
  array: " entries",
};

/** Without the name, no full stop. */
export function issueText(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.message.endsWith("received undefined")
        ? "is missing"
        : `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case "too_small":
      return limitText(issue.origin, issue.minimum, issue.inclusive, "more");
    case "too_big":
      return limitText(issue.origin, issue.maximum, issue.inclusive, "less");
    case "invalid_value":
      return `must be ${issue.values.map(String).join(" or ")}`;
    case "unrecognized_keys":
      return `holds what is not known here: ${issue.keys.join(", ")}`;
    case "invalid_format":
      return "is not written as it has to be";
    case "invalid_union":
      return "is none of what it may be";
    default:
      return issue.message;
  }
}

/** All that is wrong with a record, each by where it stands: `cases[0].caseId is missing; format must be 1`. */
export function issuesText({ issues }: { issues: readonly Issue[] }): string {
  return issues.map((issue) =>
    `${placeText(issue.path) || "It"} ${issueText(issue)}`
  ).join("; ");
}

function limitText(
  origin: string,
  limit: number | bigint,
  isInclusive: boolean | undefined,
  way: "more" | "less",
): string {
  const unit = SIZES[origin];
  if (unit !== undefined) return `must have ${limit}${unit} or ${way}`;
  return isInclusive === false
    ? `must be ${way} than ${limit}`
    : `must be ${limit} or ${way}`;
}

function placeText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === "number"
        ? `${text}[${part}]`
        : text === ""
        ? String(part)
        : `${text}.${String(part)}`,
    "",
  );
}
