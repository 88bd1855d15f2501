/**
 * Lesion tables of cases, worked out when somebody looks, a few at a time. One that lacks nothing is kept for as long
 * as the files are there that it was made of.
 * @module
 */
import { CaseError } from "../../shared/case_error.ts";
import type { CaseDetail } from "../../shared/catalog/queries/case_detail.ts";
import type { Clock } from "../../shared/dispatch/clock.ts";
import { versionOf } from "../../shared/catalog/indexing/context.ts";
import { sha256 } from "../../shared/runs/sha256.ts";
import {
  type CaseFile,
  type CaseFileDeps,
  type CaseFileKind,
  fileOf,
} from "./case_files.ts";
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
    { mask, label, image }: Places,
    classes: readonly string[],
  ): Promise<ReadLesions> {
    const end = await turns.take(signal);
    try {
      const files = {
        mask: await contentOf("mask", mask),
        label: await contentOf("label", label),
        image: await contentOf("image", image),
      };
      return await threads.measure(files, classes);
    } finally {
      end();
    }
  }

  function placeFor(kind: CaseFileKind, detail: CaseDetail): Promise<Place> {
    return unlessUnreadable(kind, async () => {
      const file = await fileOf(deps, detail, kind);
      if (file === null) return null;
      if ("refused" in file) return file.refused;
      const { store, key } = file;
      // A listing tells it without reading the file.
      for await (const info of store.list(key, { signal })) {
        if (info.key === key) return { file, version: versionOf(info) };
      }
      return gone(kind);
    });
  }

  async function contentOf(
    kind: CaseFileKind,
    place: Place,
  ): Promise<LesionFile> {
    if (place === null || typeof place === "string") return place;
    const { store, key, sha256: committed } = place.file;
    return await unlessUnreadable(kind, async () => {
      const found = await store.get(key, { maxBytes: MOST_BYTES, signal });
      if (found === null) return gone(kind);
      return committed === null || committed === await sha256(found.body)
        ? found.body
        : `The ${kind} is not what the run committed`;
    });
  }

  return async (detail, classes) => {
    const { runId, caseId, attempt, unit } = detail;
    const [mask, label, image] = await Promise.all([
      placeFor("mask", detail),
      placeFor("label", detail),
      unit === "SUV" ? placeFor("image", detail) : null,
    ]);
    const madeOf = [mask, label, image].map((place) =>
      place === null || typeof place === "string" ? place : place.version
    );
    const name = JSON.stringify([runId, caseId, attempt, classes, madeOf]);
    const known = kept.get(name);
    if (known !== undefined) {
      keep(name, known);
      return { table: known };
    }
    const reading = underWay.get(name) ?? read({ mask, label, image }, classes);
    underWay.set(name, reading);
    try {
      const made = await reading;
      const isWhole = "table" in made && made.table.problem === null;
      if (isWhole) keep(name, made.table);
      return made;
    } finally {
      underWay.delete(name);
    }
  };
}

/** A file as it is now; null where the records name none; a sentence where it cannot be had. */
type Place =
  | { readonly file: CaseFile; readonly version: string }
  | string
  | null;

type Places = Readonly<Record<"mask" | "label" | "image", Place>>;

function gone(kind: CaseFileKind): string {
  return `The ${kind} is not where the record says`;
}

/** What the work gives; a sentence where the file cannot be had. */
async function unlessUnreadable<T>(
  kind: CaseFileKind,
  work: () => Promise<T>,
): Promise<T | string> {
  try {
    return await work();
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
