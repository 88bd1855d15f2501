/**
 * What the SDK's and the server's errors mean for a store.
 * @module
 */
import { CaseError } from "../case_error.ts";
import {
  storageError,
  type StorageFailureKind,
  type StorageTask,
} from "./storage_error.ts";

/** What is known of an error of the SDK; its other fields hold headers and request ids. */
interface S3Problem {
  /** The server's code such as `NoSuchKey`, else the error's name. */
  readonly code: string;
  /** Undefined when no answer came. */
  readonly status: number | undefined;
  readonly message: string;
}

/** Codes of answers that may be better next time though their status says otherwise. */
const TRANSIENT_CODES = new Set([
  "RequestTimeout",
  "RequestTimeTooSkewed", // the SDK learns the server's clock from the refusal
  // The body was damaged on its way.
  "BadDigest",
  "XAmzContentSHA256Mismatch",
  "IncompleteBody",
  "ConditionalRequestConflict",
  "OperationAborted",
]);

const CREDENTIAL_CODES = new Set([
  "InvalidAccessKeyId",
  "SignatureDoesNotMatch",
  "ExpiredToken",
  "InvalidToken",
  "TokenRefreshRequired",
]);

const REGION_CODES = new Set([
  "PermanentRedirect",
  "TemporaryRedirect",
  "AuthorizationHeaderMalformed",
  "IllegalLocationConstraintException",
]);

export function s3Problem(error: unknown): S3Problem {
  if (!(error instanceof Error)) {
    return { code: "Unknown", status: undefined, message: String(error) };
  }
  const systemCode = "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
  const serverCode = "Code" in error && typeof error.Code === "string"
    ? error.Code
    : undefined;
  return {
    code: serverCode ?? systemCode ?? error.name,
    status: httpStatus(error),
    message: error.message,
  };
}

function httpStatus(error: Error): number | undefined {
  if (!("$metadata" in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== "object" || metadata === null) return undefined;
  if (!("httpStatusCode" in metadata)) return undefined;
  const status = metadata.httpStatusCode;
  return typeof status === "number" ? status : undefined;
}

/** May the same request succeed in a while? */
export function isTransient(error: unknown): boolean {
  if (error instanceof CaseError || error instanceof RangeError) return false;
  const { code, status, message } = s3Problem(error);
  if (status === undefined) {
    return code !== "CredentialsProviderError" && !isRefusedByDeno(error) &&
      !isCertificateProblem(message);
  }
  return TRANSIENT_CODES.has(code) || status === 408 || status === 429 ||
    // A success that does not parse was cut short.
    (status >= 200 && status < 300) || isUnreadAnswer(message) ||
    (status >= 500 && status !== 501);
}

/** A refusal that was cut short or damaged says nothing; the SDK adds a hint to what its parser throws. */
function isUnreadAnswer(message: string): boolean {
  return message.includes("Deserialization error");
}

function isRefusedByDeno(error: unknown): boolean {
  return error instanceof Deno.errors.NotCapable;
}

function isCertificateProblem(message: string): boolean {
  return /certificate/i.test(message);
}

/** The error to throw when a request finally failed; what already tells enough stays as it is. */
export function s3Failure(
  task: StorageTask,
  error: unknown,
  attempts: number,
): unknown {
  if (error instanceof CaseError || error instanceof RangeError) return error;
  const { kind, problem } = explain(error);
  const tried = attempts > 1 ? `, in ${attempts} attempts` : "";
  return storageError(task, kind, problem + tried, plainCause(error));
}

/** A failure in words, as the end of a sentence. */
export function explain(
  error: unknown,
): { kind: StorageFailureKind; problem: string } {
  const { code, status, message } = s3Problem(error);
  const configuration = (problem: string) => ({
    kind: "configuration" as const,
    problem,
  });
  if (status === undefined) {
    if (code === "CredentialsProviderError") {
      return configuration(
        "no credentials were found (set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE)",
      );
    }
    if (isRefusedByDeno(error)) {
      return configuration(`Deno was not given the permission (${message})`);
    }
    if (isCertificateProblem(message)) {
      return configuration(`the server's certificate is refused (${message})`);
    }
    return {
      kind: "storage",
      problem: `no answer from the server (${code}: ${message})`,
    };
  }
  if (isUnreadAnswer(message)) {
    return {
      kind: "storage",
      problem: `the server's answer ${status} arrives damaged`,
    };
  }
  const answer = `${status} ${code}`;
  if (code === "NoSuchBucket") return configuration("there is no such bucket");
  if (REGION_CODES.has(code) || status === 301 || status === 307) {
    return configuration(
      `the bucket is in another region: set AWS_REGION (${answer})`,
    );
  }
  if (CREDENTIAL_CODES.has(code)) {
    return configuration(`the server refuses the credentials (${answer})`);
  }
  if (status === 401 || status === 403) {
    return configuration(`access is denied (${answer})`);
  }
  if (status === 501) {
    return configuration(`the server does not support this (${answer})`);
  }
  if (isTransient(error)) {
    return { kind: "storage", problem: `the server answers ${answer}` };
  }
  return configuration(
    `the server refuses the request (${answer}: ${message})`,
  );
}

/** The error without the fields in which servers repeat keys, signatures and the signed text. */
function plainCause(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const plain = new Error(error.message);
  plain.name = error.name;
  if (error.stack !== undefined) plain.stack = error.stack;
  return plain;
}
