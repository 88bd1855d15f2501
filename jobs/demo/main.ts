/**
 * `deno task demo`: the whole way on synthetic cases, with the same verbs a user would type. On a
 * terminal it ends serving the dashboard, unless `--no-serve` is given.
 * @module
 */
import { fileURLToPath } from "node:url";
import { runCommandLine } from "../cli/command_line.ts";
import { createContext } from "../cli/context.ts";
import { configureLog } from "../cli/log.ts";
import { barProgress } from "../cli/progress.ts";
import { abortOnSignals } from "../cli/signals.ts";
import { VERBS } from "../commands/verbs.ts";

const CHECKPOINT = fileURLToPath(
  new URL("ma3dseg_small.safetensors", import.meta.url),
);
const FOLDER = "demo-output";
/** Where the dashboard looks for runs. */
const RUN = `${FOLDER}/home/runs/demo`;
const serves = Deno.stdout.isTerminal() && !Deno.args.includes("--no-serve");

await configureLog("text");
const context = createContext(abortOnSignals(), barProgress());
const startedAt = performance.now();

// A demo starts anew, also after an update of Uptake that an old run could not be gone on with.
for (const made of ["home", "evaluation"]) {
  await removeFolder(`${context.cwd}/${FOLDER}/${made}`);
}
await step("Make synthetic whole-body PET cases with known tumours", [
  "phantom",
  ...["--cases", "4", "--seed", "1", "--scale", "display"],
  ...["--shape", "128,128,230", "--spacing", "4,4,4"],
  ...["--output", `${FOLDER}/dataset`],
]);
await step("Segment them", [
  "segment",
  ...["--input", `${FOLDER}/dataset`],
  ...["--checkpoint", CHECKPOINT],
  ...["--output", RUN],
]);
await step("Compare the masks with the known tumours", [
  "evaluate",
  ...["--masks", RUN],
  ...["--labels", `${FOLDER}/dataset`],
  ...["--output", `${FOLDER}/evaluation`],
], true);
const seconds = (performance.now() - startedAt) / 1000;
console.log(`
The checkpoint is a small one, trained briefly on real lymphoma scans. It marks most hot
tissue, brain and bladder included: a low Dice is expected of it, on phantoms too. Look
at ${RUN}/attempts/*/*/mip.png: the mask's outline is red, the known tumours' blue.

Done in ${seconds.toFixed(0)} s. Masks: ${RUN}/masks/`);
if (serves) {
  await step("Look at them in the browser; Ctrl-C ends it", [
    "dashboard",
    ...["--home", `${FOLDER}/home`],
  ]);
} else console.log(`Look: uptake dashboard --home ${FOLDER}/home`);
Deno.exit(0);

/** Runs a verb; its table is shown where asked for. */
async function step(
  title: string,
  args: readonly string[],
  show = false,
): Promise<void> {
  console.log(`\n${title}\n$ uptake ${args.join(" ")}`);
  const code = await runCommandLine(VERBS, args, context, {
    out: (text) => show && console.log(text),
    err: (text) => console.error(text),
  });
  if (code !== 0) Deno.exit(code);
}

async function removeFolder(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
