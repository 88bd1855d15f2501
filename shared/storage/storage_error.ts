/**
 * What every store throws when it cannot do its work. "There is no such object" is no error: it is null.
 * @module
 */
import { CaseError } from "../case_error.ts";

/** What was to be done, on what. */
export interface StorageTask {
  readonly operation:
    | "read"
    | "write"
    | "create"
    | "delete"
    | "list"
    | "look at";
  /** The store's location. */
  readonly location: string;
  /** The object's key or, for a listing, the start of keys; may be empty. */
  readonly key: string;
}

/**
 * - `storage`: the store did not do its work; later it may (no answer, disk full, too busy).
 * - `configuration`: it will not until someone changes something (no access, no such bucket).
 * - `unreadable`: this one object cannot be read, others can.
 */
export type StorageFailureKind = "storage" | "configuration" | "unreadable";

/** `problem`: starts in lower case, no full stop, holds no credentials and no signed URL. */
export function storageError(
  task: StorageTask,
  kind: StorageFailureKind,
  problem: string,
  cause?: unknown,
): CaseError {
  const { operation, location, key } = task;
  const name = key === "" ? location : `${location}/${key}`;
  return new CaseError(kind, `cannot ${operation} ${name}: ${problem}`, {
    cause,
  });
}

/** The refusal of an object that is larger than the caller is ready to hold. */
export function tooLarge(
  task: StorageTask,
  bytes: number,
  maxBytes: number,
): RangeError {
  return new RangeError(
    `Cannot read ${task.location}/${task.key} as it would take ${bytes} bytes: at most ${maxBytes} are allowed`,
  );
}
