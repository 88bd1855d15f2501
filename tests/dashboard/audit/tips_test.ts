/** @module Several writers of an audit log: whoever writes next goes on from the last lines of all. */
import { expect } from "@std/expect";
import fc from "fast-check";
import { createAuditLog } from "../../../dashboard/audit/audit_log.ts";
import {
  type AuditEntry,
  auditEntrySchema,
  type AuditEvent,
  hashLine,
  NO_LINE,
} from "../../../dashboard/audit/entry.ts";
import { verifyAudit } from "../../../dashboard/audit/verify_audit.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { memoryStore, stepped } from "../../support/memory_store.ts";

const SEED = { seed: 20261124 };
const START_MS = Date.parse("2026-11-24T09:00:00Z");
const DAY_MS = 86_400_000;

function event(requestId: string, at: Date): AuditEvent {
  return {
    at: at.toISOString(),
    requestId,
    actor: "anna",
    role: "viewer",
    by: "token",
    from: "192.0.2.1",
    action: "view",
    method: "GET",
    route: "/runs/:runId",
    params: {},
    status: 200,
    outcome: "done",
  };
}

/** A writer of its own, and a way to store lines at a time. */
function writerOf(home: ObjectStore) {
  let nowMs = START_MS;
  const log = createAuditLog(home, () => new Date(nowMs));
  return async (atMs: number, ids: string[], isHurried = false) => {
    nowMs = atMs;
    for (const id of ids) log.record(event(id, new Date(nowMs)));
    await log.flush({ isHurried });
  };
}

async function textsOf(home: ObjectStore): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for await (const { key } of home.list("audit/")) {
    texts.set(key, new TextDecoder().decode((await home.get(key))!.body));
  }
  return texts;
}

async function entriesOf(
  home: ObjectStore,
): Promise<Map<string, AuditEntry & { hash: string }>> {
  const lines = [...(await textsOf(home)).values()].flatMap((text) =>
    text.trimEnd().split("\n")
  );
  return new Map(lines.map((line) => {
    const entry = auditEntrySchema.parse(JSON.parse(line));
    return [entry.requestId, { ...entry, hash: hashLine(line) }];
  }));
}

async function storeOf(texts: Iterable<[string, string]>) {
  const home = memoryStore();
  for (const [key, text] of texts) {
    await home.put(key, new TextEncoder().encode(text));
  }
  return home;
}

Deno.test("createAuditLog() goes on from its own last line and from a command's in between", async () => {
  const home = memoryStore();
  const dashboard = writerOf(home);
  await dashboard(START_MS, ["a"]);
  await writerOf(home)(START_MS + 10, ["token"]);
  await dashboard(START_MS + 20, ["b", "c"]);
  await dashboard(START_MS + 30, ["d"]);
  const entries = await entriesOf(home);
  const hash = (id: string) => entries.get(id)!.hash;
  expect(entries.get("a")).toMatchObject({ previous: NO_LINE });
  expect(entries.get("token")).toMatchObject({ previous: hash("a") });
  expect(entries.get("b")).toMatchObject({
    previous: hash("a"),
    merges: [hash("token")],
  });
  expect(entries.get("c")!.merges).toBeUndefined();
  expect(entries.get("d")!.merges).toBeUndefined();
  expect(await verifyAudit(home)).toMatchObject({
    lines: 5,
    heads: [hash("d")],
    problems: [],
  });

  const token = [...await textsOf(home)].find(([, text]) =>
    text.includes('"requestId":"token"')
  )!;
  await home.delete(token[0]);
  const { problems } = await verifyAudit(home);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(
    /line 1: another writer's line before it is missing or changed$/,
  );
});

