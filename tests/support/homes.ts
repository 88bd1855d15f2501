/** @module Homes with registered checkpoints, and nights over them. */
import { expect } from "@std/expect";
import { BIAS, changedCheckpoint } from "./checkpoints.ts";
import { type Ran, uptake, withNanoCheckpoint } from "./command_line.ts";
import { PHANTOM, writeDataset } from "./datasets.ts";

type UptakeOptions = Parameters<typeof uptake>[2];

/** A case with a label. */
export const LABELLED = { label: PHANTOM.label };

/** A dataset `data` of two labelled cases and one without a label, beside the nano checkpoint. */
export async function withLabelledData(
  use: (folder: string) => Promise<void>,
): Promise<void> {
  await withNanoCheckpoint(async (folder) => {
    await writeDataset(`${folder}/data`, { a: LABELLED, b: LABELLED, c: {} });
    await use(folder);
  });
}

export interface RegisterOptions extends NonNullable<UptakeOptions> {
  /** What the checkpoint's card tells of its training. */
  readonly training?: Record<string, string | number>;
  /** @default `home` */
  readonly home?: string;
}

/** Registers a checkpoint of some quality; whoever is registered later is the newer one. */
export async function register(
  folder: string,
  name: string,
  quality: keyof typeof BIAS,
  { training, home = "home", ...options }: RegisterOptions = {},
): Promise<void> {
  await changedCheckpoint(folder, name, {
    biasShift: BIAS[quality],
    ...(training === undefined ? {} : { training }),
  });
  const args = ["register", `${name}.safetensors`, "--home", home];
  expect((await uptake(folder, args, options)).err).toBe("");
}

/** Runs a night over the datasets in `home`. */
export function night(
  folder: string,
  datasets: readonly string[],
  more: readonly string[] = [],
  options?: UptakeOptions,
): Promise<Ran> {
  const args = ["--home", "home", "--datasets", ...datasets, "--threads", "1"];
  return uptake(folder, ["reevaluate", ...args, ...more], options);
}

/** What `--json` tells of an evaluation. */
export interface ToldEvaluation {
  readonly checkpoint: { readonly name: string };
  readonly dataset: { readonly name: string };
  readonly cases: "all" | { readonly fold: number };
  readonly seen: string;
  readonly isNew: boolean;
  readonly runId: string;
  readonly location: string;
  readonly failures: readonly {
    readonly caseId: string;
    readonly kind: string;
  }[];
  readonly n: number;
  readonly meanDice: number | null;
}

export function evaluationsOf({ out }: Ran): ToldEvaluation[] {
  return JSON.parse(out).evaluations;
}

/** Names in a folder, none where it is not there. */
export function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
