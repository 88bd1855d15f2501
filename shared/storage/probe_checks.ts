/**
 * The single checks of {@linkcode probeStore}: each writes under names of its own and says what it saw.
 * @module
 */
import { createHash, randomBytes } from "node:crypto";
import { S3Store } from "./s3_store.ts";
import type { ObjectStore } from "./object_store.ts";

/** Where a check may work. */
export interface Bench {
  readonly store: ObjectStore;
  /** Starts every key that is written; no slash, as folders would stay behind in a folder. */
  readonly prefix: string;
  readonly signal: AbortSignal;
}

/** What a check saw; `ok` is null where it could not be made. */
export interface Finding {
  readonly ok: boolean | null;
  /** A phrase that starts in lower case, no full stop. */
  readonly detail: string;
}

const WRITTEN_BYTES = 100_003;
const LISTED = 20;
const RACE_ROUNDS = 3;
const RACERS = 8;

/** How far a listing's or an object's time may lie from the clock, as both may tell whole seconds. */
const CLOCK_TOLERANCE_MS = 2000;

/** Lists what is there already: where not even this works, nothing is written. */
export async function checkReach({ store, signal }: Bench): Promise<Finding> {
  for await (const { key } of store.list("", { signal })) {
    return yes(`it holds ${key} and perhaps more`);
  }
  return yes("it is empty");
}

export async function checkWriting(
  { store, prefix, signal }: Bench,
): Promise<Finding> {
  const key = `${prefix}written`;
  const body = new Uint8Array(randomBytes(WRITTEN_BYTES));
  const etag = await store.put(key, body, { signal });
  const object = await store.get(key, { signal, maxBytes: WRITTEN_BYTES });
  if (object === null) return no("what was written is not there");
  if (sha256(object.body) !== sha256(body)) {
    return no("what is read is not what was written");
  }
  return object.etag === etag
    ? yes(`${WRITTEN_BYTES} bytes came back as they were written`)
    : no(`writing tells another ETag (${etag}) than reading (${object.etag})`);
}

export async function checkRanges(
  { store, prefix, signal }: Bench,
): Promise<Finding> {
  const key = `${prefix}ranges`;
  await store.put(key, utf8("0123456789"), { signal });
  const range = { start: 3, end: 7 };
  const part = await store.get(key, { signal, range });
  const start = await store.peek(key, 4, signal);
  const seen = [text(part?.body), text(start?.body), part?.bytes, start?.bytes];
  return seen.join() === "3456,0123,10,10"
    ? yes("parts of objects can be read")
    : no(`of 0123456789, asked for 3456 and 0123, came ${seen.join(", ")}`);
}

export async function checkListing(
  { store, prefix, signal }: Bench,
): Promise<Finding> {
  const start = `${prefix}listed-`;
  const keys = Array.from(
    { length: LISTED },
    (_, i) => start + String(i).padStart(2, "0"),
  );
  const put = (key: string) => store.put(key, utf8(key), { signal });
  await Promise.all(keys.map(put));
  const list = async (startAfter?: string) => {
    const options = { signal, ...(startAfter !== undefined && { startAfter }) };
    const objects = await Array.fromAsync(store.list(start, options));
    return objects.map(({ key }) => key);
  };
  const all = await list();
  if (all.length !== LISTED) {
    return no(`of ${LISTED} objects just written, it lists ${all.length}`);
  }
  if (all.join() !== keys.join()) return no("it does not list keys in order");
  const half = keys.slice(LISTED / 2);
  if ((await list(keys[LISTED / 2 - 1])).join() !== half.join()) {
    return no("a listing does not start where it is asked to");
  }
  await store.delete(keys[0] ?? "", signal);
  return (await list()).join() === keys.slice(1).join()
    ? yes("in order, with what was just written, without what was deleted")
    : no("an object is listed after it was deleted");
}

export async function checkDeleting(
  { store, prefix, signal }: Bench,
): Promise<Finding> {
  const key = `${prefix}deleted`;
  await store.put(key, utf8("x"), { signal });
  await store.delete(key, signal);
  await store.delete(key, signal);
  return await store.head(key, signal) === null
    ? yes("deleted objects are gone, deleting twice is no error")
    : no("an object is still there after it was deleted");
}

/** @returns ok: null for folders and wrapped stores, whose way of writing has no checksum. */
export async function checkChecksums(
  { store, prefix, signal }: Bench,
): Promise<Finding> {
  if (!(store instanceof S3Store)) {
    return { ok: null, detail: "only buckets take a checksum with an upload" };
  }
  return await store.refusesWrongChecksum(`${prefix}checksum`, signal)
    ? yes("an upload that does not match its Content-MD5 is refused")
    : no("an upload that was damaged on its way is taken (wrong Content-MD5)");
}

export async function checkCreating(
  { store, prefix, signal }: Bench,
): Promise<Finding> {
  const key = `${prefix}created`;
  try {
    // A lost answer may make a success look like false, so only the second answer tells.
    await store.create(key, utf8("first"), { signal });
    const again = await store.create(key, utf8("second"), { signal });
    const stands = text((await store.get(key, { signal }))?.body);
    return !again && stands === "first"
      ? yes("an object is made once and not written over")
      : no("the condition is ignored: an object that stands is written over");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotSupported)) throw error;
    return no(`not supported: ${error.message}`);
  }
}

export async function checkRacing(
  { store, prefix, signal }: Bench,
): Promise<Finding> {
  for (let round = 0; round < RACE_ROUNDS; round++) {
    const key = `${prefix}race-${round}`;
    const names = Array.from({ length: RACERS }, (_, i) => `racer ${i}`);
    const won = await Promise.all(
      names.map((name) => store.create(key, utf8(name), { signal })),
    );
    const winners = names.filter((_, i) => won[i]);
    const stands = text((await store.get(key, { signal }))?.body) ?? "nothing";
    // Nobody is told of winning where the winner's answer was lost; two never may be.
    const fair = winners.length === 0
      ? names.includes(stands)
      : winners.join() === stands;
    if (!fair) {
      return no(
        `of ${RACERS} at once, ${winners.length} were told that they made the object, and it is of ${stands}`,
      );
    }
  }
  return yes(`of ${RACERS} at once one wins, in ${RACE_ROUNDS} rounds`);
}

export async function checkClock(
  { store, prefix, signal }: Bench,
): Promise<Finding> {
  const key = `${prefix}clock`;
  const before = await store.now(signal);
  await store.put(key, utf8("x"), { signal });
  const modifiedAt = (await store.head(key, signal))?.modifiedAt;
  const after = await store.now(signal);
  const skewMs = after.getTime() - Date.now();
  const skew = `${Math.abs(skewMs / 1000).toFixed(1)} s ${
    skewMs < 0 ? "behind" : "ahead of"
  } this machine's`;
  if (modifiedAt === undefined) return no("an object just written is gone");
  const early = before.getTime() - modifiedAt.getTime();
  const late = modifiedAt.getTime() - after.getTime();
  return Math.max(early, late) <= CLOCK_TOLERANCE_MS
    ? yes(`${skew}; objects' times are told by it`)
    : no(
      `an object written at ${after.toISOString()} by it is said to be of ${modifiedAt.toISOString()}`,
    );
}

function yes(detail: string): Finding {
  return { ok: true, detail };
}

function no(detail: string): Finding {
  return { ok: false, detail };
}

function utf8(content: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(content);
}

function text(body: Uint8Array | undefined): string | undefined {
  return body && new TextDecoder().decode(body);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
