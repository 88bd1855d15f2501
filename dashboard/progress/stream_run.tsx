/**
 * A run's page while it goes on, as server-sent events: the parts of the page as they stand there, each time they
 * change. An event's id holds the hashes of all parts, so that who comes back with `Last-Event-ID` gets what has
 * changed since, and nothing else.
 * @module
 */
import { createHash } from "node:crypto";
import type { Context } from "hono";
import type { Child } from "hono/jsx";
import { streamSSE } from "hono/streaming";
import { caseFilterSchema } from "../../shared/catalog/queries/case_order.ts";
import { cases } from "../../shared/catalog/queries/cases.ts";
import { damagedCases } from "../../shared/catalog/queries/damaged.ts";
import { run as findRun } from "../../shared/catalog/queries/run.ts";
import type { DashboardDeps } from "../deps.ts";
import type { Env } from "../env.ts";
import { pageAt } from "../routes/query.ts";
import { type RunQuery, sortingOf } from "../routes/run_query.ts";
import { RunActions, type WhatMayBeDone } from "../views/run_actions.tsx";
import { CaseRows } from "../views/run_cases.tsx";
import { RunProgress } from "../views/run_progress.tsx";
import {
  currentWindows,
  progressOfDetail,
  progressOfStatus,
} from "./progress.ts";
import type { FollowRun } from "./follow_run.ts";
import { isOver, type ReadStatus } from "./run_status.ts";

const TICK_MS = 2500;
/** So often something is sent even where nothing changes, so that proxies keep the connection. */
const SILENT_TICKS = 8;
/** Then the browser comes back by itself, and shows its credentials anew. */
const LONGEST_MS = 60_000;
/** Whoever comes back does so after this time. */
const RECONNECT_MS = 2000;

/** Parts of the page, and the events that bring them. */
const PARTS = ["progress", "cases", "actions"] as const;

interface Parts extends Readonly<Record<typeof PARTS[number], string>> {
  readonly isOver: boolean;
  /** The page is made for a run in another state than this one is in now. */
  readonly isOutdated: boolean;
}

export function streamRun(
  c: Context<Env>,
  deps: DashboardDeps,
  watched: {
    /** Known to the index. */
    runId: string;
    query: RunQuery;
    readStatus: ReadStatus;
    followRun: FollowRun;
    may: WhatMayBeDone;
  },
): Response {
  const { runId, query } = watched;
  const seen = (c.req.header("Last-Event-ID") ?? query.seen ?? "").split("-");
  return streamSSE(c, async (stream) => {
    const gone = new AbortController();
    stream.onAbort(() => gone.abort());
    const signal = AbortSignal.any([deps.signal, gone.signal]);
    const sent = new Map(PARTS.map((part, n) => [part, seen[n] ?? ""]));
    let silent = 0;
    const endsMs = deps.clock.nowMs() + LONGEST_MS;
    while (!signal.aborted && deps.clock.nowMs() < endsMs) {
      deps.freshness.seen();
      const parts = await readParts(deps, { ...watched, signal });
      if (signal.aborted) return;
      if (parts.isOutdated) {
        await stream.writeSSE({ event: "outdated", data: "" });
        return;
      }
      silent++;
      for (const event of PARTS) {
        const now = hash(parts[event]);
        if (now === sent.get(event)) continue;
        sent.set(event, now);
        silent = 0;
        await stream.writeSSE({
          event,
          data: parts[event],
          id: [...sent.values()].join("-"),
          retry: RECONNECT_MS,
        });
      }
      if (parts.isOver) {
        await stream.writeSSE({ event: "end", data: "" });
        return;
      }
      if (silent >= SILENT_TICKS) {
        silent = 0;
        await stream.write(": still here\n\n");
      }
      await deps.clock.sleep(TICK_MS, signal).catch(() => signal.aborted);
    }
  }, (error) => {
    deps.log(`The events of run ${runId} ended: ${String(error)}`);
    return Promise.resolve();
  });
}

async function readParts(
  deps: DashboardDeps,
  { runId, query, readStatus, followRun, may, signal }: {
    runId: string;
    query: RunQuery;
    readStatus: ReadStatus;
    followRun: FollowRun;
    may: WhatMayBeDone;
    signal: AbortSignal;
  },
): Promise<Parts> {
  const { catalog } = deps;
  let status: Awaited<ReturnType<ReadStatus>> = null;
  let isInStep = true;
  let problem: string | null = null;
  try {
    if (findRun(catalog, runId)?.kind === "segment") {
      status = await readStatus(runId);
    }
    isInStep = await followRun(runId, status, signal);
  } catch (error) {
    // The page goes on with what is indexed, and says so.
    problem = error instanceof Error ? error.message : String(error);
  }
  const run = findRun(catalog, runId);
  if (run === null) {
    return {
      progress: "",
      cases: "",
      actions: "",
      isOver: true,
      isOutdated: false,
    };
  }
  const progress = status === null
    ? progressOfDetail(run, damagedCases(catalog, runId))
    : progressOfStatus(deps, runId, status);
  const { items } = cases(catalog, { runId, className: query.className }, {
    filter: caseFilterSchema.strip().parse(query),
    sort: sortingOf(query),
    page: pageAt(query.page),
  });
  return {
    progress: await text(
      <>
        {problem !== null && (
          <p class="bad">
            The store does not answer: this is what was last read.
          </p>
        )}
        <RunProgress progress={progress} casesPath={`/runs/${runId}`} />
      </>,
    ),
    cases: await text(
      <CaseRows
        rows={items}
        isLabelled={run.nLabelled > 0}
        windows={currentWindows(progress)}
      />,
    ),
    actions: await text(
      <RunActions run={run} progress={progress} may={may} />,
    ),
    isOutdated: run.state === "finished" ||
      (query.labelled === "no" && run.nLabelled > 0),
    isOver: isInStep && (status !== null ? isOver(status) : problem === null &&
      run.state === "finished"),
  };
}

async function text(part: Child): Promise<string> {
  return String(await part);
}

function hash(part: string): string {
  return createHash("sha256").update(part).digest("hex").slice(0, 16);
}
