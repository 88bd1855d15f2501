/** @module Errors as people read them. */
import { CaseError } from "../../shared/case_error.ts";

/** What is ours to explain gets its sentence, and its cause if that says more; a defect gets its stack. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isDefect = error instanceof TypeError ||
    error instanceof ReferenceError;
  if (isDefect && error.stack !== undefined) return error.stack;
  const sentence = error instanceof CaseError && error.caseId === undefined
    ? error.problem.charAt(0).toUpperCase() + error.problem.slice(1)
    : error.message;
  const { cause } = error;
  return cause instanceof Error && !error.message.includes(cause.message)
    ? `${sentence}\n  because: ${cause.message}`
    : sentence;
}
