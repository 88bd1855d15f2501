/**
 * `uptake segment`: freeze a run, one in-process worker, a summary.
 * @module
 */
import { z } from "zod";
import { chooseEngine, engineChoice } from "../../shared/engine/choose.ts";
import type { Engine } from "../../shared/engine/engine.ts";
import { freezeRun, readRun } from "../../shared/runs/freeze.ts";
import type { EngineRef, SegmentRun } from "../../shared/runs/records.ts";
import { newRunId } from "../../shared/runs/run_id.ts";
import { writeRunSummary } from "../../shared/runs/summarise.ts";
import { VERSION } from "../../shared/version.ts";
import { openCheckpoint } from "../cli/checkpoints.ts";
import { chooseCases, type OpenedInputs, openInputs } from "../cli/inputs.ts";
import { commaList, store } from "../cli/option_types.ts";
import { frozenOptions, segmentOptions } from "../cli/segment_options.ts";
import { asUsage } from "../cli/usage_error.ts";
import { verb } from "../cli/verb.ts";
import { summaryText } from "../cli/summary_text.ts";
import {
  checkCompatible,
  type LoadedCheckpoint,
} from "../segmentation/model.ts";
import { openCompute } from "../segmentation/compute.ts";
import { segmentRun } from "../segmentation/segment_run.ts";

const options = z.strictObject({
  input: z.array(store).min(1).describe(
    "NIfTI file, folder of them, or dataset with a dataset.json (MSD, nnU-Net v2)",
  ).meta({ placeholder: "store" }),
  checkpoint: z.array(store).min(1).describe(
    "checkpoint file (.safetensors); several are averaged",
  ).meta({ placeholder: "file" }),
  output: store.describe("where the run's folder is made, or gone on with"),
  cases: commaList.optional().describe("only these cases").meta({
    placeholder: "ids",
  }),
  ...segmentOptions,
  verify: z.boolean().default(false).describe(
    "reread what is done already and compare its sha256",
  ),
});
type Options = z.infer<typeof options>;

export const segment = verb({
  name: "segment",
  summary: "Segment PET cases into a run's folder: masks, pictures, metrics",
  details: `
Writes <output>/masks/<case>.nii.gz on each image's own grid, and a record per case.
The same command goes on where it stopped: done cases are skipped, failed ones tried
again, new ones added. Ctrl-C stops at the next window.

Exit code 3 when it finished but cases failed or are missing, 2 for other options
than the run in <output> was made with.

Examples:
  uptake segment --input scans/ --checkpoint model.safetensors --output results/
  uptake segment --input s3://bucket/dataset --checkpoint fold0.safetensors fold1.safetensors \\
    --output s3://bucket/runs/first --tta mirror`,
  options,
  async run(options, context) {
    const home = context.open(options.output);
    const checkpoints: LoadedCheckpoint[] = [];
    for (const path of options.checkpoint) {
      checkpoints.push(await openCheckpoint(context, path));
    }
    await asUsage(() => checkCompatible(checkpoints, options.roi));
    const inputs = await openInputs(context, options.input, options.unit);
    const asked = chooseCases(inputs.cases, options.cases);

    const existing = await asUsage(() => readRun(home, "segment"));
    const engine = await openEngine(options, existing);
    const plan = planRun(options, existing, checkpoints, engine, {
      ...inputs,
      cases: asked,
    });
    const { run, cases } = await asUsage(() => freezeRun(home, plan));

    const askedIds = new Set(asked.map(({ caseId }) => caseId));
    const chosen = cases.filter(({ caseId }) => askedIds.has(caseId));
    const { card } = checkpoints[0]!;
    const compute = await openCompute(
      { card, classes: run.classes, options: run.options },
      {
        engine: engineChoice(run.engine),
        checkpoints: checkpoints.map(({ bytes }) => bytes),
        options: run.options,
      },
    );
    const { progress, open } = context;
    let damaged: string[];
    try {
      damaged = await segmentRun(
        { run, store: home, compute, progress, open },
        chosen,
        { ...context, verify: options.verify },
      );
    } finally {
      await compute.close();
    }
    const { summary, results } = await writeRunSummary(
      home,
      run.runId,
      cases.map(({ caseId }) => caseId),
    );
    const { expected, done } = summary.coverage;
    return {
      exitCode: done === expected && damaged.length === 0 ? 0 : 3,
      json: { location: home.location, summary, damaged },
      text: `${
        summaryText(summary, results, damaged)
      }\nResults: ${home.location}`,
    };
  },
});

/** The engine asked for; what was left open is taken from the run that exists. */
async function openEngine(
  options: Options,
  existing: SegmentRun | null,
): Promise<Engine> {
  const { engine, device, threads } = options;
  const same = engine === "auto" && device === "auto" ? existing : null;
  const onnxThreads = same?.engine.name === "onnx"
    ? same.engine.threads
    : undefined;
  const count = threads === "auto" ? onnxThreads : threads;
  return await asUsage(() =>
    chooseEngine({
      engine: same?.engine.name ?? engine,
      device: same?.engine.device ?? device,
      ...(count === undefined ? {} : { threads: count }),
    })
  );
}

function planRun(
  options: Options,
  existing: SegmentRun | null,
  checkpoints: readonly LoadedCheckpoint[],
  engine: Engine,
  { cases, dataset }: OpenedInputs,
): SegmentRun {
  const { card } = checkpoints[0]!;
  const now = new Date();
  return {
    format: 1,
    kind: "segment",
    runId: newRunId(now),
    createdAt: now.toISOString(),
    codeVersion: VERSION,
    ...(dataset === null ? {} : { dataset }),
    checkpoints: checkpoints.map(({ ref }) => ref),
    options: {
      ...frozenOptions(options, card, engine.device),
      ...(options.swBatch === "auto" && existing !== null &&
        { swBatch: existing.options.swBatch }),
    },
    engine: engineRef(engine),
    classes: [...card.classes],
    cases: [...cases],
  };
}

function engineRef({ name, device, version, threads }: Engine): EngineRef {
  return { name, device, version, threads };
}
