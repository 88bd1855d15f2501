/**
 * Claims keep workers from doing the same case at the same time. They only save work: whoever
 * commits first wins, whatever the claims say.
 *
 * A claim is created under the next number of its case, so of all who try one succeeds. It holds
 * while its owner renews it; whether it does is told by the store's own clock, never by a worker's.
 * @module
 */
import type { ObjectStore } from "../storage/object_store.ts";
import { claimKey, CLAIMS, claimsOf, parseClaimKey } from "./keys.ts";
import { createRecord, readRecord, writeRecord } from "./record_io.ts";
import { type Claim, claimSchema } from "./records.ts";

/** A case whose claims were abandoned so often in one round kills its workers: it is not tried again. */
export const MAX_ABANDONED_CLAIMS = 3;

/** The newest claim of a case, as a listing tells. */
export interface ListedClaim {
  readonly generation: number;
  /** When its owner last renewed it, by the store's clock. */
  readonly renewedAt: Date;
}

/** Who wants a case. */
export interface Claimant {
  readonly runId: string;
  readonly workerId: string;
  readonly termSeconds: number;
}

/** The newest claim of every claimed case: one listing, no reads. */
export async function listClaims(
  store: ObjectStore,
  signal: AbortSignal,
): Promise<Map<string, ListedClaim>> {
  const newest = new Map<string, ListedClaim>();
  for await (const { key, modifiedAt } of store.list(CLAIMS, { signal })) {
    const parsed = parseClaimKey(key);
    if (parsed === null) continue;
    const { caseId, generation } = parsed;
    if (generation > (newest.get(caseId)?.generation ?? 0)) {
      newest.set(caseId, { generation, renewedAt: modifiedAt });
    }
  }
  return newest;
}

/** Has a claim's owner let its term pass without renewing it? */
export function isExpired(
  { renewedAt }: ListedClaim,
  termSeconds: number,
  now: Date,
): boolean {
  return now.getTime() - renewedAt.getTime() > termSeconds * 1000;
}

/**
 * Tries to claim a case in a round of retries.
 *
 * @param newest generation of its newest claim as last listed, 0 without any
 * @returns the claim; `held` when another worker has it; `abandoned` when its workers died too often.
 */
export async function claimCase(
  store: ObjectStore,
  claimant: Claimant,
  caseId: string,
  round: number,
  newest: number,
): Promise<Claim | "held" | "abandoned"> {
  if (newest > 0) {
    if (!await isFree(store, claimant, caseId, round, newest)) return "held";
    const abandoned = await countAbandoned(store, caseId, round, newest);
    if (abandoned >= MAX_ABANDONED_CLAIMS) return "abandoned";
  }
  return await createClaim(store, {
    format: 1,
    ...claimant,
    caseId,
    round,
    generation: newest + 1,
    renewedAt: new Date().toISOString(),
    state: "working",
  });
}

async function isFree(
  store: ObjectStore,
  { workerId, termSeconds }: Claimant,
  caseId: string,
  round: number,
  newest: number,
): Promise<boolean> {
  const claim = await readClaim(store, caseId, newest);
  if (claim === null) return true;
  if (claim !== DAMAGED) {
    if (
      claim.state === "released" || claim.round < round ||
      claim.workerId === workerId
    ) return true;
    termSeconds = claim.termSeconds;
  }
  // The listing is older than this moment: whether it was renewed since is asked anew. The time first:
  // however long the second answer takes, a claim that has expired by then had expired before.
  const now = await store.now();
  const head = await store.head(claimKey(caseId, newest));
  return head === null || isExpired(
    { generation: newest, renewedAt: head.modifiedAt },
    termSeconds,
    now,
  );
}

async function createClaim(
  store: ObjectStore,
  claim: Claim,
): Promise<Claim | "held"> {
  const key = claimKey(claim.caseId, claim.generation);
  if (await createRecord(store, key, claim)) return claim;
  // "Not created" may be our own success whose answer was lost: the record itself tells.
  const winner = await readClaim(store, claim.caseId, claim.generation);
  if (winner === null || winner === DAMAGED) return "held";
  return winner.workerId === claim.workerId ? winner : "held";
}

/** Whoever wrote it, nothing can be told but when: it holds until a term has passed. */
const DAMAGED = Symbol("a damaged claim");

async function readClaim(
  store: ObjectStore,
  caseId: string,
  generation: number,
): Promise<Claim | typeof DAMAGED | null> {
  try {
    return await readRecord(store, claimKey(caseId, generation), claimSchema);
  } catch (error) {
    if (error instanceof SyntaxError) return DAMAGED;
    throw error;
  }
}

/**
 * How many claims of this round were neither released nor followed by a record. Damaged ones do not count:
 * perhaps no worker wrote them. Generations have no gaps, unless somebody made up their numbers.
 */
async function countAbandoned(
  store: ObjectStore,
  caseId: string,
  round: number,
  newest: number,
): Promise<number> {
  let count = 0;
  for (let generation = newest; generation >= 1; generation--) {
    const claim = await readClaim(store, caseId, generation);
    if (claim === DAMAGED) continue;
    if (claim === null || claim.round < round) break;
    if (claim.state === "working") count++;
  }
  return count;
}

/**
 * Has a case any claim that is neither released nor expired, by the store's clock and the claim's own
 * term? A damaged claim counts as one: whose it is and how long it holds cannot be told.
 */
export async function isHeld(
  store: ObjectStore,
  caseId: string,
): Promise<boolean> {
  const now = await store.now();
  // Also those that were taken over: their owners may live, and not know of it yet.
  for await (const { key, modifiedAt } of store.list(claimsOf(caseId))) {
    const parsed = parseClaimKey(key);
    if (parsed === null) continue;
    const { generation } = parsed;
    const claim = await readClaim(store, caseId, generation);
    if (claim === null) continue;
    if (claim === DAMAGED) return true;
    const listed = { generation, renewedAt: modifiedAt };
    const isOver = claim.state === "released" ||
      isExpired(listed, claim.termSeconds, now);
    if (!isOver) return true;
  }
  return false;
}

/** Tells the store that the owner is alive. Only the owner may call it. */
export async function renewClaim(
  store: ObjectStore,
  claim: Claim,
): Promise<void> {
  await rewrite(store, claim, "working");
}

/** Leaves the case to others at once. Only the owner may call it. */
export async function releaseClaim(
  store: ObjectStore,
  claim: Claim,
): Promise<void> {
  await rewrite(store, claim, "released");
}

async function rewrite(
  store: ObjectStore,
  claim: Claim,
  state: Claim["state"],
): Promise<void> {
  await writeRecord(store, claimKey(claim.caseId, claim.generation), {
    ...claim,
    renewedAt: new Date().toISOString(),
    state,
  });
}
