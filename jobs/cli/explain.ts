/** @module Errors as people read them. */
import { CaseError } from "../../shared/case_error.ts";

/** What the AWS SDK says where a server's answer has no body. */
const SAYS_NOTHING = /^(UnknownError)?$/;

/** What is ours to explain gets its sentence, and its cause if that says more; a defect gets its stack. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // By name: an error that comes from another thread has lost its class.
  const isDefect = error.name === "TypeError" ||
    error.name === "ReferenceError";
  if (isDefect && error.stack !== undefined) return error.stack;
  const sentence = error instanceof CaseError && error.caseId === undefined
    ? error.problem.charAt(0).toUpperCase() + error.problem.slice(1)
    : error.message;
  const { cause } = error;
  const saysMore = cause instanceof Error &&
    !SAYS_NOTHING.test(cause.message) &&
    !error.message.toLowerCase().includes(cause.message.toLowerCase());
  return saysMore ? `${sentence}\n  because: ${cause.message}` : sentence;
}
