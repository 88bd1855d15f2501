/**
 * Freezes a run: its plan is created once, and whoever comes later with the same plan goes on with
 * it. New cases are added beside the plan; anything else that differs is refused.
 * @module
 */
import type { ObjectStore } from "../storage/object_store.ts";
import type { Case, FileRef } from "../datasets/dataset.ts";
import { extensionKey, RUN_KEY } from "./keys.ts";
import { createRecord, readRecord } from "./record_io.ts";
import { type Run, runSchema, type SegmentRun } from "./records.ts";
import { readExtensions } from "./run_state.ts";

export interface FrozenRun {
  readonly run: SegmentRun;
  /** The plan's cases and all that were added since. */
  readonly cases: readonly Case[];
  /** Whether this call made the run. */
  readonly isNew: boolean;
}

/**
 * The plan of a run that exists, or null.
 *
 * @throws {RangeError} when a run of another kind stands there.
 */
export async function readRun<K extends Run["kind"]>(
  store: ObjectStore,
  kind: K,
): Promise<RunOf<K> | null> {
  const run = await readRecord(store, RUN_KEY, runSchema);
  if (run === null || isOfKind(run, kind)) return run;
  throw new RangeError(
    `${store.location} holds a run of another kind (${run.kind}): choose another output`,
  );
}

type RunOf<K extends Run["kind"]> = Extract<Run, { kind: K }>;

function isOfKind<K extends Run["kind"]>(run: Run, kind: K): run is RunOf<K> {
  return run.kind === kind;
}

/**
 * Creates `run.json`, or joins the run that stands there already.
 *
 * @throws {RangeError} when a run with another plan stands there; names each difference.
 */
export async function freezeRun(
  store: ObjectStore,
  plan: SegmentRun,
): Promise<FrozenRun> {
  const created = await createRecord(store, RUN_KEY, plan);
  const run = await readRun(store, "segment");
  if (run === null) {
    throw new Error(`Cannot freeze ${store.location}/${RUN_KEY}: it vanished`);
  }
  const isNew = created || run.runId === plan.runId;
  if (isNew) return { run, cases: run.cases, isNew };
  const differences = differencesOf(run, plan);
  if (differences.length > 0) {
    throw new RangeError(
      `Cannot go on with the run in ${store.location}: ${
        differences.join("; ")
      }. Choose another output, or the run's own options`,
    );
  }
  return { run, cases: await addCases(store, run, plan.cases), isNew };
}

async function addCases(
  store: ObjectStore,
  run: SegmentRun,
  planned: readonly Case[],
): Promise<Case[]> {
  while (true) {
    const extensions = await readExtensions(store);
    const known = [...run.cases, ...extensions.flatMap((e) => e.cases)];
    const byId = new Map(known.map((item) => [item.caseId, item]));
    const added: Case[] = [];
    for (const item of planned) {
      const before = byId.get(item.caseId);
      if (before === undefined) added.push(item);
      else requireSameCase(store, before, item);
    }
    if (added.length === 0) return known;
    // Another process may add cases at the same time: whoever comes second looks again.
    await createRecord(store, extensionKey(extensions.length + 1), {
      createdAt: new Date().toISOString(),
      cases: added,
    });
  }
}

function requireSameCase(store: ObjectStore, before: Case, now: Case): void {
  const parts = {
    images: (item: Case) => item.images.map(pathOf).join(", "),
    label: (item: Case) =>
      item.label === undefined ? "none" : pathOf(item.label),
    unit: (item: Case) => item.unit,
  };
  for (const [name, textOf] of Object.entries(parts)) {
    if (textOf(before) === textOf(now)) continue;
    throw new RangeError(
      `Cannot go on with the run in ${store.location}: ${name} of case "${now.caseId}" was ${
        textOf(before)
      }, now it is ${textOf(now)}. Choose another output`,
    );
  }
}

function pathOf({ store, key }: FileRef): string {
  return `${store}/${key}`;
}

/** What of a plan differs from the frozen one, in words: "overlap was 0.5, now it is 0.25". */
export function differencesOf(run: SegmentRun, plan: SegmentRun): string[] {
  const differences: string[] = [];
  const compare = (name: string, was: unknown, now: unknown) => {
    const [before, after] = [JSON.stringify(was), JSON.stringify(now)];
    if (before !== after) {
      differences.push(`${name} was ${before}, now it is ${after}`);
    }
  };
  const [before, after] = [run.checkpoints, plan.checkpoints];
  const sameWeights = before.length === after.length &&
    before.every(({ sha256 }, i) => sha256 === after[i]!.sha256);
  if (!sameWeights) {
    compare("checkpoint", before.map(nameAndHash), after.map(nameAndHash));
  }
  for (const key of Object.keys(run.options) as (keyof typeof run.options)[]) {
    compare(key, run.options[key], plan.options[key]);
  }
  compare("engine", run.engine.name, plan.engine.name);
  compare("device", run.engine.device, plan.engine.device);
  compare("threads", run.engine.threads, plan.engine.threads);
  return differences;
}

function nameAndHash(checkpoint: { name: string; sha256: string }): string {
  return `${checkpoint.name} (sha256 ${checkpoint.sha256.slice(0, 12)}...)`;
}
