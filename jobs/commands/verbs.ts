/** @module Every verb of the command line, in the order `--help` lists them. */
import type { Verb } from "../cli/verb.ts";
import { doctor } from "./doctor.ts";
import { evaluate } from "./evaluate.ts";
import { exportCheckpoint } from "./export.ts";
import { importCheckpoint } from "./import.ts";
import { metrics } from "./metrics.ts";
import { phantom } from "./phantom.ts";
import { preprocess } from "./preprocess.ts";
import { segment } from "./segment.ts";
import { work } from "./work.ts";

export const VERBS: readonly Verb[] = Object.freeze([
  segment,
  evaluate,
  metrics,
  preprocess,
  importCheckpoint,
  exportCheckpoint,
  work,
  phantom,
  doctor,
]);
