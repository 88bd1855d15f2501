/**
 * The first case of a run is its canary: when it fails for a reason that every other case shares,
 * the others are not tried.
 * @module
 */
import type { FailureKind } from "../case_error.ts";

const REPEATING: ReadonlySet<FailureKind> = new Set([
  "model",
  "engine",
  "outOfMemory",
  "configuration",
]);

/** Would every other case fail of this, too? */
export function isRepeating(kind: FailureKind): boolean {
  return REPEATING.has(kind);
}
