/**
 * Requests for Jobs, with the API server's own words when it refuses one.
 *
 * Source: Kubernetes API conventions (verbs, `Status`, `dryRun`, `fieldValidation`).
 * @module
 */
import pRetry from "p-retry";
import { z } from "zod";
import type { RetrySettings } from "../../storage/s3_settings.ts";
import type { KubernetesAccess } from "./access.ts";
import type { WorkerJob } from "./manifest.ts";

const REQUEST_TIMEOUT_MS = 30_000;

/** One to two minutes of outage are survived, as in a store. */
export const API_RETRY: RetrySettings = {
  attempts: 12,
  minDelayMs: 250,
  maxDelayMs: 10_000,
};

const TRANSIENT_STATUSES = new Set([429, 500, 502, 503, 504]);

const textMap = z.record(z.string(), z.string()).default({});

/** What we read of a Job. */
const jobSchema = z.looseObject({
  metadata: z.looseObject({
    uid: z.string(),
    labels: textMap,
    annotations: textMap,
    deletionTimestamp: z.string().optional(),
  }),
  status: z.looseObject({
    conditions: z.array(z.looseObject({
      type: z.string(),
      status: z.string(),
      reason: z.string().default(""),
      message: z.string().default(""),
    })).default([]),
    completedIndexes: z.string().default(""),
    failedIndexes: z.string().default(""),
  }).prefault({}),
});
export type JobInCluster = z.infer<typeof jobSchema>;

/** What the server says with a refusal. */
const statusSchema = z.looseObject({
  kind: z.literal("Status"),
  reason: z.string().optional(),
  message: z.string().optional(),
});

/** Jobs of one namespace. Every request may be sent twice without harm. */
export interface JobsApi {
  /**
   * @param dryRun the server checks everything and keeps nothing
   * @returns null when a Job of that name is there
   */
  create(
    job: WorkerJob,
    dryRun: boolean,
    signal: AbortSignal,
  ): Promise<JobInCluster | null>;
  /** @returns null when there is no such Job */
  get(name: string, signal: AbortSignal): Promise<JobInCluster | null>;
  /** Deletes the Job with this `uid`, and its Pods; one that is gone is left gone. */
  delete(name: string, uid: string, signal: AbortSignal): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** @throws {Error} from each request: what was to be done, and the server's reason and message. */
export function jobsApi(
  access: KubernetesAccess,
  namespace: string,
  retry: RetrySettings = API_RETRY,
): JobsApi {
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;

  const request = async (
    task: string,
    method: string,
    path: string,
    { body, expected, signal }: {
      readonly body?: unknown;
      readonly expected: readonly number[];
      readonly signal: AbortSignal;
    },
  ): Promise<Answer> => {
    const attempt = async () => {
      const answer = await send(access, method, path, body, signal);
      if (answer.status < 300 || expected.includes(answer.status)) {
        return answer;
      }
      throw refusal(answer);
    };
    try {
      return await pRetry(attempt, {
        retries: retry.attempts - 1,
        factor: 2,
        minTimeout: retry.minDelayMs,
        maxTimeout: retry.maxDelayMs,
        randomize: true,
        signal,
        shouldRetry: ({ error }) =>
          error instanceof RequestFailure && error.mayPass,
      });
    } catch (cause) {
      signal.throwIfAborted();
      throw new Error(`Cannot ${task}: ${(cause as Error).message}`, { cause });
    }
  };

  return {
    create: async (job, dryRun, signal) => {
      const { name } = job.metadata;
      const task = `${
        dryRun ? "check" : "create"
      } the Job ${namespace}/${name}`;
      const query = dryRun ? "dryRun=All&" : "";
      const { status, body } = await request(
        task,
        "POST",
        `${jobs}?${query}fieldValidation=Strict`,
        { body: job, expected: [409], signal },
      );
      return status === 409 ? null : parseJob(task, body);
    },
    get: async (name, signal) => {
      const task = `read the Job ${namespace}/${name}`;
      const { status, body } = await request(task, "GET", `${jobs}/${name}`, {
        expected: [404],
        signal,
      });
      return status === 404 ? null : parseJob(task, body);
    },
    delete: async (name, uid, signal) => {
      await request(
        `delete the Job ${namespace}/${name}`,
        "DELETE",
        `${jobs}/${name}?propagationPolicy=Background`,
        {
          body: {
            apiVersion: "v1",
            kind: "DeleteOptions",
            preconditions: { uid },
          },
          // 409: another Job has the name now.
          expected: [404, 409],
          signal,
        },
      );
    },
  };
}

/** The server said no, or nothing. */
class RequestFailure extends Error {
  /** The same request may succeed in a while. */
  readonly mayPass: boolean;

  constructor(problem: string, mayPass: boolean, cause?: unknown) {
    super(problem, { cause });
    this.mayPass = mayPass;
  }
}

function refusal({ status, body }: Answer): RequestFailure {
  const said = statusSchema.safeParse(body);
  const { reason = "", message = "" } = said.success ? said.data : {};
  const words = message === "" ? "the API server refuses" : message;
  return new RequestFailure(
    `${words} (${[status, reason].join(" ").trim()})`,
    TRANSIENT_STATUSES.has(status),
  );
}

function noAnswer(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  const isNetwork = cause instanceof TypeError || cause.name === "TimeoutError";
  if (!isNetwork) return cause;
  // `fetch` says only that it failed; why stands in its cause.
  const why = cause.cause instanceof Error
    ? cause.cause.message
    : cause.message;
  return new RequestFailure(
    `no answer from the API server (${why})`,
    // A certificate will be no better next time.
    !/certificate/i.test(why),
    cause,
  );
}

async function send(
  access: KubernetesAccess,
  method: string,
  path: string,
  body: unknown,
  signal: AbortSignal,
): Promise<Answer> {
  const token = await access.readToken();
  const answer = access.send(access.server + path, {
    method,
    // A redirect would take the token elsewhere.
    redirect: "manual",
    headers: {
      accept: "application/json",
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
  });
  const { status, text } = await answer.catch((cause) => {
    signal.throwIfAborted();
    throw noAnswer(cause);
  });
  try {
    return { status, body: JSON.parse(text) };
  } catch {
    // A proxy's page; the status tells what there is to tell.
    return { status, body: undefined };
  }
}

function parseJob(task: string, body: unknown): JobInCluster {
  const result = jobSchema.safeParse(body);
  if (result.success) return result.data;
  throw new Error(`Cannot ${task}: the answer is no Job`, {
    cause: result.error,
  });
}
