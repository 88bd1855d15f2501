/** @module Checks the chain of the audit log's lines. */
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { AUDIT } from "./audit_log.ts";
import { auditEntrySchema, hashLine, NO_LINE } from "./entry.ts";

export interface AuditCheck {
  readonly objects: number;
  readonly lines: number;
  /** Sentences; empty: no line was changed, and none is missing before the last of each start. */
  readonly problems: readonly string[];
}

/**
 * Reads the whole log. Where several dashboards share a home their lines go on from the same one: a chain
 * may fork, but every line must go on from one that is there.
 */
export async function verifyAudit(
  home: ObjectStore,
  signal?: AbortSignal,
): Promise<AuditCheck> {
  const hashes = new Set([NO_LINE]);
  const goOnFrom: { previous: string; where: string }[] = [];
  const problems: string[] = [];
  let objects = 0;
  let lines = 0;
  for await (const { key } of home.list(AUDIT, signal ? { signal } : {})) {
    objects++;
    const object = await home.get(key, signal ? { signal } : {});
    if (object === null) continue;
    const text = new TextDecoder().decode(object.body).trimEnd();
    for (const [i, line] of text.split("\n").entries()) {
      lines++;
      const where = `${key}, line ${i + 1}`;
      hashes.add(hashLine(line));
      const previous = previousOf(line);
      if (previous === null) problems.push(`${where} is no line of the log`);
      else goOnFrom.push({ previous, where });
    }
  }
  for (const { previous, where } of goOnFrom) {
    if (!hashes.has(previous)) {
      problems.push(`${where}: the line before it is missing or changed`);
    }
  }
  return { objects, lines, problems };
}

function previousOf(line: string): string | null {
  try {
    return auditEntrySchema.parse(JSON.parse(line)).previous;
  } catch {
    return null;
  }
}
