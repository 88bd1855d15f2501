/**
 * Workers as Pods of one Indexed Job.
 * @module
 */
import { type Clock, systemClock } from "../clock.ts";
import type { KubernetesConfig } from "../dispatch_config.ts";
import type {
  Dispatched,
  Dispatcher,
  Ended,
  WorkOrder,
} from "../dispatcher.ts";
import type { JobInCluster, JobsApi } from "./api.ts";
import {
  buildJob,
  RUN_LABEL,
  SPEC_ANNOTATION,
  type WorkerJob,
} from "./manifest.ts";

const POLL_MS = 10_000;
const GONE_POLL_MS = 1_000;
const GONE_POLLS = 60;

export interface KubernetesDeps {
  readonly api: JobsApi;
  readonly clock?: Clock;
  /** Between two looks at the Job. @default {10 s} */
  readonly pollMs?: number;
}

export function createKubernetesDispatcher(
  config: KubernetesConfig,
  deps: KubernetesDeps,
): Dispatcher {
  return {
    name: "kubernetes",
    start: (order, signal) => startJob(config, deps, order, signal),
  };
}

/**
 * Creates the Job, after the server has checked it in a dry run. A Job of that name that is still
 * working is joined if it is the same; one that has ended is replaced, as whoever asks again wants
 * workers (after a retry of failed cases, say).
 */
async function startJob(
  config: KubernetesConfig,
  deps: KubernetesDeps,
  order: WorkOrder,
  signal: AbortSignal,
): Promise<Dispatched> {
  const { api, clock = systemClock } = deps;
  const job = await buildJob(order, config);
  const { name, namespace } = job.metadata;
  for (let polls = 0; polls < GONE_POLLS; polls++) {
    const created = await api.create(job, true, signal) &&
      await api.create(job, false, signal);
    if (created !== null) return dispatched(job, created, deps);
    const there = await api.get(name, signal);
    if (there === null) continue;
    refuseForeign(job, there);
    const isGoing = there.metadata.deletionTimestamp !== undefined;
    if (!isGoing && endOf(job, there) === null) {
      refuseOther(job, there);
      return dispatched(job, there, deps);
    }
    if (!isGoing) await api.delete(name, there.metadata.uid, signal);
    await clock.sleep(GONE_POLL_MS, signal);
  }
  throw new Error(
    `Cannot create the Job ${namespace}/${name}: an earlier one of that name does not go away`,
  );
}

function refuseForeign(job: WorkerJob, there: JobInCluster): void {
  const run = there.metadata.labels[RUN_LABEL];
  if (run === job.metadata.labels[RUN_LABEL]) return;
  throw new Error(
    `Cannot create the Job ${job.metadata.namespace}/${job.metadata.name}: a Job of that name is there whose label ${RUN_LABEL} is ${
      run === undefined ? "missing" : `"${run}"`
    }`,
  );
}

function refuseOther(job: WorkerJob, there: JobInCluster): void {
  const hash = there.metadata.annotations[SPEC_ANNOTATION];
  if (hash === job.metadata.annotations[SPEC_ANNOTATION]) return;
  throw new Error(
    `Cannot create the Job ${job.metadata.namespace}/${job.metadata.name}: workers of another configuration (image, resources, limits) are working on it; cancel them first`,
  );
}

function dispatched(
  job: WorkerJob,
  { metadata: { uid } }: JobInCluster,
  { api, clock = systemClock, pollMs = POLL_MS }: KubernetesDeps,
): Dispatched {
  const { name, namespace } = job.metadata;
  const workers = job.spec?.completions ?? 0;
  return {
    id: `${namespace}/${name}`,
    description: `Kubernetes Job ${namespace}/${name} with ${workers} ${
      workers === 1 ? "worker" : "workers"
    }`,
    ended: async (signal) => {
      for (;;) {
        const now = await api.get(name, signal);
        if (now === null || now.metadata.uid !== uid) {
          return {
            ok: false,
            detail: `the Job ${namespace}/${name} was deleted`,
          };
        }
        const end = endOf(job, now);
        if (end !== null) return end;
        await clock.sleep(pollMs, signal);
      }
    },
    stop: () => api.delete(name, uid, new AbortController().signal),
  };
}

/** How the Job ended, or null while it works. `Failed` also when only some indexes failed. */
function endOf(job: WorkerJob, { status }: JobInCluster): Ended | null {
  const { name, namespace } = job.metadata;
  const { conditions, completedIndexes, failedIndexes } = status;
  const is = (type: string) =>
    conditions.find((one) => one.type === type && one.status === "True");
  const completed = `completed workers: ${completedIndexes || "none"}`;
  if (is("Complete") !== undefined) {
    return {
      ok: failedIndexes === "",
      detail: `the Job ${namespace}/${name} is complete (${completed})`,
    };
  }
  const failed = is("Failed");
  if (failed === undefined) return null;
  const why = [failed.reason, failed.message].filter((text) => text !== "")
    .join(": ");
  return {
    ok: false,
    detail:
      `the Job ${namespace}/${name} failed (${why}; ${completed}; failed workers: ${
        failedIndexes || "none"
      })`,
  };
}
