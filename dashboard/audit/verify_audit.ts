/** @module Checks the chain of the audit log's lines. */
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import {
  type AuditEntry,
  auditEntrySchema,
  hashLine,
  NO_LINE,
} from "./entry.ts";
import { AUDIT, parseAuditKey } from "./object_key.ts";

export interface AuditCheck {
  readonly objects: number;
  readonly lines: number;
  /**
   * The hashes of lines after which none comes, in order of the objects' names: whether they stay in the log tells
   * whether all that is there now does.
   */
  readonly heads: readonly string[];
  /** Sentences; empty: no line was changed, and none is missing before one that is there. */
  readonly problems: readonly string[];
}

/**
 * Reads the whole log. Where several programs write to a home at once the chain forks, and the next line joins
 * its ends again; every line must go on from such that are there.
 *
 * @param options `noted`: heads that were told before, which must still be there; `each`: is told every line
 */
export async function verifyAudit(
  home: ObjectStore,
  { noted = [], each = () => {}, signal }: {
    readonly noted?: readonly string[];
    readonly each?: (entry: AuditEntry) => void;
    readonly signal?: AbortSignal;
  } = {},
): Promise<AuditCheck> {
  const hashes = new Set<string>();
  const goOnFrom: { hash: string; where: string; what: string }[] = [];
  const problems: string[] = [];
  let objects = 0;
  let lines = 0;
  for await (const { key } of home.list(AUDIT, signal ? { signal } : {})) {
    objects++;
    const object = await home.get(key, signal ? { signal } : {});
    if (object === null) continue;
    const text = new TextDecoder().decode(object.body).trimEnd();
    let last = "";
    for (const [i, line] of text.split("\n").entries()) {
      lines++;
      const where = `${key}, line ${i + 1}`;
      last = hashLine(line);
      hashes.add(last);
      const entry = entryOf(line);
      if (entry === null) {
        problems.push(`${where} is no line of the log`);
        continue;
      }
      each(entry);
      const { previous, merges = [] } = entry;
      goOnFrom.push({ hash: previous, where, what: "the line before it" });
      for (const hash of merges) {
        goOnFrom.push({ hash, where, what: "another writer's line before it" });
      }
    }
    const named = parseAuditKey(key)?.lastHash ?? last;
    if (named !== last) {
      problems.push(`${key}: its last line is missing or changed`);
    }
  }
  for (const { hash, where, what } of goOnFrom) {
    if (hash !== NO_LINE && !hashes.has(hash)) {
      problems.push(`${where}: ${what} is missing or changed`);
    }
  }
  for (const hash of noted) {
    if (!hashes.has(hash)) {
      problems.push(`The noted head ${hash} is missing or changed`);
    }
  }
  const before = new Set(goOnFrom.map(({ hash }) => hash));
  return {
    objects,
    lines,
    heads: [...hashes].filter((hash) => !before.has(hash)),
    problems,
  };
}

function entryOf(line: string): AuditEntry | null {
  try {
    return auditEntrySchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
