/** @module What people and programs ask for, as what is to be planned. */
import { z } from "zod";
import { DISPATCHER_NAMES } from "../../shared/dispatch/dispatcher.ts";
import type {
  Operations,
  OptionField,
  PlanAsked,
  Refusable,
} from "../../shared/dispatch/operations.ts";
import type { CheckpointChoice, Choices } from "./choices.ts";
import { optionsSchema } from "./option_schema.ts";

/** What a form sends instead of a dataset of its list: the location that was typed counts. */
export const TYPED_DATASET = "typed";

const datasetSchema = z.string().trim().max(2000);
const foldNumberSchema = z.int().min(0).max(1000);
const foldsWordSchema = z.enum(["all", "each"]);
const dispatchSchema = z.enum(DISPATCHER_NAMES);

/** What a form was filled in with, and what a program asks for. */
export interface FilledForm {
  readonly dataset: string;
  /** By sha256. */
  readonly checkpoints: readonly string[];
  readonly folds: PlanAsked["folds"];
  /** Of the fields, by their names. */
  readonly options: Readonly<Record<string, string>>;
  /** Undefined: the first that is configured. */
  readonly dispatch: PlanAsked["dispatch"] | undefined;
}

/** The body of a request for a plan. */
export function planRequestSchema(fields: readonly OptionField[]) {
  return z.strictObject({
    dataset: datasetSchema.min(1).describe(
      "the location of a dataset that may be chosen, or one under a root that the dashboard was started with",
    ),
    checkpoints: z.array(z.string().regex(/^[0-9a-f]{64}$/)).min(1).max(100)
      .describe("by their SHA-256; several are averaged"),
    folds: z.union([foldsWordSchema, foldNumberSchema]).default("all").describe(
      "all cases, those of one fold, or `each`: a run for each checkpoint, over the cases of its fold",
    ),
    options: optionsSchema(fields).default({}),
    dispatch: dispatchSchema.optional().describe(
      "where workers run (default: the first that is configured)",
    ),
  });
}

/** What a program asks for, as if it had filled in the form. */
export function filledOf(
  { options, dispatch, ...request }: z.output<
    ReturnType<typeof planRequestSchema>
  >,
): FilledForm {
  return {
    ...request,
    dispatch,
    options: Object.fromEntries(
      Object.entries(options).map(([name, value]) => [name, String(value)]),
    ),
  };
}

const manySchema = z.union([z.string(), z.array(z.string())]).default([])
  .transform((given) => [given].flat());

/** Addresses have every value in a list. */
const oneOf = <T extends z.ZodType>(schema: T) =>
  z.preprocess((given) => Array.isArray(given) ? given[0] : given, schema);

/** What a form sends, and what an address fills it in with. */
const formSchema = z.object({
  /** A location, or {@linkcode TYPED_DATASET}. */
  dataset: oneOf(datasetSchema.default("")),
  /** Of a dataset that is in no list. Beside one that is chosen there it counts for nothing. */
  location: oneOf(datasetSchema.default("")),
  checkpoint: manySchema,
  folds: oneOf(
    z.union([foldsWordSchema, z.coerce.number().pipe(foldNumberSchema)])
      .default("all"),
  ),
  dispatch: oneOf(dispatchSchema.optional()),
}).catchall(z.unknown());

/** @throws {z.ZodError} for what no form sends. */
export function readForm(
  given: Readonly<Record<string, unknown>>,
  fields: readonly OptionField[],
): FilledForm {
  const { dataset, location, checkpoint, folds, dispatch, ...rest } = formSchema
    .parse(given);
  const optionSchema = oneOf(z.string().max(200));
  const options = fields.flatMap(({ name, standard }) => {
    if (rest[name] === undefined) return [];
    const value = optionSchema.parse(rest[name]).trim();
    return value === "" || value === standard ? [] : [[name, value] as const];
  });
  return {
    dataset: dataset === "" || dataset === TYPED_DATASET ? location : dataset,
    checkpoints: checkpoint,
    folds,
    dispatch,
    options: Object.fromEntries(options),
  };
}

/** What is to be planned, or a sentence that says what is missing. */
export async function askedOf(
  { dataset, checkpoints, folds, options, dispatch }: FilledForm,
  choices: Choices,
  operations: Pick<Operations, "datasetAt" | "dispatches">,
): Promise<Refusable<PlanAsked>> {
  const { dispatches: [first, ...others], datasetAt } = operations;
  if (dataset === "") return { refused: "Choose a dataset" };
  const known = choices.datasets.find(({ location }) => location === dataset);
  const found = known === undefined
    ? await datasetAt(dataset)
    : { done: known };
  if ("refused" in found) return found;
  const chosen = chosenCheckpoints(checkpoints, folds, choices);
  if ("refused" in chosen) return chosen;
  const place = dispatch ?? first.name;
  if (![first, ...others].some(({ name }) => name === place)) {
    return { refused: `Workers cannot run on ${place} from here` };
  }
  return {
    done: {
      dataset: found.done.location,
      checkpoints: chosen.done.map(({ location, sha256 }) => ({
        location,
        sha256,
      })),
      folds,
      options,
      dispatch: place,
    },
  };
}

function chosenCheckpoints(
  asked: readonly string[],
  folds: PlanAsked["folds"],
  choices: Choices,
): Refusable<readonly CheckpointChoice[]> {
  if (asked.length === 0) return { refused: "Choose a checkpoint" };
  const found = choices.checkpoints
    .filter(({ sha256 }) => asked.includes(sha256));
  if (found.length !== new Set(asked).size) {
    return {
      refused: "A checkpoint is not one of those that may be chosen any more",
    };
  }
  if (folds !== "each") return { done: found };
  const byFold = found.toSorted((a, b) =>
    (a.fold ?? Infinity) - (b.fold ?? Infinity)
  );
  const wrong = byFold.find(({ fold }, n) => fold !== n);
  if (wrong === undefined) return { done: byFold };
  return {
    refused:
      `A run per checkpoint takes registered checkpoints of the folds 0 to ${
        byFold.length - 1
      }, one of each: ${wrong.name} is of ${
        wrong.fold === null ? "none" : `fold ${wrong.fold}`
      }`,
  };
}
