/**
 * Workers as one job of AWS Batch.
 *
 * `SubmitJob` has no token that would make a second one harmless. So the job's name follows from the
 * order, and before each submission, retries too, jobs of that name are looked for. Two that start in
 * the same moment may still both submit: their workers then share the run by its claims.
 * @module
 */
import {
  type Batch,
  type JobDetail,
  type JobStatus,
  type JobSummary,
  paginateListJobs,
} from "@aws-sdk/client-batch";
import pRetry from "p-retry";
import { isTransient, s3Problem } from "../../storage/s3_failure.ts";
import type { RetrySettings } from "../../storage/s3_settings.ts";
import { type Clock, systemClock } from "../clock.ts";
import type { AwsBatchConfig } from "../dispatch_config.ts";
import type {
  Dispatched,
  Dispatcher,
  Ended,
  WorkOrder,
} from "../dispatcher.ts";
import {
  type BatchJobRequest,
  buildJobRequest,
  SPEC_TAG,
} from "./job_request.ts";

const POLL_MS = 20_000;

/** One to two minutes of outage are survived, as in a store. */
const RETRY: RetrySettings = {
  attempts: 12,
  minDelayMs: 250,
  maxDelayMs: 10_000,
};

const LIVE: ReadonlySet<JobStatus | undefined> = new Set<JobStatus>([
  "SUBMITTED",
  "PENDING",
  "RUNNABLE",
  "STARTING",
  "RUNNING",
]);

export interface AwsBatchDeps {
  readonly batch: Batch;
  readonly clock?: Clock;
  /** Between two looks at the job. @default {20 s} */
  readonly pollMs?: number;
  readonly retry?: RetrySettings;
}

export function createAwsBatchDispatcher(
  config: AwsBatchConfig,
  deps: AwsBatchDeps,
): Dispatcher {
  return {
    name: "aws-batch",
    start: (order, signal) => submit(config, deps, order, signal),
  };
}

async function submit(
  config: AwsBatchConfig,
  deps: AwsBatchDeps,
  order: WorkOrder,
  signal: AbortSignal,
): Promise<Dispatched> {
  const { batch } = deps;
  const request = await buildJobRequest(order, config);
  const { jobName, jobQueue } = request;
  const jobId = await attempt(
    `submit the job ${jobName} to the queue ${jobQueue}`,
    deps,
    signal,
    async () => {
      const live = await findLive(batch, request, signal);
      if (live !== undefined) return live;
      const { jobId } = await batch.submitJob(request, { abortSignal: signal });
      return jobId;
    },
  );
  if (jobId === undefined) {
    throw new Error(`Cannot submit the job ${jobName}: the answer has no id`);
  }
  return dispatched(jobId, order, config, deps);
}

/** The id of a job of that name that has not ended, and was not told to. */
async function findLive(
  batch: Batch,
  { jobName, jobQueue, tags }: BatchJobRequest,
  signal: AbortSignal,
): Promise<string | undefined> {
  const options = { abortSignal: signal };
  const pages = paginateListJobs(
    { client: batch },
    { jobQueue, filters: [{ name: "JOB_NAME", values: [jobName] }] },
    options,
  );
  for await (const page of pages) {
    const ids = liveIds(page.jobSummaryList ?? []);
    if (ids.length === 0) continue;
    const { jobs = [] } = await batch.describeJobs({ jobs: ids }, options);
    const live = jobs.find((job) =>
      LIVE.has(job.status) && !job.isTerminated && !job.isCancelled
    );
    if (live === undefined) continue;
    if (live.tags?.[SPEC_TAG] === tags[SPEC_TAG]) return live.jobId;
    throw new RangeError(
      `job ${live.jobId} of that name works with another configuration (job definition, resources, limits); cancel it first`,
    );
  }
  return undefined;
}

function liveIds(jobs: readonly JobSummary[]): string[] {
  return jobs.flatMap(({ jobId, status }) =>
    jobId !== undefined && LIVE.has(status) ? [jobId] : []
  );
}

function dispatched(
  jobId: string,
  { workers }: WorkOrder,
  { region }: AwsBatchConfig,
  deps: AwsBatchDeps,
): Dispatched {
  const { batch, clock = systemClock, pollMs = POLL_MS } = deps;
  return {
    id: jobId,
    description: `AWS Batch job ${jobId} in ${region} with ${workers} ${
      workers === 1 ? "worker" : "workers"
    }`,
    ended: async (signal) => {
      for (;;) {
        const { jobs: [job] = [] } = await attempt(
          `read the job ${jobId}`,
          deps,
          signal,
          () => batch.describeJobs({ jobs: [jobId] }, { abortSignal: signal }),
        );
        if (job === undefined) {
          return { ok: false, detail: `AWS Batch knows no job ${jobId}` };
        }
        const end = endOf(job);
        if (end !== null) return end;
        await clock.sleep(pollMs, signal);
      }
    },
    stop: async () => {
      await attempt(
        `stop the job ${jobId}`,
        deps,
        new AbortController().signal,
        () => batch.terminateJob({ jobId, reason: "Stopped by uptake" }),
      );
    },
  };
}

/** How the job ended, or null while it works. An array has failed when one of its jobs has. */
function endOf(job: JobDetail): Ended | null {
  const { jobId, status, statusReason, arrayProperties } = job;
  if (status !== "SUCCEEDED" && status !== "FAILED") return null;
  const ok = status === "SUCCEEDED";
  const { size, statusSummary = {} } = arrayProperties ?? {};
  const of = size === undefined
    ? ""
    : `; workers succeeded: ${statusSummary.SUCCEEDED ?? 0}, failed: ${
      statusSummary.FAILED ?? 0
    }, of ${size}`;
  const why = ok || statusReason === undefined ? "" : ` (${statusReason})`;
  return {
    ok,
    detail: `the AWS Batch job ${jobId} ${
      ok ? "succeeded" : "failed"
    }${why}${of}`,
  };
}

/** Tries until it succeeds, its error is lasting, or the attempts are used up. */
async function attempt<T>(
  task: string,
  { retry = RETRY }: AwsBatchDeps,
  signal: AbortSignal,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await pRetry(call, {
      retries: retry.attempts - 1,
      factor: 2,
      minTimeout: retry.minDelayMs,
      maxTimeout: retry.maxDelayMs,
      randomize: true,
      signal,
      shouldRetry: ({ error }) => isTransient(error) || isThrottled(error),
    });
  } catch (cause) {
    signal.throwIfAborted();
    const { code, message } = s3Problem(cause);
    // The SDK's error itself holds headers and the request, which is signed.
    throw new Error(
      `Cannot ${task}: ${message}${
        cause instanceof RangeError ? "" : ` (${code})`
      }`,
    );
  }
}

function isThrottled(error: Error): boolean {
  return /^(TooManyRequests|Throttl)/.test(s3Problem(error).code);
}
