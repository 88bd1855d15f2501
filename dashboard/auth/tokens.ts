/**
 * API tokens: `uptake_<id>_<secret>`. The home holds a record per token with the secret's SHA-256, its role
 * and when it expires; the secret itself is shown once, when it is made.
 * @module
 */
import { z } from "zod";
import { readRecord, writeRecord } from "../../shared/runs/record_io.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import type { Identification, Refusal } from "./identity.ts";
import { type Role, roleSchema } from "./roles.ts";
import { hashSecret, isSecret, newSecret } from "./secrets.ts";

const TOKENS = "tokens/";
const TOKEN = /^uptake_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const TOKEN_ID = /^[0-9a-f]{16}$/;

/** How long a revoked token may still work. */
const REMEMBERED_MS = 30_000;
const MAX_REMEMBERED = 10_000;

export const tokenNameSchema = z.string().regex(
  /^[A-Za-z0-9][A-Za-z0-9 ._@-]{0,63}$/,
  "takes 1 to 64 letters, digits, spaces and ._@-, the first a letter or digit",
);

/** `tokens/<id>.json` */
export const tokenRecordSchema = z.strictObject({
  format: z.literal(1),
  id: z.string().regex(TOKEN_ID),
  name: tokenNameSchema,
  role: roleSchema,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type TokenRecord = z.infer<typeof tokenRecordSchema>;

export interface Tokens {
  /** Whose token this is, and its id. */
  identify(token: string): Promise<
    | Extract<Identification, { identity: unknown }> & { tokenId: string }
    | { refusal: Refusal }
  >;
  /** Whether the token with this id still stands. */
  stands(id: string): Promise<boolean>;
}

/**
 * Reads tokens of a home. A record that was read is remembered for half a minute; while the store does not
 * answer it is remembered on, as nobody can revoke it then.
 */
export function createTokens(home: ObjectStore, clock: () => Date): Tokens {
  const remembered = new Map<
    string,
    { record: TokenRecord | null; readAtMs: number }
  >();

  async function read(id: string): Promise<TokenRecord | null> {
    const nowMs = clock().getTime();
    const known = remembered.get(id);
    if (known !== undefined && nowMs - known.readAtMs < REMEMBERED_MS) {
      return known.record;
    }
    let record: TokenRecord | null;
    try {
      record = await readRecord(home, tokenKey(id), tokenRecordSchema);
    } catch (error) {
      if (known?.record) return known.record;
      throw error;
    }
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(id, { record, readAtMs: nowMs });
    return record;
  }

  function isOver({ expiresAt }: TokenRecord): boolean {
    return clock().getTime() >= Date.parse(expiresAt);
  }

  return {
    async identify(token) {
      const [, id, secret] = TOKEN.exec(token) ?? [];
      if (id === undefined || secret === undefined) {
        return { refusal: "invalid" };
      }
      const record = await read(id);
      if (
        record === null || record.id !== id || !isSecret(secret, record.sha256)
      ) return { refusal: "invalid" };
      if (isOver(record)) return { refusal: "expired" };
      const { name, role } = record;
      return { identity: { actor: name, role, by: "token" }, tokenId: id };
    },
    async stands(id) {
      const record = await read(id);
      return record !== null && !isOver(record);
    },
  };
}

/** A fresh token; the secret in `token` stands nowhere else. */
export async function createToken(
  home: ObjectStore,
  { name, role, days }: { name: string; role: Role; days: number },
  now: Date,
): Promise<{ token: string; record: TokenRecord }> {
  const id = crypto.getRandomValues(new Uint8Array(8)).toHex();
  const secret = newSecret();
  const record: TokenRecord = {
    format: 1,
    id,
    name,
    role,
    sha256: hashSecret(secret),
    createdAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + days * 86_400_000).toISOString(),
  };
  tokenRecordSchema.parse(record);
  await writeRecord(home, tokenKey(id), record);
  return { token: `uptake_${id}_${secret}`, record };
}

/**
 * Removes a token; it works for half a minute more at most.
 *
 * @throws {RangeError} when there is no such token.
 */
export async function revokeToken(
  home: ObjectStore,
  id: string,
): Promise<void> {
  const stands = TOKEN_ID.test(id) &&
    await home.head(tokenKey(id)) !== null;
  if (!stands) {
    throw new RangeError(
      `Cannot revoke token ${
        JSON.stringify(id)
      }: ${home.location} has none with this id. --list-tokens shows the ids: 16 digits and letters a to f, also the first part of a token`,
    );
  }
  await home.delete(tokenKey(id));
}

/** Every token of a home, by id; files that are none are passed over. */
export async function listTokens(home: ObjectStore): Promise<TokenRecord[]> {
  const records: TokenRecord[] = [];
  for await (const { key } of home.list(TOKENS)) {
    const id = key.slice(TOKENS.length, -".json".length);
    if (!TOKEN_ID.test(id) || key !== tokenKey(id)) continue;
    const record = await readRecord(home, key, tokenRecordSchema);
    if (record !== null) records.push(record);
  }
  return records;
}

function tokenKey(id: string): string {
  return `${TOKENS}${id}.json`;
}
