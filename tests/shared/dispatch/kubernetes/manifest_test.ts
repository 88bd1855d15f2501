import { expect } from "@std/expect";
import fc from "fast-check";
import type { IJob } from "kubernetes-models/batch/v1/Job";
import {
  type KubernetesConfig,
  kubernetesConfigSchema,
  parseDispatchConfig,
} from "../../../../shared/dispatch/dispatch_config.ts";
import { DISPATCH_EXAMPLES } from "../../../../shared/dispatch/dispatch_examples.ts";
import type { WorkOrder } from "../../../../shared/dispatch/dispatcher.ts";
import { jobProblems } from "../../../../shared/dispatch/kubernetes/job_rules.ts";
import { buildJob } from "../../../../shared/dispatch/kubernetes/manifest.ts";
import { literalProblems } from "../../../support/literal_types.ts";

const IMAGE = `registry.example.org/uptake@sha256:${"0f".repeat(32)}`;
const RUN = "s3://bucket/home/runs/20261124T093015Z-4f2a9c";
const ORDER: WorkOrder = { runs: [RUN], workers: 4, sharded: false };
const FOLDS: WorkOrder = {
  runs: ["s3://b/r0", "s3://b/r1", "s3://b/r2", "s3://b/r3", "s3://b/r4"],
  workers: 5,
  sharded: false,
};

const config = (fields: Partial<KubernetesConfig> = {}): KubernetesConfig =>
  kubernetesConfigSchema.parse({
    dispatch: "kubernetes",
    image: IMAGE,
    ...fields,
  });

function everyField(): KubernetesConfig {
  const parsed = parseDispatchConfig(DISPATCH_EXAMPLES.kubernetes);
  if (parsed.dispatch !== "kubernetes") throw new Error("another example");
  return parsed;
}

Deno.test("buildJob() makes the Job of an order, all of it", async () => {
  const labels = {
    "app.kubernetes.io/name": "uptake",
    "app.kubernetes.io/component": "worker",
    "uptake/run": "20261124T093015Z-4f2a9c",
  };
  const job = await buildJob(ORDER, config());
  expect(job).toEqual({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: expect.stringMatching(/^uptake-[0-9a-f]{12}$/),
      namespace: "uptake-jobs",
      labels,
      annotations: {
        "uptake/spec-sha256": expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    },
    spec: {
      completionMode: "Indexed",
      completions: 4,
      parallelism: 4,
      backoffLimitPerIndex: 6,
      maxFailedIndexes: 4,
      podReplacementPolicy: "Failed",
      podFailurePolicy: {
        rules: [
          {
            action: "FailJob",
            onExitCodes: {
              containerName: "worker",
              operator: "In",
              values: [78],
            },
          },
          {
            action: "Ignore",
            onPodConditions: [{ type: "DisruptionTarget", status: "True" }],
          },
        ],
      },
      activeDeadlineSeconds: 604_800,
      ttlSecondsAfterFinished: 604_800,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: "Never",
          serviceAccountName: "uptake-worker",
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 90,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            runAsGroup: 65532,
            fsGroup: 65532,
            seccompProfile: { type: "RuntimeDefault" },
          },
          containers: [{
            name: "worker",
            image: IMAGE,
            args: ["work", "--run", RUN],
            env: [{ name: "UPTAKE_WORKER_COUNT", value: "4" }],
            envFrom: [{ secretRef: { name: "uptake-s3" } }],
            resources: {
              requests: {
                cpu: "4",
                memory: "16Gi",
                "ephemeral-storage": "20Gi",
              },
              limits: { memory: "16Gi", "ephemeral-storage": "20Gi" },
            },
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ["ALL"] },
            },
            volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
          }],
          volumes: [{ name: "tmp", emptyDir: { sizeLimit: "20Gi" } }],
        },
      },
    },
  });
});

Deno.test("buildJob() runs five folds as one Job whose index is the fold", async () => {
  const { spec, metadata } = await buildJob(FOLDS, config());
  expect(spec?.completions).toBe(5);
  expect(spec?.template.spec?.containers[0]?.args)
    .toEqual(["work", "--run", ...FOLDS.runs]);
  expect(metadata.labels["uptake/run"]).toBe(metadata.name);
});

