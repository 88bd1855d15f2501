/**
 * How to reach a bucket, from the variables that AWS's own tools read.
 * @module
 */

export interface S3Settings {
  /** Of an S3-compatible server; AWS itself where undefined. */
  readonly endpoint: string | undefined;
  readonly region: string;
  /** `endpoint/bucket/key` rather than `bucket.endpoint/key`. */
  readonly pathStyle: boolean;
  /** Where undefined, the SDK looks in its usual places: profiles, web identity, the machine's role. */
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  } | undefined;
  readonly retry: RetrySettings;
  /** A connection on which nothing moves for so long counts as broken. */
  readonly idleTimeoutMs: number;
}

/** Waits double from `minDelayMs` to `maxDelayMs`, each made up to twice as long at random. */
export interface RetrySettings {
  /** How often one request is tried in all. */
  readonly attempts: number;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

/** One to two minutes of outage are survived. */
const RETRY: RetrySettings = {
  attempts: 12,
  minDelayMs: 250,
  maxDelayMs: 10_000,
};

const IDLE_TIMEOUT_MS = 60_000;

/** Reads one variable of the environment. */
export type ReadVariable = (name: string) => string | undefined;

/**
 * Reads `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`, `AWS_REGION` or `AWS_DEFAULT_REGION` (else
 * us-east-1), `AWS_S3_FORCE_PATH_STYLE` (else path style wherever an endpoint is set),
 * `AWS_ACCESS_KEY_ID` with `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, and `AWS_MAX_ATTEMPTS`.
 *
 * @throws {SyntaxError} when a value is nonsense; values of credentials are never shown.
 */
export function readS3Settings(read: ReadVariable): S3Settings {
  // An empty variable counts as none, as in AWS's tools.
  const value = (name: string) => read(name) || undefined;
  const endpoint = readEndpoint(value);
  return {
    endpoint,
    region: value("AWS_REGION") ?? value("AWS_DEFAULT_REGION") ?? "us-east-1",
    pathStyle: readFlag(value, "AWS_S3_FORCE_PATH_STYLE") ??
      endpoint !== undefined,
    credentials: readCredentials(value),
    retry: { ...RETRY, attempts: readAttempts(value) },
    idleTimeoutMs: IDLE_TIMEOUT_MS,
  };
}

function readEndpoint(value: ReadVariable): string | undefined {
  for (const name of ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]) {
    const text = value(name);
    if (text === undefined) continue;
    const url = URL.parse(text);
    if (url === null || !/^https?:$/.test(url.protocol)) {
      // Not shown: people put credentials into URLs.
      throw new SyntaxError(
        `Cannot use ${name}: it must be a URL that starts with http:// or https://`,
      );
    }
    return text;
  }
  return undefined;
}

function readFlag(value: ReadVariable, name: string): boolean | undefined {
  const text = value(name)?.toLowerCase();
  if (text === undefined) return undefined;
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0") return false;
  throw new SyntaxError(
    `Cannot use ${name}="${text}": it must be true or false`,
  );
}

function readCredentials(value: ReadVariable): S3Settings["credentials"] {
  const accessKeyId = value("AWS_ACCESS_KEY_ID");
  const secretAccessKey = value("AWS_SECRET_ACCESS_KEY");
  const sessionToken = value("AWS_SESSION_TOKEN");
  if (accessKeyId === undefined && secretAccessKey === undefined) {
    return undefined;
  }
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    const missing = accessKeyId === undefined
      ? "ACCESS_KEY_ID"
      : "SECRET_ACCESS_KEY";
    throw new SyntaxError(
      `Cannot use half a pair of credentials: AWS_${missing} is not set`,
    );
  }
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
  };
}

function readAttempts(value: ReadVariable): number {
  const text = value("AWS_MAX_ATTEMPTS");
  if (text === undefined) return RETRY.attempts;
  if (!/^[1-9][0-9]{0,3}$/.test(text)) {
    throw new SyntaxError(
      `Cannot use AWS_MAX_ATTEMPTS="${text}": it must be a whole number from 1 to 9999`,
    );
  }
  return Number(text);
}
