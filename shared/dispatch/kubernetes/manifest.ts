/**
 * An order as an Indexed Job of Kubernetes: plain data, checked before it is sent.
 *
 * Sources: Kubernetes API reference, batch/v1 Job (1.33: `backoffLimitPerIndex`; 1.34:
 * `podReplacementPolicy`); Pod Security Standards, "restricted"; Kueue, "Run a Kubernetes Job".
 * @module
 */
import { type IJob, Job } from "kubernetes-models/batch/v1/Job";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import type { KubernetesConfig } from "../dispatch_config.ts";
import { checkOrder, workArguments, type WorkOrder } from "../dispatcher.ts";
import { jobName, jsonSha256, runLabel } from "../order_key.ts";
import { jobProblems } from "./job_rules.ts";

export const RUN_LABEL = "uptake/run";
export const SPEC_ANNOTATION = "uptake/spec-sha256";

/** The API takes more only with fewer failed indexes. */
const MAX_WORKERS = 100_000;

/** `nonroot` of distroless images. */
const USER = 65532;

/** A window on a slow device, and the release of what the worker held. */
const GRACE_SECONDS = 90;

const GPU = "nvidia.com/gpu";

/** The worker's own word that nobody else will fare better with its run. */
const EXIT_CONFIGURATION = 78;

/** A Job with the fields that every one of ours has. */
export type WorkerJob = IJob & {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
};

/**
 * The Job of an order. Its name follows from the order, so that a request sent twice makes one Job.
 *
 * @throws {RangeError} when the order contradicts itself or has more workers than a Job takes.
 * @throws {Error} when the Job breaks a rule of the API or of ours, which is a defect.
 */
export async function buildJob(
  order: WorkOrder,
  config: KubernetesConfig,
): Promise<WorkerJob> {
  checkOrder(order);
  const { workers } = order;
  if (workers > MAX_WORKERS) {
    throw new RangeError(
      `Cannot dispatch to ${workers} workers: an Indexed Job takes at most ${MAX_WORKERS}`,
    );
  }
  const name = await jobName(order);
  const labels = {
    "app.kubernetes.io/name": "uptake",
    "app.kubernetes.io/component": "worker",
    [RUN_LABEL]: runLabel(order, name),
  };
  const spec: NonNullable<IJob["spec"]> = {
    completionMode: "Indexed",
    completions: workers,
    parallelism: Math.min(config.parallelism ?? workers, workers),
    backoffLimitPerIndex: config.backoffLimitPerIndex,
    // All may fail: one that was given up must not end the others, which can do its cases.
    maxFailedIndexes: workers,
    // No second worker on a GPU or shard while the first is still ending.
    podReplacementPolicy: "Failed",
    podFailurePolicy: {
      rules: [
        {
          // Others on the same run would find the same; on a run of their own they may do well.
          action: order.runs.length > 1 ? "FailIndex" : "FailJob",
          onExitCodes: {
            containerName: "worker",
            operator: "In",
            values: [EXIT_CONFIGURATION],
          },
        },
        // Evicted, drained or preempted: not the worker's fault.
        {
          action: "Ignore",
          onPodConditions: [{ type: "DisruptionTarget", status: "True" }],
        },
      ],
    },
    activeDeadlineSeconds: config.activeDeadlineSeconds,
    ttlSecondsAfterFinished: config.ttlSecondsAfterFinished,
    template: { metadata: { labels }, spec: podSpec(order, config) },
  };
  const job = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name,
      namespace: config.namespace,
      labels: {
        ...labels,
        ...(config.queue !== undefined &&
          { "kueue.x-k8s.io/queue-name": config.queue }),
      },
      annotations: { [SPEC_ANNOTATION]: await jsonSha256(spec) },
    },
    spec,
  } satisfies WorkerJob;
  new Job(job).validate();
  const [problem] = jobProblems(job);
  if (problem !== undefined) {
    throw new Error(`Cannot build the Job ${name}: ${problem}`);
  }
  return job;
}

function podSpec(order: WorkOrder, config: KubernetesConfig): IPodSpec {
  const { cpu, memory, ephemeralStorage, gpus, secret } = config;
  const tolerations = config.tolerations ??
    (gpus > 0
      ? [{
        key: GPU,
        operator: "Exists" as const,
        effect: "NoSchedule" as const,
      }]
      : []);
  return {
    restartPolicy: "Never",
    serviceAccountName: config.serviceAccount,
    // Workers talk to the bucket alone.
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: GRACE_SECONDS,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      fsGroup: USER,
      seccompProfile: { type: "RuntimeDefault" },
    },
    ...(config.nodeSelector && { nodeSelector: config.nodeSelector }),
    ...(tolerations.length > 0 && { tolerations: tolerations.map(defined) }),
    containers: [{
      name: "worker",
      image: config.image,
      // Kubernetes expands $(NAME) in arguments, and takes $$ for $.
      args: workArguments(order).map((arg) => arg.replace(/\$/g, "$$$$")),
      // The index comes as JOB_COMPLETION_INDEX, the count in no variable.
      env: [{ name: "UPTAKE_WORKER_COUNT", value: String(order.workers) }],
      ...(secret !== null &&
        { envFrom: [{ secretRef: { name: secret } }] }),
      resources: {
        requests: { cpu, memory, "ephemeral-storage": ephemeralStorage },
        limits: {
          memory,
          "ephemeral-storage": ephemeralStorage,
          ...(gpus > 0 && { [GPU]: gpus }),
        },
      },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      },
      volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
    }],
    volumes: [{ name: "tmp", emptyDir: { sizeLimit: ephemeralStorage } }],
  };
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** The same without fields that are undefined: the API's types know no such value. */
function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Defined<T>;
}