Deno.test("flush() looks for nobody's lines where somebody waits for it, and the next one does", async () => {
  const asked: string[] = [];
  const store = memoryStore();
  const home = stepped(store, (what, _, when) => {
    if (when === "before") asked.push(what);
    return Promise.resolve();
  });
  const dashboard = writerOf(home);
  await dashboard(START_MS, ["a"], true);
  expect(asked).toEqual(["folders", "list", "create"]);
  await writerOf(store)(START_MS + 10, ["token"]);
  asked.length = 0;
  await dashboard(START_MS + 20, ["b"], true);
  expect(asked).toEqual(["create"]);
  await dashboard(START_MS + 30, ["c"]);
  expect(asked).toEqual(["create", "list", "create"]);
  const entries = await entriesOf(store);
  expect(entries.get("c")!.merges).toEqual([entries.get("token")!.hash]);
});

Deno.test("flush() lists two days at first, and then what is new", async () => {
  const store = memoryStore();
  const past = writerOf(store);
  for (let day = 0; day < 4; day++) {
    await past(START_MS - (40 - day) * DAY_MS, [`day ${day}`]);
  }
  // A clock that was wrong.
  await writerOf(store)(START_MS + 400 * DAY_MS, ["ahead"]);
  const listed: string[][] = [];
  const home: ObjectStore = {
    ...store,
    async *list(prefix, options) {
      const keys: string[] = [];
      listed.push(keys);
      for await (const info of store.list(prefix, options)) {
        keys.push(info.key.slice(6, 16));
        yield info;
      }
    },
  };
  const write = writerOf(home);
  await write(START_MS, ["now"]);
  await write(START_MS + 7_200_000, ["later"]);
  await write(START_MS + 14_400_000, ["last"]);
  expect(listed).toEqual([
    ["2026-10-17", "2026-10-18", "2027-12-29"],
    ["2026-11-24", "2027-12-29"],
    ["2026-11-24", "2027-12-29"],
  ]);
  expect(await verifyAudit(store)).toMatchObject({ lines: 8, problems: [] });
  expect((await verifyAudit(store)).heads).toHaveLength(1);
});

Deno.test("flush() looks again for others' lines where it could not the first time", async () => {
  const store = memoryStore();
  await writerOf(store)(START_MS, ["a"]);
  let isDown = true;
  const home = stepped(
    store,
    (what) =>
      isDown && what === "list"
        ? Promise.reject(new Error("no answer"))
        : Promise.resolve(),
  );
  const write = writerOf(home);
  await expect(write(START_MS + 10, ["b"])).rejects.toThrow("no answer");
  isDown = false;
  await write(START_MS + 20, []);
  const entries = await entriesOf(store);
  expect(entries.get("b")!.previous).toBe(entries.get("a")!.hash);
});

Deno.test("logs of older versions, with forks and names without hashes, still verify and go on", async () => {
  const at = new Date(START_MS);
  const line = (id: string, seq: number, previous: string) =>
    JSON.stringify({ format: 1, seq, previous, ...event(id, at) });
  const first = line("a", 1, NO_LINE);
  const next = line("b", 2, hashLine(first));
  const fork = line("token", 1, hashLine(first));
  const name = "audit/2026-11-24/20261124T090000000Z";
  const old = [
    [`${name}-11111111-000001.jsonl`, `${first}\n`],
    [`${name}-11111111-000002.jsonl`, `${next}\n`],
    [`${name}-22222222-000001.jsonl`, `${fork}\n`],
  ] as [string, string][];
  const home = await storeOf(old);
  expect(await verifyAudit(home)).toEqual({
    objects: 3,
    lines: 3,
    heads: [hashLine(next), hashLine(fork)],
    problems: [],
  });
  await writerOf(home)(START_MS + 10, ["c"]);
  const entries = await entriesOf(home);
  expect(entries.get("c")).toMatchObject({
    previous: hashLine(fork),
    merges: [hashLine(next)],
  });
  for (const [key, text] of old) {
    await home.delete(key);
    expect((await verifyAudit(home)).problems).not.toEqual([]);
    await home.put(key, new TextEncoder().encode(text));
  }
  expect((await verifyAudit(home)).problems).toEqual([]);
});

