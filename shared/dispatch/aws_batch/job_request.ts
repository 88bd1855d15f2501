/**
 * An order as a job of AWS Batch: what `SubmitJob` is sent.
 *
 * Sources: AWS Batch API reference, SubmitJob, RetryStrategy, ResourceRequirement; user guide, "Array
 * jobs" and "Automated job retries".
 * @module
 */
import type {
  EvaluateOnExit,
  ResourceRequirement,
  SubmitJobRequest,
} from "@aws-sdk/client-batch";
import type { AwsBatchConfig } from "../dispatch_config.ts";
import { checkOrder, workArguments, type WorkOrder } from "../dispatcher.ts";
import { jobName, jsonSha256, runLabel } from "../order_key.ts";

export const SPEC_TAG = "uptake/spec-sha256";

const MAX_ARRAY_SIZE = 10_000;

/**
 * First match wins, and at most five are taken. What none matches would be tried again all the same;
 * the last rule says so.
 */
const RETRY_RULES: EvaluateOnExit[] = [
  // A Spot machine was taken back.
  { onStatusReason: "Host EC2*", action: "RETRY" },
  { onReason: "CannotPullContainerError*", action: "RETRY" },
  // The worker's own word: its configuration is wrong, or it is to be tried again.
  { onExitCode: "78", action: "EXIT" },
  { onExitCode: "75", action: "RETRY" },
  { onReason: "*", action: "RETRY" },
];

export interface BatchJobRequest extends SubmitJobRequest {
  readonly jobName: string;
  readonly jobQueue: string;
  readonly tags: Record<string, string>;
}

/**
 * The job of an order: an array whose index is the worker's, or a plain job for one worker, as an
 * array of one is refused. Its name follows from the order.
 *
 * A worker that finds its configuration wrong does not end the others on its run, as it does elsewhere:
 * an array has no rule for that, so each finds it out by itself.
 *
 * @throws {RangeError} when the order contradicts itself or has more workers than an array takes.
 */
export async function buildJobRequest(
  order: WorkOrder,
  config: AwsBatchConfig,
): Promise<BatchJobRequest> {
  checkOrder(order);
  const { workers } = order;
  if (workers > MAX_ARRAY_SIZE) {
    throw new RangeError(
      `Cannot dispatch to ${workers} workers: an array job of AWS Batch takes at most ${MAX_ARRAY_SIZE}`,
    );
  }
  const name = await jobName(order);
  const request = {
    jobName: name,
    jobQueue: config.jobQueue,
    jobDefinition: config.jobDefinition,
    ...(workers > 1 && { arrayProperties: { size: workers } }),
    retryStrategy: { attempts: config.attempts, evaluateOnExit: RETRY_RULES },
    timeout: { attemptDurationSeconds: config.attemptDurationSeconds },
    containerOverrides: {
      command: workArguments(order),
      resourceRequirements: resourcesOf(config),
    },
  };
  return {
    ...request,
    tags: {
      ...config.tags,
      "uptake/run": runLabel(order, name),
      [SPEC_TAG]: await jsonSha256(request),
    },
  };
}

function resourcesOf(
  { vcpus, memoryMib, gpus }: AwsBatchConfig,
): ResourceRequirement[] {
  return [
    { type: "VCPU", value: String(vcpus) },
    { type: "MEMORY", value: String(memoryMib) },
    ...(gpus > 0 ? [{ type: "GPU" as const, value: String(gpus) }] : []),
  ];
}