Deno.test("buildJob() ends the other workers of a run by a wrong configuration, not other runs", async () => {
  const rule = async (order: WorkOrder) => {
    const { spec } = await buildJob(order, config());
    return spec?.podFailurePolicy?.rules[0];
  };
  expect(await rule(ORDER)).toMatchObject({
    action: "FailJob",
    onExitCodes: { values: [78] },
  });
  expect(await rule(FOLDS)).toMatchObject({
    action: "FailIndex",
    onExitCodes: { values: [78] },
  });
});

Deno.test("buildJob() lets Kubernetes expand nothing in a location", async () => {
  const { spec } = await buildJob(
    { ...ORDER, runs: ["s3://b/$(HOME)/$$x"] },
    config(),
  );
  expect(spec?.template.spec?.containers[0]?.args?.[2])
    .toBe("s3://b/$$(HOME)/$$$$x");
});

Deno.test("buildJob() adds what the configuration asks for", async () => {
  const { metadata, spec } = await buildJob(ORDER, everyField());
  expect(metadata.labels["kueue.x-k8s.io/queue-name"]).toBe("gpu");
  expect(spec?.parallelism).toBe(4);
  expect(spec?.suspend).toBe(undefined);
  const pod = spec?.template.spec;
  expect(pod?.nodeSelector)
    .toEqual({ "node.kubernetes.io/instance-type": "g5.xlarge" });
  expect(pod?.tolerations).toEqual([
    { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
  ]);
  expect(pod?.containers[0]?.resources?.limits?.["nvidia.com/gpu"]).toBe(1);
  expect(pod?.containers[0]?.resources?.requests)
    .not.toHaveProperty(["nvidia.com/gpu"]);
});

Deno.test("buildJob() tolerates GPU nodes by itself only when it needs GPUs", async () => {
  const tolerations = async (fields: Partial<KubernetesConfig>) =>
    (await buildJob(ORDER, config(fields))).spec?.template.spec?.tolerations;
  expect(await tolerations({ gpus: 2 })).toEqual([
    { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
  ]);
  expect(await tolerations({ gpus: 2, tolerations: [] })).toBe(undefined);
  expect(await tolerations({})).toBe(undefined);
});

Deno.test("buildJob() takes no Secret where there is none", async () => {
  const { spec } = await buildJob(ORDER, config({ secret: null }));
  expect(spec?.template.spec?.containers[0]).not.toHaveProperty("envFrom");
});

Deno.test("buildJob() names the same order alike, and tells another Pod by its hash", async () => {
  const [a, again, other] = await Promise.all([
    buildJob(ORDER, config()),
    buildJob({ ...ORDER }, config()),
    buildJob(ORDER, config({ memory: "8Gi" })),
  ]);
  expect(again).toEqual(a);
  expect(other.metadata.name).toBe(a.metadata.name);
  expect(other.metadata.annotations).not.toEqual(a.metadata.annotations);
  const sharded = await buildJob({ ...ORDER, sharded: true }, config());
  expect(sharded.metadata.name).not.toBe(a.metadata.name);
});

Deno.test("buildJob() refuses more workers than a Job takes", async () => {
  await expect(buildJob({ ...ORDER, workers: 100_001 }, config()))
    .rejects.toThrow("an Indexed Job takes at most 100000");
  await expect(buildJob({ ...ORDER, workers: 0 }, config()))
    .rejects.toThrow(RangeError);
});

Deno.test("buildJob() breaks no rule, whatever order and configuration", async () => {
  const anyOrder = fc.record({
    runs: fc.array(
      fc.string({ minLength: 1 }).filter((run) => !run.startsWith("-")),
      { minLength: 1, maxLength: 1 },
    ),
    workers: fc.integer({ min: 1, max: 100_000 }),
    sharded: fc.boolean(),
  });
  const anyConfig = fc.record({
    gpus: fc.nat(8),
    parallelism: fc.integer({ min: 1, max: 100_000 }),
    backoffLimitPerIndex: fc.nat(100),
    cpu: fc.constantFrom("500m", "0.5", "64"),
    memory: fc.constantFrom("1", "512M", "1Ti"),
    secret: fc.constantFrom(null, "a"),
  });
  await fc.assert(
    fc.asyncProperty(anyOrder, anyConfig, async (order, fields) => {
      expect(jobProblems(await buildJob(order, config(fields)))).toEqual([]);
    }),
  );
});

Deno.test("buildJob() uses no field that the API does not know", async () => {
  const literal = (value: unknown) => ({
    module: "kubernetes-models/batch/v1/Job",
    type: "IJob",
    value,
  });
  const jobs = await Promise.all([
    buildJob(ORDER, config()),
    buildJob(FOLDS, everyField()),
  ]);
  expect(await literalProblems(jobs.map(literal))).toBe("");

  // The check itself: a misspelt field, deep inside.
  const wrong = structuredClone<IJob>(jobs[0]!);
  Object.assign(wrong.spec!.template.spec!.containers[0]!.resources!, {
    limit: {},
  });
  expect(await literalProblems([literal(wrong)])).toContain("'\"limit\"'");
});

const BREACHES: readonly (readonly [string, (job: IJob) => void])[] = [
  ["RFC 1123", (job) => job.metadata!.name = "Uptake_1"],
  ["RFC 1123", (job) => job.metadata!.name = "a".repeat(64)],
  ["generateName", (job) => job.metadata!.generateName = "uptake-"],
  ["label uptake/run", (job) => job.metadata!.labels!["uptake/run"] = "a b"],
  ["Indexed", (job) => job.spec!.completionMode = "NonIndexed"],
  [
    "completions must",
    (job) =>
      Object.assign(job.spec!, {
        completions: 0,
        parallelism: 0,
        maxFailedIndexes: 0,
      }),
  ],
  ["parallelism is above", (job) => job.spec!.parallelism = 5],
  ["maxFailedIndexes is above", (job) => job.spec!.maxFailedIndexes = 5],
  ["backoffLimitPerIndex", (job) => delete job.spec!.backoffLimitPerIndex],
  ["podReplacementPolicy", (job) => delete job.spec!.podReplacementPolicy],
  ["suspended", (job) => job.spec!.suspend = true],
  ["restartPolicy", (job) => pod(job).restartPolicy = "OnFailure"],
  ["runAsNonRoot", (job) => delete pod(job).securityContext!.runAsNonRoot],
  ["runAsUser", (job) => pod(job).securityContext!.runAsUser = 0],
  [
    "seccompProfile",
    (job) => pod(job).securityContext!.seccompProfile!.type = "Unconfined",
  ],
  ["node's namespaces", (job) => pod(job).hostNetwork = true],
  [
    "automountServiceAccountToken",
    (job) => delete pod(job).automountServiceAccountToken,
  ],
  [
    'volume "host"',
    (job) => pod(job).volumes!.push({ name: "host", hostPath: { path: "/" } }),
  ],
  [
    "allowPrivilegeEscalation",
    (job) => delete own(job).allowPrivilegeEscalation,
  ],
  ["privileged", (job) => own(job).privileged = true],
  ["run as root", (job) => own(job).runAsUser = 0],
  ["readOnlyRootFilesystem", (job) => own(job).readOnlyRootFilesystem = false],
  ["capabilities", (job) => own(job).capabilities!.drop = []],
  ["capabilities", (job) => own(job).capabilities!.add = ["SYS_ADMIN"]],
  ["digest", (job) => pod(job).containers[0]!.image = "uptake:latest"],
];

const pod = (job: IJob) => job.spec!.template.spec!;
const own = (job: IJob) => pod(job).containers[0]!.securityContext!;

Deno.test("jobProblems() tells each breach of a rule, and nothing else", async () => {
  for (const [problem, breach] of BREACHES) {
    const job = structuredClone<IJob>(await buildJob(ORDER, config()));
    breach(job);
    const problems = jobProblems(job);
    expect(problems.length).toBe(1);
    expect(problems[0]).toContain(problem);
  }
});
