/**
 * What our manifests promise beyond the API's schema.
 *
 * Source: Kubernetes, "Pod Security Standards" (restricted), "RBAC good practices", CronJob limits.
 * @module
 */
import { z } from "zod";
import type { Resource } from "./render.ts";

const containerSchema = z.looseObject({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()).default([]),
  envFrom: z.array(z.looseObject({
    configMapRef: z.looseObject({ name: z.string() }).optional(),
    secretRef: z.looseObject({ name: z.string() }).optional(),
  })).default([]),
  resources: z.looseObject({
    requests: z.record(z.string(), z.unknown()).default({}),
    limits: z.record(z.string(), z.unknown()).default({}),
  }).prefault({}),
  securityContext: z.looseObject({
    allowPrivilegeEscalation: z.boolean().optional(),
    readOnlyRootFilesystem: z.boolean().optional(),
    privileged: z.boolean().optional(),
    capabilities: z.looseObject({
      drop: z.array(z.string()).default([]),
      add: z.array(z.string()).default([]),
    }).prefault({}),
  }).prefault({}),
});

const podSchema = z.looseObject({
  restartPolicy: z.string().optional(),
  serviceAccountName: z.string().default("default"),
  automountServiceAccountToken: z.boolean().optional(),
  hostNetwork: z.boolean().optional(),
  hostPID: z.boolean().optional(),
  hostIPC: z.boolean().optional(),
  securityContext: z.looseObject({
    runAsNonRoot: z.boolean().optional(),
    runAsUser: z.number().optional(),
    seccompProfile: z.looseObject({ type: z.string() }).optional(),
  }).prefault({}),
  initContainers: z.array(containerSchema).default([]),
  containers: z.array(containerSchema),
  volumes: z.array(z.record(z.string(), z.unknown())).default([]),
});
export type Pod = z.infer<typeof podSchema>;

const withTemplate = z.looseObject({
  template: z.looseObject({ spec: podSchema }),
});

/** The Pod that a resource makes; undefined where it makes none. */
export function podOf(resource: Resource): Pod | undefined {
  const { kind, spec } = resource;
  if (kind === "Deployment" || kind === "Job") {
    return withTemplate.parse(spec).template.spec;
  }
  if (kind !== "CronJob") return undefined;
  return z.looseObject({ jobTemplate: z.looseObject({ spec: withTemplate }) })
    .parse(spec).jobTemplate.spec.template.spec;
}

const VOLUMES = ["configMap", "emptyDir", "projected", "secret"];

function podProblems(pod: Pod): string[] {
  const problems: string[] = [];
  const need = (holds: boolean, problem: string) => {
    if (!holds) problems.push(problem);
  };
  const { securityContext: own } = pod;
  need(own.runAsNonRoot === true, "may run as root");
  need(own.runAsUser === 65532, "does not run as 65532");
  need(own.seccompProfile?.type === "RuntimeDefault", "has no seccomp profile");
  need(!pod.hostNetwork && !pod.hostPID && !pod.hostIPC, "shares the host's");
  need(pod.serviceAccountName !== "default", "uses the default account");
  need(
    pod.automountServiceAccountToken !== undefined,
    "does not say whether it gets a token",
  );
  for (const volume of pod.volumes) {
    const kinds = Object.keys(volume).filter((key) => key !== "name");
    need(
      kinds.every((kind) => VOLUMES.includes(kind)),
      `has a volume ${kinds}`,
    );
  }
  for (const container of [...pod.initContainers, ...pod.containers]) {
    const { securityContext: locked, resources } = container;
    need(locked.allowPrivilegeEscalation === false, "may escalate");
    need(locked.readOnlyRootFilesystem === true, "has a writable root");
    need(locked.privileged !== true, "is privileged");
    need(locked.capabilities.drop.includes("ALL"), "keeps capabilities");
    need(locked.capabilities.add.length === 0, "adds capabilities");
    need(
      /^[^@:]+(:\d+)?\/[^@:]+@sha256:[0-9a-f]{64}$/.test(container.image),
      `runs ${container.image}, which is no digest`,
    );
    need("memory" in resources.limits, "has no memory limit");
    need("cpu" in resources.requests, "requests no processor");
  }
  return problems;
}

