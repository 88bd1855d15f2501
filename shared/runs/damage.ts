/**
 * Recorded cases of which something is gone or not what it was. A result never changes, so they are told
 * of, not done again.
 * @module
 */
import type { ObjectStore } from "../storage/object_store.ts";
import { ATTEMPTS } from "./keys.ts";
import type { Damage, Output, Result } from "./records.ts";

/** What to do about a result whose files are gone or differ. */
export const SEGMENT_ELSEWHERE = "segment it again into another run";

/** What to do about a result that cannot be understood. */
export const MOVE_AWAY = "move it away to have the case done again";

/** What to do about a failure that cannot be understood. */
export const TRY_AGAIN = "`uptake retry --failed` tries the case again";

/** The damage of records that cannot be understood, by their cases. */
export function damageOf(
  problems: ReadonlyMap<string, string>,
  advice: string,
): Damage[] {
  return Array.from(problems, ([caseId, problem]) => ({
    caseId,
    problem: `${problem.replaceAll(/\s*\n\s*/g, " ")}: ${advice}`,
    isRecord: true,
  }));
}

/** Results whose committed files are gone or of another size: one listing, none where nothing was written. */
export async function findDamage(
  store: ObjectStore,
  results: readonly Result[],
): Promise<Damage[]> {
  const expected = new Map<string, { caseId: string; output: Output }>();
  for (const { caseId, outputs } of results) {
    for (const output of outputs) expected.set(output.key, { caseId, output });
  }
  if (expected.size === 0) return [];
  const found = new Map<string, number>();
  for await (const { key, bytes } of store.list(ATTEMPTS)) {
    if (expected.get(key)?.output.bytes === bytes) expected.delete(key);
    else if (expected.has(key)) found.set(key, bytes);
  }
  const problems = new Map<string, string>();
  for (const [key, { caseId, output }] of expected) {
    if (problems.has(caseId)) continue;
    const bytes = found.get(key);
    const what = bytes === undefined
      ? `is gone (${key})`
      : `has ${bytes} bytes, ${output.bytes} were committed (${key})`;
    problems.set(
      caseId,
      `Case "${caseId}" is recorded, but its ${output.name} ${what}: ${SEGMENT_ELSEWHERE}`,
    );
  }
  return Array.from(problems, ([caseId, problem]) => ({ caseId, problem }));
}
