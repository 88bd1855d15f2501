/** @module Which cases of an evaluation failed, and what people can do about it. */
import type { Failure } from "../../../shared/runs/records.ts";
import { printableLine } from "../../cli/printable.ts";
import { count } from "./cells.ts";

/** More are counted: the run tells of all. */
const MOST_SHOWN = 5;

/** `2 cases failed: a (timeout), b (unreadable)`, and below it how to try them again. */
export function failuresText(
  location: string,
  failures: readonly Pick<Failure, "caseId" | "kind">[],
): string {
  const shown = failures.slice(0, MOST_SHOWN)
    .map(({ caseId, kind }) => `${printableLine(caseId)} (${kind})`);
  const more = failures.length - shown.length;
  return `${count(failures.length, "case")} failed: ${shown.join(", ")}${
    more > 0 ? ` and ${more} more` : ""
  }\n  uptake retry --run ${location} --failed`;
}
