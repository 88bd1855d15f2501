/**
 * What a store can promise to a run, found out by trying. Servers that speak S3's protocol differ: some
 * refuse conditional writes, some take them and ignore the condition, which only trying shows.
 *
 * The idea is that of Elasticsearch's repository analysis, with a hundred small requests in place of many large.
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { ObjectStore } from "./object_store.ts";
import {
  type Bench,
  checkChecksums,
  checkClock,
  checkCreating,
  checkDeleting,
  checkListing,
  checkRacing,
  checkRanges,
  checkReach,
  checkWriting,
  type Finding,
} from "./probe_checks.ts";

export interface StoreCheck extends Finding {
  readonly name: string;
}

/**
 * - `claims`: any number of workers may share a run.
 * - `shards`: each worker keeps to its own cases; of two results for a case the last written wins.
 * - `unusable`: no run can be kept there.
 */
export type StoreVerdict = "claims" | "shards" | "unusable";

export interface StoreReport {
  readonly location: string;
  readonly verdict: StoreVerdict;
  /** The verdict as a sentence. */
  readonly promise: string;
  readonly checks: readonly StoreCheck[];
}

interface Check {
  readonly name: string;
  /** What the verdict is at best when it fails; undefined where it does not matter to runs. */
  readonly without?: "shards" | "unusable";
  /** Not tried unless the check of this name succeeded. */
  readonly needs?: string;
  readonly run: (bench: Bench) => Promise<Finding>;
}

const REACH = "list";
const WRITE = "write and read back";
const CREATE = "create only once";

const CHECKS: readonly Check[] = [
  { name: REACH, without: "unusable", run: checkReach },
  { name: WRITE, without: "unusable", needs: REACH, run: checkWriting },
  {
    name: "read ranges",
    without: "unusable",
    needs: WRITE,
    run: checkRanges,
  },
  {
    name: "list what was written",
    without: "unusable",
    needs: WRITE,
    run: checkListing,
  },
  { name: "delete", without: "unusable", needs: WRITE, run: checkDeleting },
  { name: "refuse damaged uploads", needs: WRITE, run: checkChecksums },
  { name: CREATE, without: "shards", needs: WRITE, run: checkCreating },
  {
    name: "one winner at once",
    without: "shards",
    needs: CREATE,
    run: checkRacing,
  },
  { name: "tell the time", without: "shards", needs: WRITE, run: checkClock },
];

const CLEAN_UP_TIMEOUT_MS = 30_000;

const log = getLogger(["uptake", "storage"]);

/**
 * Tries what a run needs of a store, in about a hundred requests; what is written for it is removed.
 * A check that fails is part of the report, not an error.
 */
export async function probeStore(
  store: ObjectStore,
  signal: AbortSignal,
): Promise<StoreReport> {
  const bench = { store, prefix: probePrefix(), signal };
  const checks: StoreCheck[] = [];
  const works = (name: string) =>
    checks.some((check) => check.name === name && check.ok === true);
  try {
    for (const { name, needs, run } of CHECKS) {
      const finding = needs === undefined || works(needs)
        ? await run(bench).catch((error) => failed(error, signal))
        : { ok: null, detail: `not tried without "${needs}"` };
      checks.push({ name, ...finding });
    }
  } finally {
    if (works(REACH)) await cleanUp(bench);
  }
  return { location: store.location, ...judge(checks), checks };
}

/**
 * May several workers share a run there? The part of {@linkcode probeStore} that differs most between
 * servers, in five requests.
 *
 * @throws {CaseError} when the store cannot be reached or written to.
 */
export async function canCreateConditionally(
  store: ObjectStore,
  signal: AbortSignal,
): Promise<boolean> {
  const bench = { store, prefix: probePrefix(), signal };
  try {
    return (await checkCreating(bench)).ok === true;
  } finally {
    await cleanUp(bench);
  }
}

function probePrefix(): string {
  return `.uptake-probe-${crypto.randomUUID()}-`;
}

function failed(error: unknown, signal: AbortSignal): Finding {
  signal.throwIfAborted();
  const detail = error instanceof Error ? error.message : String(error);
  return { ok: false, detail };
}

function judge(
  checks: readonly StoreCheck[],
): { verdict: StoreVerdict; promise: string } {
  const failure = (without: Check["without"]) => {
    const names = CHECKS.filter((check) => check.without === without)
      .map(({ name }) => name);
    return checks.find(({ name, ok }) => ok === false && names.includes(name));
  };
  const unusable = failure("unusable");
  if (unusable !== undefined) {
    return {
      verdict: "unusable",
      promise: `No run can be kept here: ${unusable.detail}`,
    };
  }
  const unshared = failure("shards");
  if (unshared !== undefined) {
    return {
      verdict: "shards",
      promise:
        "Each worker needs a shard of its own here, and of two results for a case the last written wins",
    };
  }
  return {
    verdict: "claims",
    promise:
      "Any number of workers may share a run here: exactly one result per case",
  };
}

/** Also after the caller's signal was aborted; what cannot be removed is told in the log. */
async function cleanUp({ store, prefix }: Bench): Promise<void> {
  const signal = AbortSignal.timeout(CLEAN_UP_TIMEOUT_MS);
  try {
    for await (const { key } of store.list(prefix, { signal })) {
      await store.delete(key, signal);
    }
  } catch (error) {
    log.warn("Cannot remove {prefix}* from {location}: {problem}", {
      prefix,
      location: store.location,
      problem: error instanceof Error ? error.message : String(error),
    });
  }
}
