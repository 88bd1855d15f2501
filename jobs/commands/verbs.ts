/** @module Every verb of the command line, in the order `--help` lists them. */
import type { Verb } from "../cli/verb.ts";
import { cancel } from "./cancel.ts";
import { dashboard } from "./dashboard.ts";
import { doctor } from "./doctor.ts";
import { evaluate } from "./evaluate.ts";
import { exportCheckpoint } from "./export.ts";
import { gc } from "./gc.ts";
import { importCheckpoint } from "./import.ts";
import { metrics } from "./metrics.ts";
import { phantom } from "./phantom.ts";
import { plan } from "./plan.ts";
import { preprocess } from "./preprocess.ts";
import { reevaluate } from "./reevaluate.ts";
import { register } from "./register.ts";
import { retry } from "./retry.ts";
import { segment } from "./segment.ts";
import { status } from "./status.ts";
import { submit } from "./submit.ts";
import { summary } from "./summary.ts";
import { work } from "./work.ts";

export const VERBS: readonly Verb[] = Object.freeze([
  segment,
  evaluate,
  metrics,
  preprocess,
  importCheckpoint,
  exportCheckpoint,
  plan,
  submit,
  work,
  status,
  retry,
  cancel,
  summary,
  gc,
  register,
  reevaluate,
  dashboard,
  phantom,
  doctor,
]);
