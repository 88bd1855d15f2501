/**
 * Names of the audit log's objects. They sort by time, and tell whose object is the last of those that one
 * writer made, and the hash of its last line: a listing is enough to go on from it, and a change of it shows.
 * @module
 */

export const AUDIT = "audit/";

const KEY =
  /^audit\/\d{4}-\d\d-\d\d\/\d{8}T\d{9}Z-([0-9a-f]{8})-(\d{6,})(?:-([0-9a-f]{64}))?\.jsonl$/;

/** What an object's name tells. */
export interface AuditObject {
  readonly key: string;
  /** Of 8 digits, another one for every start of a program. */
  readonly writer: string;
  /** The number of its first line among those of the writer, from 1. */
  readonly seq: number;
  /** The hash of its last line; null in names that older versions made. */
  readonly lastHash: string | null;
}

/**
 * `audit/2026-11-24/20261124T093015250Z-4f2a9c1b-000001-<hash>.jsonl`
 *
 * @param at when its first line was noted, in ISO 8601
 */
export function auditKey(
  at: string,
  { writer, seq, lastHash }: {
    writer: string;
    seq: number;
    lastHash: string;
  },
): string {
  const number = String(seq).padStart(6, "0");
  return `${startOfKeys(at)}-${writer}-${number}-${lastHash}.jsonl`;
}

/** What the names of objects from a time on start with, or come after. */
export function startOfKeys(at: string): string {
  return `${AUDIT}${at.slice(0, 10)}/${at.replaceAll(/[-:.]/g, "")}`;
}

/** Null for the name of anything else. */
export function parseAuditKey(key: string): AuditObject | null {
  const [, writer, seq, lastHash = null] = KEY.exec(key) ?? [];
  if (writer === undefined) return null;
  return { key, writer, seq: Number(seq), lastHash };
}
