/** @module Tokens and the audit log from the command line. */
import type { ObjectStore } from "../shared/storage/object_store.ts";
import { type AuditCheck, verifyAudit } from "./audit/verify_audit.ts";
import type { Role } from "./auth/roles.ts";
import {
  createToken,
  listTokens,
  revokeToken,
  tokenNameSchema,
} from "./auth/tokens.ts";

/** One of them. */
export type Administration =
  | { readonly createToken: string; readonly role: Role; readonly days: number }
  | { readonly revokeToken: string }
  | { readonly listTokens: true }
  | { readonly verifyAudit: true };

export interface Administered {
  readonly ok: boolean;
  readonly json: unknown;
  readonly text: string;
}

/** @throws {RangeError} when it cannot be done so. */
export async function administer(
  home: ObjectStore,
  task: Administration,
  now: Date,
): Promise<Administered> {
  if ("createToken" in task) return await create(home, task, now);
  if ("revokeToken" in task) {
    await revokeToken(home, task.revokeToken);
    return {
      ok: true,
      json: { revoked: task.revokeToken },
      text:
        `Token ${task.revokeToken} is removed; a dashboard that runs takes it for half a minute more`,
    };
  }
  if ("listTokens" in task) return await list(home, now);
  const check = await verifyAudit(home);
  return {
    ok: check.problems.length === 0,
    json: check,
    text: [...check.problems, auditText(check)].join("\n"),
  };
}

function auditText({ lines, objects, problems }: AuditCheck): string {
  if (objects === 0) return "The audit log is empty: nobody has used the pages";
  const size = `${counted(lines, "line")} in ${counted(objects, "file")}`;
  return problems.length === 0
    ? `The audit log is whole: ${size}, none changed and none missing between`
    : `The audit log has ${counted(problems.length, "problem")}: ${size}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

async function create(
  home: ObjectStore,
  { createToken: name, role, days }: Extract<
    Administration,
    { createToken: string }
  >,
  now: Date,
): Promise<Administered> {
  const checked = tokenNameSchema.safeParse(name);
  if (!checked.success) {
    throw new RangeError(
      `Cannot call a token ${JSON.stringify(name)}: a name ${
        checked.error.issues[0]?.message
      }`,
    );
  }
  const { token, record } = await createToken(home, { name, role, days }, now);
  const { sha256: _, ...json } = record;
  return {
    ok: true,
    json: { ...json, token },
    text: `${token}
This is shown only now: keep it like a password. Whoever has it is ${
      withArticle(role)
    } named ${name} until ${record.expiresAt.slice(0, 10)}.
Browsers log in with it, programs send it as "Authorization: Bearer <token>".
To end it earlier: --revoke-token ${record.id}`,
  };
}

function withArticle(role: Role): string {
  return `${/^[aeiou]/.test(role) ? "an" : "a"} ${role}`;
}

async function list(home: ObjectStore, now: Date): Promise<Administered> {
  const records = await listTokens(home);
  const json = records.map(({ sha256: _, ...record }) => record);
  const lines = json.map(({ id, name, role, expiresAt }) => {
    const isOver = Date.parse(expiresAt) <= now.getTime();
    const until = `${isOver ? "ended" : "until"} ${expiresAt.slice(0, 10)}`;
    return `${id}  ${role.padEnd(8)}  ${until}  ${name}`;
  });
  return {
    ok: true,
    json,
    text: lines.length === 0
      ? "There are no tokens: --create-token <name> makes one"
      : lines.join("\n"),
  };
}
