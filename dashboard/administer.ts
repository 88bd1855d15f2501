/** @module Tokens and the audit log from the command line. */
import type { ObjectStore } from "../shared/storage/object_store.ts";
import { createAuditLog } from "./audit/audit_log.ts";
import { searchUnlogged } from "./audit/unlogged.ts";
import { type AuditCheck, verifyAudit } from "./audit/verify_audit.ts";
import type { Role } from "./auth/roles.ts";
import {
  createToken,
  listTokens,
  revokeToken,
  tokenNameSchema,
} from "./auth/tokens.ts";
import { type ReadVariable, userOf } from "./config.ts";

/** One of them. */
export type Administration =
  | { readonly createToken: string; readonly role: Role; readonly days: number }
  | { readonly revokeToken: string }
  | { readonly listTokens: true }
  | {
    readonly verifyAudit: true;
    /** Heads that it told before. */
    readonly auditHeads?: readonly string[];
  };

export interface Administered {
  readonly ok: boolean;
  readonly json: unknown;
  readonly text: string;
}

/**
 * Does it; what changes who may come in leaves a line in the audit log.
 *
 * @throws {RangeError} when it cannot be done so.
 */
export async function administer(
  home: ObjectStore,
  task: Administration,
  now: Date,
  readVariable: ReadVariable,
): Promise<Administered> {
  const note = (option: string, details: Readonly<Record<string, string>>) =>
    noteChange(home, option, details, now, userOf(readVariable));
  if ("createToken" in task) return await create(home, task, now, note);
  if ("revokeToken" in task) {
    await revokeToken(home, task.revokeToken);
    await note("--revoke-token", { token: task.revokeToken });
    return {
      ok: true,
      json: { revoked: task.revokeToken },
      text:
        `Token ${task.revokeToken} is removed; a dashboard that runs takes it for half a minute more`,
    };
  }
  if ("listTokens" in task) return await list(home, now);
  return await verify(home, task.auditHeads ?? []);
}

/** Notes a change that was made from a terminal, where no request says who makes it. */
async function noteChange(
  home: ObjectStore,
  option: string,
  details: Readonly<Record<string, string>>,
  now: Date,
  actor: string,
): Promise<void> {
  const audit = createAuditLog(home, () => now);
  audit.record({
    at: now.toISOString(),
    requestId: crypto.randomUUID(),
    actor,
    role: null,
    by: "terminal",
    from: "terminal",
    action: "change",
    method: option,
    route: null,
    params: {},
    details,
    status: 0,
    outcome: "done",
  });
  await audit.flush();
}

async function verify(
  home: ObjectStore,
  noted: readonly string[],
): Promise<Administered> {
  const unlogged = await searchUnlogged(home);
  const chain = await verifyAudit(home, { noted, each: unlogged.read });
  const problems = [...chain.problems, ...await unlogged.problems()];
  const check = { ...chain, problems };
  return {
    ok: problems.length === 0,
    json: check,
    text: [...problems, ...auditLines(check, noted.length > 0)].join("\n"),
  };
}

function auditLines(
  { lines, objects, heads, problems }: AuditCheck,
  hasNoted: boolean,
): string[] {
  const found = counted(problems.length, "problem");
  if (objects === 0) {
    return [
      problems.length === 0
        ? "The audit log is empty: nobody has used the pages, or all of it was removed"
        : `The audit log is empty, and has ${found}`,
    ];
  }
  const size = `${counted(lines, "line")} in ${counted(objects, "file")}`;
  const head = `${heads.length === 1 ? "head" : "heads"} ${
    heads.join(" ")
  } of ${counted(lines, "line")}`;
  if (problems.length > 0) {
    return [`The audit log has ${found}: ${size}`, head];
  }
  return [
    `The audit log is whole: ${size}, none changed and none missing between`,
    head,
    hasNoted
      ? "Lines that came after the noted head could be missing at the end: keep this one instead"
      : "Lines removed at the end, or a log written anew, do not show in it: keep the head in another place, and give it back later with --audit-heads",
  ];
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
  note: (
    option: string,
    details: Readonly<Record<string, string>>,
  ) => Promise<void>,
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
  const { id, expiresAt } = record;
  await note("--create-token", { token: id, name, role, expiresAt });
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
