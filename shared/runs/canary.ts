/**
 * The first case of a run that the network sees is its canary: when it fails for a reason that every
 * other case shares, the others are not tried.
 * @module
 */
import type { FailureKind, Stage } from "../case_error.ts";
import type { Failure } from "./records.ts";

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

const BEFORE_NETWORK: ReadonlySet<Stage> = new Set(["read", "preprocess"]);

/** Did a case that failed come as far as the network? One that cannot be read tells nothing of the others. */
export function sawNetwork({ stage }: Pick<Failure, "stage">): boolean {
  return !BEFORE_NETWORK.has(stage);
}
