/**
 * The file behind `--dispatch-config`: where workers run that are not processes of this machine.
 * These schemas are the single source of its fields.
 *
 * Sources: Kubernetes API, batch/v1 Job and core/v1 PodSpec; AWS Batch API, SubmitJob.
 * @module
 */
import { parseDocument } from "yaml";
import { z } from "zod";
import { schemaProblem } from "../network/schema_problem.ts";

/** A larger file is refused unread. */
export const MAX_DISPATCH_CONFIG_BYTES = 64 * 1024;

const DAY_SECONDS = 24 * 3600;

/** What one worker costs, for `status`. */
const price = {
  pricePerHour: z.number().min(0).optional(),
  currency: z.string().regex(/^[A-Z]{3}$/, "must be a code such as EUR")
    .default("USD"),
};

/** RFC 1123 label, as names of namespaces, Secrets and service accounts are. */
const nameSchema = z.string().max(63).regex(
  /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
  "must be lower-case letters, digits and hyphens",
);

const labelValueSchema = z.string().max(63).regex(
  /^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?$/,
  "must be letters, digits, dots, hyphens and underscores",
);

const bytesSchema = z.string().regex(
  /^[1-9][0-9]{0,14}(Ki|Mi|Gi|Ti|k|M|G|T)?$/,
  "must be an amount such as 16Gi",
);

const cpuSchema = z.union([
  z.number().positive().transform(String),
  z.string(),
]).pipe(
  z.string().regex(
    /^([1-9][0-9]{0,5}m|[0-9]{1,4}(\.[0-9]{1,3})?)$/,
    "must be a number of cores such as 4 or 500m",
  ),
);

const imageSchema = z.string().max(512).regex(
  /^[a-z0-9][A-Za-z0-9._:/-]*@sha256:[0-9a-f]{64}$/,
  "must name the image by digest (name@sha256:<64 hex digits>); a tag can move to another image",
);

/** A token must not travel in clear text, but a proxy on this machine adds its own. */
const apiServerSchema = z.string().max(2048).refine(
  (text) => {
    const url = URL.parse(text);
    if (url === null || url.search !== "" || url.hash !== "") return false;
    if (url.username !== "" || url.password !== "") return false;
    return url.protocol === "https:" || (url.protocol === "http:" &&
      ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname));
  },
  "must be an https:// URL (http:// only for a proxy on this machine) without credentials or query",
);

const tolerationSchema = z.strictObject({
  key: z.string().min(1).optional(),
  operator: z.enum(["Exists", "Equal"]).optional(),
  value: z.string().optional(),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional(),
});

export const kubernetesConfigSchema = z.strictObject({
  dispatch: z.literal("kubernetes"),
  /** Without it, the cluster this process runs in. */
  apiServer: apiServerSchema.optional(),
  /** Holds a bearer token; read anew for each request. */
  tokenFile: z.string().min(1).optional(),
  /** PEM certificates that sign the API server's. */
  caFile: z.string().min(1).optional(),
  namespace: nameSchema.default("uptake-jobs"),
  image: imageSchema,
  serviceAccount: nameSchema.default("uptake-worker"),
  /** Its entries become the worker's environment; null where the service account suffices. */
  secret: nameSchema.nullable().default("uptake-s3"),
  /** Of one worker, as all amounts here. */
  gpus: z.int().min(0).max(64).default(0),
  cpu: cpuSchema.default("4"),
  memory: bytesSchema.default("16Gi"),
  ephemeralStorage: bytesSchema.default("20Gi"),
  nodeSelector: z.record(z.string().min(1), labelValueSchema).optional(),
  tolerations: z.array(tolerationSchema).optional(),
  /** Kueue's local queue. */
  queue: nameSchema.optional(),
  /** How many workers run at once. */
  parallelism: z.int().min(1).max(100_000).optional(),
  /** How often one worker may fail before it is given up. */
  backoffLimitPerIndex: z.int().min(0).max(100).default(6),
  activeDeadlineSeconds: z.int().min(1).max(2 ** 31 - 1)
    .default(7 * DAY_SECONDS),
  ttlSecondsAfterFinished: z.int().min(0).max(2 ** 31 - 1)
    .default(7 * DAY_SECONDS),
  ...price,
});
export type KubernetesConfig = z.infer<typeof kubernetesConfigSchema>;

const jobDefinitionSchema = z.string().regex(
  /^(arn:aws[a-z-]*:batch:[a-z0-9-]+:[0-9]{12}:job-definition\/)?[A-Za-z0-9_-]{1,128}:[1-9][0-9]*$/,
  "must be name:revision or an ARN with a revision; without one it can change",
);

export const awsBatchConfigSchema = z.strictObject({
  dispatch: z.literal("aws-batch"),
  region: z.string().regex(
    /^[a-z]{2,}(-[a-z]+)+-[0-9]$/,
    "must be a region such as eu-central-1",
  ),
  /** Name or ARN. */
  jobQueue: z.string().regex(
    /^(arn:aws[a-z-]*:batch:[a-z0-9-]+:[0-9]{12}:job-queue\/)?[A-Za-z0-9_-]{1,128}$/,
    "must be a queue's name or ARN",
  ),
  /** Names the image, by digest, and the roles. */
  jobDefinition: jobDefinitionSchema,
  /** Of one worker, as all amounts here. */
  vcpus: z.number().min(0.25).max(1024).default(4),
  memoryMib: z.int().min(4).default(16384),
  gpus: z.int().min(0).max(64).default(0),
  /** How often a worker is tried in all. */
  attempts: z.int().min(1).max(10).default(5),
  attemptDurationSeconds: z.int().min(60).max(2 ** 31 - 1)
    .default(7 * DAY_SECONDS),
  tags: z.record(
    z.string().min(1).max(128).regex(/^(?!aws:)/i, "must not start with aws:"),
    z.string().max(256),
  ).default({}),
  ...price,
});
export type AwsBatchConfig = z.infer<typeof awsBatchConfigSchema>;

export const dispatchConfigSchema = z.discriminatedUnion("dispatch", [
  kubernetesConfigSchema,
  awsBatchConfigSchema,
]);
export type DispatchConfig = z.infer<typeof dispatchConfigSchema>;

/**
 * Reads the text of a dispatch configuration, YAML or JSON (which YAML contains).
 *
 * @throws {SyntaxError} when the text is too long, no YAML, or holds an unknown or a wrong field;
 *   the message names the place.
 */
export function parseDispatchConfig(text: string): DispatchConfig {
  const problem = (why: string, cause?: unknown) =>
    new SyntaxError(`Cannot use the dispatch configuration: ${why}`, { cause });
  if (text.length > MAX_DISPATCH_CONFIG_BYTES) {
    throw problem(`it is longer than ${MAX_DISPATCH_CONFIG_BYTES} characters`);
  }
  const document = parseDocument(text, { prettyErrors: true });
  const [error = document.warnings[0]] = document.errors;
  if (error !== undefined) {
    throw problem(`it is no YAML (${error.message.split("\n")[0]})`, error);
  }
  let json: unknown;
  try {
    // Aliases that name each other many times over would unfold into gigabytes.
    json = document.toJS({ maxAliasCount: 20 });
  } catch (cause) {
    throw problem(`it is no plain data (${(cause as Error).message})`, cause);
  }
  const result = dispatchConfigSchema.safeParse(json);
  if (!result.success) throw problem(schemaProblem(result.error), result.error);
  return result.data;
}