Deno.test("verifyAudit() finds any removal but that of the newest objects, and that too by a noted head", async () => {
  const batch = fc.record({
    writer: fc.nat({ max: 3 }),
    /** Whether the writer was started anew. */
    isNew: fc.boolean(),
    lines: fc.integer({ min: 1, max: 3 }),
    passedMs: fc.constantFrom(0, 1, 10_000, 1_800_000, DAY_MS),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(batch, { minLength: 1, maxLength: 12 }),
      fc.infiniteStream(fc.boolean()),
      async (batches, removals) => {
        const home = memoryStore();
        const writers = Array.from({ length: 4 }, () => writerOf(home));
        const order: string[] = [];
        let nowMs = START_MS;
        for (
          const [b, { writer, isNew, lines, passedMs }] of batches.entries()
        ) {
          nowMs += passedMs;
          if (isNew) writers[writer] = writerOf(home);
          const known = new Set(order);
          const ids = Array.from({ length: lines }, (_, i) => `${b} ${i}`);
          await writers[writer]!(nowMs, ids);
          const keys = [...(await textsOf(home)).keys()];
          order.push(...keys.filter((key) => !known.has(key)));
        }
        const whole = await verifyAudit(home);
        expect(whole.problems).toEqual([]);
        expect(whole.heads).toHaveLength(1);
        const removed = order.map(() => removals.next().value as boolean);
        for (const [i, key] of order.entries()) {
          if (removed[i]) await home.delete(key);
        }
        const firstRemoved = removed.indexOf(true);
        const isAtEnd = firstRemoved === -1 ||
          removed.slice(firstRemoved).every((is) => is);
        const { problems } = await verifyAudit(home);
        expect(problems.length === 0).toBe(isAtEnd);
        const noted = await verifyAudit(home, { noted: whole.heads });
        expect(noted.problems.length === 0).toBe(firstRemoved === -1);
      },
    ),
    { numRuns: 300, ...SEED },
  );
});

Deno.test("verifyAudit() finds any line that was changed, also the last", async () => {
  const home = memoryStore();
  const dashboard = writerOf(home);
  await dashboard(START_MS, ["a", "b", "c"]);
  await writerOf(home)(START_MS + 10, ["token"]);
  await dashboard(START_MS + 20, ["d", "e"]);
  const texts = await textsOf(home);
  let changed = 0;
  for (const [key, text] of texts) {
    const lines = text.split("\n").slice(0, -1);
    for (const i of lines.keys()) {
      const other = lines.with(i, lines[i]!.replace("anna", "otto"));
      const there = await storeOf(texts);
      await there.put(key, new TextEncoder().encode(`${other.join("\n")}\n`));
      expect((await verifyAudit(there)).problems).not.toEqual([]);
      const fewer = lines.toSpliced(i, 1);
      await there.put(key, new TextEncoder().encode(`${fewer.join("\n")}\n`));
      expect((await verifyAudit(there)).problems).not.toEqual([]);
      changed++;
    }
  }
  expect(changed).toBe(6);
});

Deno.test("writers that write at once are joined by the next line of any, and no object before it can be removed", async () => {
  const home = memoryStore();
  const writers = Array.from({ length: 3 }, () => writerOf(home));
  for (let round = 0; round < 5; round++) {
    const atMs = START_MS + round * 1000;
    await Promise.all(
      writers.map((write, w) => write(atMs, [`${round} ${w}`])),
    );
  }
  await writers[0]!(START_MS + 5000, ["last"]);
  const texts = await textsOf(home);
  const check = await verifyAudit(home);
  expect(check).toMatchObject({ objects: 16, lines: 16, problems: [] });
  expect(check.heads).toEqual([(await entriesOf(home)).get("last")!.hash]);
  for (const [key, text] of texts) {
    if (text.includes('"requestId":"last"')) continue;
    const there = await storeOf([...texts].filter(([other]) => other !== key));
    expect((await verifyAudit(there)).problems).not.toEqual([]);
  }
});
