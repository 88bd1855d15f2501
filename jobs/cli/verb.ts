/**
 * A verb of the command line: what it is called, what it takes (a zod schema), what it does. The
 * schema is the single source: flags, help, defaults, allowed values and types come from it.
 * @module
 */
import { Argument, Command, Option } from "commander";
import { z } from "zod";
import { UsageError } from "./usage_error.ts";
import type { Context, Outcome } from "./context.ts";
import { LOG_FORMAT_VARIABLE, LOG_FORMATS } from "./log.ts";

export interface Verb<S extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  /** Paragraphs and examples below the options in `--help`. */
  readonly details: string;
  /** Names of the options that are given by position, in order. */
  readonly positional?: readonly string[];
  readonly options: S;
  run(options: z.infer<S>, context: Context): Promise<Outcome>;
}

/** Keeps the type of the options between schema and `run`. */
export function verb<S extends z.ZodObject>(definition: Verb<S>): Verb<S> {
  return definition;
}

const propertySchema = z.looseObject({
  type: z.string().optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.string()).optional(),
  placeholder: z.string().optional(),
});
type Property = z.infer<typeof propertySchema>;

/** The commander command of a verb. `onParsed` gets the checked options. */
export function toCommand<S extends z.ZodObject>(
  { name, summary, details, positional = [], options, run }: Verb<S>,
  context: Context,
  onOutcome: (outcome: Outcome, json: boolean) => void,
): Command {
  const command = new Command(name)
    .summary(summary)
    .description(summary)
    .addHelpText("after", `\n${details.trim()}\n`)
    .allowExcessArguments(false)
    .exitOverride();
  const { properties = {}, required = [] } = z.toJSONSchema(options, {
    io: "input",
    unrepresentable: "any",
  });
  for (const [key, raw] of Object.entries(properties)) {
    const property = propertySchema.parse(raw);
    const isRequired = required.includes(key);
    if (positional.includes(key)) continue;
    command.addOption(toOption(key, property, isRequired));
  }
  for (const key of positional) {
    const description = propertySchema.parse(properties[key]).description ?? "";
    command.addArgument(new Argument(`<${key}>`, description));
  }
  command.option("--json", "machine-readable output on stdout", false);
  command.addOption(
    new Option("--log-format <format>", "log lines on stderr")
      .choices(LOG_FORMATS).default("text").env(LOG_FORMAT_VARIABLE),
  );
  command.action(async (...args: unknown[]) => {
    // Whoever made the context has chosen the log's format by these arguments already.
    const { json, logFormat: _, ...flags } = command.opts<
      Record<string, unknown> & { json: boolean }
    >();
    for (const [i, key] of positional.entries()) flags[key] = args[i];
    onOutcome(await run(check(options, flags), context), json);
  });
  return command;
}

function toOption(key: string, property: Property, required: boolean): Option {
  const flag = `--${kebab(key)}`;
  const placeholder = property.placeholder ?? property.type ?? "value";
  const description = property.description ?? "";
  if (property.type === "boolean") return new Option(flag, description);
  const dots = property.type === "array" ? "..." : "";
  const option = new Option(`${flag} <${placeholder}${dots}>`, description);
  if (property.enum !== undefined) option.choices(property.enum);
  if (property.default !== undefined) option.default(property.default);
  if (property.type === "number" || property.type === "integer") {
    option.argParser((text) => toNumber(flag, text));
  }
  if (required) option.makeOptionMandatory();
  return option;
}

function toNumber(flag: string, text: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!Number.isFinite(value)) {
    throw new UsageError(`${flag} takes a number: "${text}" is none`);
  }
  return value;
}

function check<S extends z.ZodObject>(
  options: S,
  flags: Record<string, unknown>,
): z.infer<S> {
  const result = options.safeParse(flags);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) =>
    `--${kebab(String(path[0] ?? ""))}: ${message}`
  );
  throw new UsageError(problems.join("\n"));
}

function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