const rulesSchema = z.array(z.looseObject({
  apiGroups: z.array(z.string()),
  resources: z.array(z.string()),
  verbs: z.array(z.string()),
}));

/** What no role of ours may name: each is a way to more rights than were meant. */
const FORBIDDEN: Readonly<Record<string, readonly string[]>> = {
  secrets: ["*"],
  "pods/exec": ["*"],
  "pods/attach": ["*"],
  "pods/portforward": ["*"],
  serviceaccounts: ["*"],
  "serviceaccounts/token": ["*"],
  roles: ["*"],
  rolebindings: ["*"],
  pods: ["create", "update", "patch", "delete"],
  jobs: ["update", "patch", "deletecollection"],
};

function roleProblems(rules: unknown): string[] {
  return rulesSchema.parse(rules).flatMap((rule) => {
    const all = [...rule.apiGroups, ...rule.resources, ...rule.verbs];
    if (all.includes("*")) return ["has a wildcard"];
    return rule.resources.flatMap((resource) =>
      (FORBIDDEN[resource] ?? []).filter((verb) =>
        verb === "*" || rule.verbs.includes(verb)
      ).map((verb) => `may ${verb} ${resource}`)
    );
  });
}

function namespaceProblems(
  namespace: Resource,
  resources: readonly Resource[],
): string[] {
  const { name, labels } = namespace.metadata;
  const inside = (kind: string) =>
    resources.filter((one) =>
      one.kind === kind && one.metadata.namespace === name
    );
  const problems: string[] = [];
  if (labels["pod-security.kubernetes.io/enforce"] !== "restricted") {
    problems.push("does not enforce restricted Pods");
  }
  const quotas = inside("ResourceQuota").map(({ spec }) =>
    JSON.stringify(spec)
  );
  if (!quotas.some((quota) => quota.includes("requests.nvidia.com/gpu"))) {
    problems.push("has no quota that counts GPUs");
  }
  if (inside("LimitRange").length === 0) problems.push("has no LimitRange");
  const denied = inside("NetworkPolicy").some(({ spec }) =>
    JSON.stringify(spec) ===
      JSON.stringify({ podSelector: {}, policyTypes: ["Ingress", "Egress"] })
  );
  if (!denied) problems.push("does not deny traffic by default");
  return problems;
}

function cronProblems({ metadata, spec }: Resource): string[] {
  const fields = z.looseObject({
    timeZone: z.string().optional(),
    concurrencyPolicy: z.string().optional(),
    startingDeadlineSeconds: z.number().optional(),
  }).parse(spec);
  const problems: string[] = [];
  // The Jobs' names get eleven characters more, and 63 are allowed.
  if (metadata.name.length > 52) problems.push("has too long a name");
  if (fields.timeZone === undefined) problems.push("has no time zone");
  if (fields.concurrencyPolicy !== "Forbid") problems.push("may overlap");
  // Without it, 100 missed starts end it for good.
  if (fields.startingDeadlineSeconds === undefined) {
    problems.push("has no starting deadline");
  }
  return problems;
}

/** What breaks our rules, each with the resource's kind and name. */
export function ruleProblems(resources: readonly Resource[]): string[] {
  return resources.flatMap((resource) => {
    const { kind, metadata } = resource;
    const pod = podOf(resource);
    const problems = pod === undefined ? [] : podProblems(pod);
    if (kind === "Role") problems.push(...roleProblems(resource.rules));
    if (kind === "ClusterRole" || kind === "ClusterRoleBinding") {
      problems.push("reaches every namespace");
    }
    if (kind === "Namespace") {
      problems.push(...namespaceProblems(resource, resources));
    }
    if (kind === "CronJob") problems.push(...cronProblems(resource));
    if (kind === "Secret") problems.push("is committed");
    if (
      kind === "ServiceAccount" &&
      resource.automountServiceAccountToken !== false
    ) {
      problems.push("mounts its token everywhere");
    }
    if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(metadata.name)) {
      problems.push("has no valid name");
    }
    return problems.map((problem) => `${kind} ${metadata.name} ${problem}`);
  });
}
