/** @module A filled-in form as what is to be planned. */
import { z } from "zod";
import type { OptionField, PlanAsked } from "../operations.ts";
import type { Choices } from "./choices.ts";

/** Folds that a form offers; datasets have five, rarely ten. */
export const FOLDS = Array.from({ length: 10 }, (_, n) => n);

const manySchema = z.union([z.string(), z.array(z.string())]).default([])
  .transform((given) => [given].flat());

/** Addresses have every value in a list. */
const oneOf = <T extends z.ZodType>(schema: T) =>
  z.preprocess((given) => Array.isArray(given) ? given[0] : given, schema);

/** What a form sends, and what an address fills it in with. */
const formSchema = z.object({
  dataset: oneOf(z.string().max(2000).default("")),
  /** By sha256. */
  checkpoint: manySchema,
  folds: oneOf(
    z.union([
      z.enum(["all", "each"]),
      z.coerce.number().int().min(0).max(FOLDS.length - 1),
    ]).default("all"),
  ),
}).catchall(z.unknown());

export interface FilledForm {
  readonly dataset: string;
  readonly checkpoint: readonly string[];
  readonly folds: "all" | "each" | number;
  /** Of the fields, by their names. */
  readonly options: Readonly<Record<string, string>>;
}

/** @throws {z.ZodError} for what no form sends. */
export function readForm(
  given: Readonly<Record<string, unknown>>,
  fields: readonly OptionField[],
): FilledForm {
  const { dataset, checkpoint, folds, ...rest } = formSchema.parse(given);
  const optionSchema = oneOf(z.string().max(200));
  const options = fields.flatMap(({ name, standard }) => {
    if (rest[name] === undefined) return [];
    const value = optionSchema.parse(rest[name]).trim();
    return value === "" || value === standard ? [] : [[name, value] as const];
  });
  return { dataset, checkpoint, folds, options: Object.fromEntries(options) };
}

/** What is to be planned, or a sentence that says what is missing. */
export function askedOf(
  { dataset, checkpoint, folds, options }: FilledForm,
  choices: Choices,
): { readonly refused: string } | { readonly asked: PlanAsked } {
  const chosen = choices.datasets.find(({ location }) => location === dataset);
  if (chosen === undefined) {
    return {
      refused: dataset === ""
        ? "Choose a dataset"
        : "This dataset is not one of those that may be chosen",
    };
  }
  if (checkpoint.length === 0) return { refused: "Choose a checkpoint" };
  const checkpoints = choices.checkpoints
    .filter(({ sha256 }) => checkpoint.includes(sha256));
  if (checkpoints.length !== new Set(checkpoint).size) {
    return {
      refused: "A checkpoint is not one of those that may be chosen any more",
    };
  }
  if (folds === "each") {
    checkpoints.sort((a, b) => (a.fold ?? Infinity) - (b.fold ?? Infinity));
    const wrong = checkpoints.find(({ fold }, n) => fold !== n);
    if (wrong !== undefined) {
      return {
        refused:
          `A run per checkpoint takes registered checkpoints of the folds 0 to ${
            checkpoints.length - 1
          }, one of each: ${wrong.name} is of ${
            wrong.fold === null ? "none" : `fold ${wrong.fold}`
          }`,
      };
    }
  }
  return {
    asked: {
      dataset: chosen.location,
      checkpoints: checkpoints.map(({ location, sha256 }) => ({
        location,
        sha256,
      })),
      folds,
      options,
    },
  };
}
