/**
 * What the file system's errors mean for a store.
 * @module
 */
import { CaseError } from "../case_error.ts";
import { storageError, type StorageTask } from "./storage_error.ts";

/** By the system's code; what is not here is a failure of the storage that may pass. */
const MEANINGS: Readonly<
  Record<string, { kind: "storage" | "configuration"; problem: string }>
> = {
  ENOSPC: { kind: "storage", problem: "the disk is full" },
  EDQUOT: { kind: "storage", problem: "the quota on the disk is used up" },
  EFBIG: {
    kind: "storage",
    problem: "the file would be larger than allowed here",
  },
  EIO: { kind: "storage", problem: "the disk reports an input/output error" },
  EACCES: { kind: "configuration", problem: "access is denied" },
  EPERM: { kind: "configuration", problem: "access is denied" },
  EROFS: { kind: "configuration", problem: "the file system is read-only" },
  EISDIR: { kind: "configuration", problem: "a folder stands there" },
  ENOTDIR: {
    kind: "configuration",
    problem: "a file stands where a folder is needed",
  },
  ENAMETOOLONG: {
    kind: "configuration",
    problem: "a name is too long for the file system",
  },
  ELOOP: { kind: "configuration", problem: "its symbolic links form a loop" },
};

/** What file systems without hard links answer. */
const NO_HARD_LINKS = new Set([
  "EPERM",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EMLINK",
]);

/** Says the error that there is nothing at the path? */
export function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.NotADirectory;
}

/** Says the error that nothing may be written there? */
export function isReadOnly(error: unknown): boolean {
  return error instanceof Deno.errors.NotCapable ||
    ["EACCES", "EPERM", "EROFS"].includes(systemCode(error));
}

/** The error to throw for one of the file system; what already tells enough stays as it is. */
export function fileFailure(task: StorageTask, error: unknown): unknown {
  if (error instanceof CaseError || error instanceof RangeError) return error;
  if (error instanceof Deno.errors.NotCapable) {
    return storageError(
      task,
      "configuration",
      "Deno was not given the permission",
      error,
    );
  }
  const code = systemCode(error);
  if (task.operation === "create" && NO_HARD_LINKS.has(code)) {
    return new Deno.errors.NotSupported(
      `Cannot create ${task.location}/${task.key} as the file system has no hard links (${code})`,
      { cause: error },
    );
  }
  const message = error instanceof Error ? error.message : String(error);
  const meaning = MEANINGS[code];
  if (meaning === undefined) {
    return storageError(task, "storage", message, error);
  }
  // A listing's message names the folder below the prefix that is at fault.
  const detail = task.operation === "list" ? message : code;
  return storageError(
    task,
    meaning.kind,
    `${meaning.problem} (${detail})`,
    error,
  );
}

function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
