/**
 * One line of the audit log: who did what to what, and how it ended. It holds no secrets and nothing of a
 * patient but the case's pseudonym.
 * @module
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { roleSchema } from "../auth/roles.ts";

/** `access`: something was asked for that is not there, or without saying by whom. */
export const AUDIT_ACTIONS = [
  "view",
  "export",
  "change",
  "login",
  "logout",
  "access",
] as const;
export type AuditAction = typeof AUDIT_ACTIONS[number];

const eventShape = {
  at: z.iso.datetime(),
  requestId: z.string(),
  /** Null: nobody said who they are. */
  actor: z.string().nullable(),
  role: roleSchema.nullable(),
  by: z.enum(["link", "token", "oidc", "terminal"]).nullable(),
  /** The address it came from. */
  from: z.string(),
  action: z.enum(AUDIT_ACTIONS),
  /** Of HTTP, or the option of the command line. */
  method: z.string(),
  /** The route's path, parameters unfilled; null: there is no such route, or none was taken. */
  route: z.string().nullable(),
  /** The run, case and so on. */
  params: z.record(z.string(), z.string()),
  /** What else was named in the address, and what was made. */
  details: z.record(z.string(), z.string()).optional(),
  /** Of the answer; 0 where nothing was asked for over HTTP. */
  status: z.int(),
  outcome: z.enum(["done", "refused", "failed"]),
  /** Why it was refused. */
  reason: z.string().optional(),
};

export const auditEventSchema = z.strictObject(eventShape);
export type AuditEvent = z.infer<typeof auditEventSchema>;

const hashSchema = z.string().regex(/^[0-9a-f]{64}$/);

/** A line as it is stored. */
export const auditEntrySchema = z.strictObject({
  format: z.literal(1),
  /** The line's number among those of one start of the dashboard or of one command, from 1. */
  seq: z.int().min(1),
  /** The SHA-256 of the line before, which makes a changed or missing line show. */
  previous: hashSchema,
  /** Those of other writers' last lines: it comes after them too. */
  merges: z.array(hashSchema).optional(),
  ...eventShape,
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** What the very first line of a home names as the one before it. */
export const NO_LINE = "0".repeat(64);

/** A line's hash, which the next one holds. */
export function hashLine(line: string): string {
  return createHash("sha256").update(line, "utf8").digest("hex");
}
