/** @module Tokens and the audit log from the command line. */
import type { ObjectStore } from "../shared/storage/object_store.ts";
import { verifyAudit } from "./audit/verify_audit.ts";
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
      text: `Token ${task.revokeToken} is revoked`,
    };
  }
  if ("listTokens" in task) return await list(home);
  const check = await verifyAudit(home);
  return {
    ok: check.problems.length === 0,
    json: check,
    text: [
      ...check.problems,
      `${check.lines} lines in ${check.objects} objects: ${check.problems.length} problems`,
    ].join("\n"),
  };
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
    text: `${token}\nThis is shown once: ${name} is a ${role} with it until ${
      record.expiresAt.slice(0, 10)
    }`,
  };
}

async function list(home: ObjectStore): Promise<Administered> {
  const records = await listTokens(home);
  const json = records.map(({ sha256: _, ...record }) => record);
  const lines = json.map(({ id, name, role, expiresAt }) =>
    `${id}  ${role.padEnd(8)}  until ${expiresAt.slice(0, 10)}  ${name}`
  );
  return {
    ok: true,
    json,
    text: lines.length === 0 ? "There are no tokens" : lines.join("\n"),
  };
}
