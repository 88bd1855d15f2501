/**
 * What a runtime throws, told as an engine's failure.
 * @module
 */
import { CaseError } from "../case_error.ts";

/** The words in which runtimes say that memory ran out. */
const OUT_OF_MEMORY =
  /out of memory|bad_alloc|failed to allocate|allocation failed|cannot enlarge memory|not enough memory|memory access out of bounds|OOM|ResourceExhausted/i;

/** What an error says, on one line and cut to a readable length. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}...` : line;
}

/**
 * A runtime's error as a CaseError of kind `outOfMemory` or `engine`; a CaseError stays as it is.
 *
 * @param task What could not be done, as in "ONNX Runtime cannot run the network".
 */
export function engineFailure(task: string, error: unknown): CaseError {
  if (error instanceof CaseError) return error;
  const reason = reasonOf(error);
  const kind = OUT_OF_MEMORY.test(reason) ? "outOfMemory" : "engine";
  return new CaseError(kind, `${task}: ${reason}`, { cause: error });
}
