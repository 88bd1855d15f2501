/**
 * What the API's schema does not say of a Job, but the API server, the scheduler or we insist on.
 *
 * Sources: Kubernetes API reference, batch/v1 JobSpec; Pod Security Standards, "restricted".
 * @module
 */
import type { IJob } from "kubernetes-models/batch/v1/Job";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";

const RFC_1123_LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?$/;
const BY_DIGEST = /@sha256:[0-9a-f]{64}$/;

/** Pods are named after their Job and index; their host names are labels too. */
const MAX_NAME_LENGTH = 63;

/** Volumes that "restricted" allows. */
const PLAIN_VOLUMES = new Set([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);

/** Everything wrong with a Job, each as a sentence; empty when it may be sent. */
export function jobProblems(job: IJob): string[] {
  const { metadata, spec } = job;
  if (metadata === undefined || spec === undefined) {
    return ["it lacks metadata or spec"];
  }
  const problems: string[] = [];
  const need = (isRight: boolean, problem: string) => {
    if (!isRight) problems.push(problem);
  };

  const name = metadata.name ?? "";
  need(
    RFC_1123_LABEL.test(name) && name.length <= MAX_NAME_LENGTH,
    `its name "${name}" is no RFC 1123 label of at most ${MAX_NAME_LENGTH} characters`,
  );
  need(
    metadata.generateName === undefined,
    "generateName makes a second Job of a request that is sent twice",
  );
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    need(
      value.length <= 63 && LABEL_VALUE.test(value),
      `its label ${key} cannot have the value "${value}"`,
    );
  }

  const { completions = 0, parallelism = 1, maxFailedIndexes } = spec;
  need(spec.completionMode === "Indexed", "completionMode must be Indexed");
  need(completions >= 1, "completions must be at least 1");
  need(parallelism <= completions, "parallelism is above completions");
  need(
    maxFailedIndexes === undefined || maxFailedIndexes <= completions,
    "maxFailedIndexes is above completions",
  );
  need(
    spec.backoffLimitPerIndex !== undefined || maxFailedIndexes === undefined,
    "maxFailedIndexes needs backoffLimitPerIndex",
  );
  need(
    spec.podFailurePolicy === undefined ||
      spec.podReplacementPolicy === "Failed",
    "podFailurePolicy needs the podReplacementPolicy Failed",
  );
  need(
    spec.suspend !== true,
    "nobody starts a suspended Job where Kueue is not installed",
  );
  const pod = spec.template.spec;
  if (pod === undefined) return [...problems, "its Pod has no spec"];
  need(pod.restartPolicy === "Never", "restartPolicy must be Never");
  return [...problems, ...podProblems(pod)];
}

/** Where a Pod breaks Pod Security "restricted", or our stricter rules. */
function podProblems(pod: IPodSpec): string[] {
  const problems: string[] = [];
  const need = (isRight: boolean, problem: string) => {
    if (!isRight) problems.push(problem);
  };
  const { securityContext } = pod;
  need(securityContext?.runAsNonRoot === true, "runAsNonRoot must be true");
  need(securityContext?.runAsUser !== 0, "runAsUser must not be 0");
  need(
    securityContext?.seccompProfile?.type === "RuntimeDefault",
    "seccompProfile must be RuntimeDefault",
  );
  need(
    !pod.hostNetwork && !pod.hostPID && !pod.hostIPC,
    "it must not share the node's namespaces",
  );
  need(
    pod.automountServiceAccountToken === false,
    "automountServiceAccountToken must be false",
  );
  for (const volume of pod.volumes ?? []) {
    const kinds = Object.keys(volume).filter((key) => key !== "name");
    need(
      kinds.every((kind) => PLAIN_VOLUMES.has(kind)),
      `volume "${volume.name}" is of a kind that is not allowed (${kinds})`,
    );
  }
  for (const container of [...pod.initContainers ?? [], ...pod.containers]) {
    const at = `container "${container.name}": `;
    const own = container.securityContext;
    need(
      own?.allowPrivilegeEscalation === false,
      `${at}allowPrivilegeEscalation must be false`,
    );
    need(own?.privileged !== true, `${at}privileged is not allowed`);
    need(
      own?.runAsNonRoot !== false && own?.runAsUser !== 0,
      `${at}it must not run as root`,
    );
    need(
      own?.readOnlyRootFilesystem === true,
      `${at}readOnlyRootFilesystem must be true`,
    );
    need(
      own?.capabilities?.drop?.includes("ALL") === true &&
        (own.capabilities.add ?? []).length === 0,
      `${at}all capabilities must be dropped, and none added`,
    );
    need(
      BY_DIGEST.test(container.image ?? ""),
      `${at}its image must be named by digest`,
    );
  }
  return problems;
}
