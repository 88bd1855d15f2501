/**
 * Lesion tables of cases, worked out when somebody looks, a few at a time, and kept: results never change.
 * @module
 */
import { CaseError } from "../../shared/case_error.ts";
import type { CaseDetail } from "../../shared/catalog/queries/case_detail.ts";
import type { Clock } from "../../shared/dispatch/clock.ts";
import { sha256 } from "../../shared/runs/sha256.ts";
import { type CaseFileDeps, type CaseFileKind, fileOf } from "./case_files.ts";
import type { LesionTable } from "./lesion_table.ts";
import { createLesionThreads } from "./lesion_threads.ts";
import { MOST_BYTES } from "./limits.ts";
import type { LesionFile, ReadLesions } from "./measure_lesions.ts";
import { createTurns } from "./turns.ts";

/** Tables kept; the one that was not asked for the longest is forgotten first. */
const MOST_TABLES = 500;

/** Volumes fill much memory, and measuring them a core: those of so many cases at a time. */
const MOST_AT_A_TIME = 2;

/** @param classes names by value; the first is the background */
export type LesionReader = (
  detail: CaseDetail,
  classes: readonly string[],
) => Promise<ReadLesions>;

/** @param deps whose signal ends what is under way */
export function createLesionReader(
  deps: CaseFileDeps & { readonly clock: Clock; readonly signal: AbortSignal },
): LesionReader {
  const { signal } = deps;
  const threads = createLesionThreads(deps);
  const turns = createTurns(MOST_AT_A_TIME);
  const kept = new Map<string, LesionTable>();
  const underWay = new Map<string, Promise<ReadLesions>>();

  function keep(name: string, table: LesionTable): void {
    kept.delete(name);
    kept.set(name, table);
    const [oldest] = kept.keys();
    if (kept.size > MOST_TABLES && oldest !== undefined) kept.delete(oldest);
  }

  async function read(
    detail: CaseDetail,
    classes: readonly string[],
  ): Promise<ReadLesions> {
    const end = await turns.take(signal);
    try {
      const files = {
        mask: await fileFor("mask", detail),
        label: await fileFor("label", detail),
        image: detail.unit === "SUV" ? await fileFor("image", detail) : null,
      };
      return await threads.measure(files, classes);
    } finally {
      end();
    }
  }

  async function fileFor(
    kind: CaseFileKind,
    detail: CaseDetail,
  ): Promise<LesionFile> {
    try {
      const file = await fileOf(deps, detail, kind);
      if (file !== null && "refused" in file) return file.refused;
      const found = await file?.store.get(file.key, {
        maxBytes: MOST_BYTES,
        signal,
      });
      const body = found?.body ?? null;
      const committed = file?.sha256 ?? null;
      return body === null || committed === null ||
          committed === await sha256(body)
        ? body
        : `The ${kind} is not what the run committed`;
    } catch (error) {
      // A store that does not answer is an outage, not a property of the case.
      if (error instanceof CaseError && error.kind !== "storage") {
        return `The ${kind} cannot be read: ${error.message}`;
      }
      if (error instanceof RangeError) {
        return `The ${kind} is too large to be measured here`;
      }
      throw error;
    }
  }

  return async (detail, classes) => {
    const { runId, caseId, attempt } = detail;
    const name = JSON.stringify([runId, caseId, attempt]);
    const known = kept.get(name);
    if (known !== undefined) {
      keep(name, known);
      return { table: known };
    }
    const reading = underWay.get(name) ?? read(detail, classes);
    underWay.set(name, reading);
    try {
      const made = await reading;
      if ("table" in made) keep(name, made.table);
      return made;
    } finally {
      underWay.delete(name);
    }
  };
}
