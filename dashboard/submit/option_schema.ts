/** @module The options of a plan as programs give them: numbers as numbers, each with its default and its choices. */
import { z } from "zod";
import type { OptionField } from "../../shared/dispatch/operations.ts";

type OptionValue = string | number | boolean;

/** Takes exactly the options that the form has. Whether they go together is seen when planning. */
export function optionsSchema(
  fields: readonly OptionField[],
): z.ZodType<Record<string, OptionValue>> {
  return z.strictObject(
    Object.fromEntries(fields.map((field) => [field.name, schemaOf(field)])),
  ).transform(given);
}

function given(
  options: Readonly<Record<string, OptionValue | undefined>>,
): Record<string, OptionValue> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const]
    ),
  );
}

function schemaOf({ kind, choices, description, standard }: OptionField) {
  const described = standard === ""
    ? description
    : `${description} (default: ${standard})`;
  return valueSchema(kind, choices).optional().describe(described);
}

function valueSchema(
  kind: OptionField["kind"],
  choices: readonly string[],
): z.ZodType<OptionValue> {
  switch (kind) {
    case "number":
      return z.number();
    case "boolean":
      return z.boolean();
    case "choice":
      return z.enum(choices);
    case "text":
      return z.string().max(200);
  }
}
