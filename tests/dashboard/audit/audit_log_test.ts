/** @module The audit log: append-only, chained, and patient with the store. */
import { expect } from "@std/expect";
import { createAuditLog } from "../../../dashboard/audit/audit_log.ts";
import {
  auditEntrySchema,
  type AuditEvent,
  hashLine,
  NO_LINE,
} from "../../../dashboard/audit/entry.ts";
import { verifyAudit } from "../../../dashboard/audit/verify_audit.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { memoryStore, stepped } from "../../support/memory_store.ts";

const now = () => new Date("2026-11-24T09:30:15.250Z");

function event(requestId: string): AuditEvent {
  return {
    at: now().toISOString(),
    requestId,
    actor: "anna",
    role: "viewer",
    by: "token",
    from: "192.0.2.1",
    action: "view",
    method: "GET",
    route: "/runs/:runId",
    params: { runId: "r1" },
    status: 200,
    outcome: "done",
  };
}

async function objectsOf(home: ObjectStore) {
  const infos = await Array.fromAsync(home.list("audit/"));
  return await Promise.all(infos.map(async ({ key }) => {
    const { body } = (await home.get(key))!;
    return { key, lines: new TextDecoder().decode(body).trimEnd().split("\n") };
  }));
}

async function write(home: ObjectStore, ...batches: string[][]) {
  const log = createAuditLog(home, now);
  for (const batch of batches) {
    for (const id of batch) log.record(event(id));
    await log.flush();
  }
}

Deno.test("createAuditLog() chains lines within objects, between them, and over starts", async () => {
  const home = memoryStore();
  await write(home, ["a", "b"], [], ["c"]);
  await write(home, ["d"]);
  const objects = await objectsOf(home);
  expect(objects).toHaveLength(3);
  expect(objects[0]!.key).toMatch(
    /^audit\/2026-11-24\/20261124T093015250Z-[0-9a-f]{8}-000001-[0-9a-f]{64}\.jsonl$/,
  );
  expect(objects.map(({ lines }) => lines.length).sort()).toEqual([1, 1, 2]);
  const lines = objects.flatMap(({ lines }) => lines);
  const entries = lines.map((line) => auditEntrySchema.parse(JSON.parse(line)));
  const byId = new Map(entries.map((entry, i) => [entry.requestId, {
    ...entry,
    hash: hashLine(lines[i]!),
  }]));
  expect(byId.get("a")!.previous).toBe(NO_LINE);
  expect(byId.get("b")!.previous).toBe(byId.get("a")!.hash);
  expect(byId.get("c")!.previous).toBe(byId.get("b")!.hash);
  expect(byId.get("d")!.previous).toBe(byId.get("c")!.hash);
  expect([..."abcd"].map((id) => byId.get(id)!.seq)).toEqual([1, 2, 3, 1]);
  expect(await verifyAudit(home)).toEqual({
    objects: 3,
    lines: 4,
    heads: [byId.get("d")!.hash],
    problems: [],
  });
});

Deno.test("verifyAudit() finds a changed, a missing and a foreign line", async () => {
  const home = memoryStore();
  await write(home, ["a"], ["b"], ["c"]);
  const objects = await objectsOf(home);
  const keyOf = (id: string) =>
    objects.find(({ lines }) => lines[0]!.includes(`"requestId":"${id}"`))!.key;
  const put = (key: string, text: string) =>
    home.put(key, new TextEncoder().encode(text));
  const original = (await home.get(keyOf("b")))!.body;

  await put(
    keyOf("b"),
    new TextDecoder().decode(original).replace("anna", "otto"),
  );
  expect((await verifyAudit(home)).problems).toEqual([
    `${keyOf("b")}: its last line is missing or changed`,
    `${keyOf("c")}, line 1: the line before it is missing or changed`,
  ]);
  await home.delete(keyOf("b"));
  expect((await verifyAudit(home)).problems).toHaveLength(1);
  await home.put(keyOf("b"), original);
  expect((await verifyAudit(home)).problems).toEqual([]);
  await put("audit/2026-11-24/x.jsonl", "nonsense\n");
  expect((await verifyAudit(home)).problems).toEqual([
    "audit/2026-11-24/x.jsonl, line 1 is no line of the log",
  ]);
});

Deno.test("flush() keeps events in order until the store takes them", async () => {
  let isDown = true;
  const store = memoryStore();
  const home = stepped(
    store,
    (what) =>
      isDown && what === "create"
        ? Promise.reject(new Error("no answer"))
        : Promise.resolve(),
  );
  const log = createAuditLog(home, now);
  log.record(event("a"));
  await expect(log.flush()).rejects.toThrow("no answer");
  log.record(event("b"));
  isDown = false;
  await log.flush();
  const lines = (await objectsOf(store)).flatMap(({ lines }) => lines);
  expect(lines.map((line) => JSON.parse(line).requestId)).toEqual(["a", "b"]);
});

Deno.test("flush() takes a success whose answer was lost for one, and writes nothing twice", async () => {
  const store = memoryStore();
  let isLost = true;
  const home = stepped(store, (what, _, when) => {
    if (what !== "create" || when !== "after" || !isLost) {
      return Promise.resolve();
    }
    isLost = false;
    return Promise.reject(new Error("connection reset"));
  });
  const log = createAuditLog(home, now);
  log.record(event("a"));
  await expect(log.flush()).rejects.toThrow("connection reset");
  await log.flush();
  expect(await verifyAudit(store)).toMatchObject({
    objects: 1,
    lines: 1,
    problems: [],
  });
});

Deno.test("flush() goes on after a lost answer though more was noted meanwhile", async () => {
  const store = memoryStore();
  let isLost = true;
  const home = stepped(store, (what, _, when) => {
    if (what !== "create" || when !== "after" || !isLost) {
      return Promise.resolve();
    }
    isLost = false;
    return Promise.reject(new Error("connection reset"));
  });
  const log = createAuditLog(home, now);
  log.record(event("a"));
  await expect(log.flush()).rejects.toThrow("connection reset");
  log.record(event("b"));
  await log.flush();
  expect(await verifyAudit(store)).toMatchObject({ lines: 2, problems: [] });
});

Deno.test("isFull() tells when too much waits for the store", () => {
  const log = createAuditLog(memoryStore(), now);
  for (let i = 0; i < 9_999; i++) log.record(event("a"));
  expect(log.isFull()).toBe(false);
  log.record(event("a"));
  expect(log.isFull()).toBe(true);
});

Deno.test("flush() ends once what was noted before it is stored, whenever that was", async () => {
  // One flush goes on, and at any step of it another line is noted and to be stored.
  for (let steps = 0; steps < 60; steps++) {
    const home = memoryStore();
    const log = createAuditLog(home, now);
    log.record(event("first"));
    const first = log.flush();
    for (let step = 0; step < steps; step++) await Promise.resolve();
    log.record(event("second"));
    await log.flush();
    const lines = (await objectsOf(home)).flatMap(({ lines }) => lines);
    expect(`${steps}: ${lines.length}`).toBe(`${steps}: 2`);
    await first;
  }
});

Deno.test("two dashboards that write at once into one home keep every line", async () => {
  const home = memoryStore();
  const logs = [createAuditLog(home, now), createAuditLog(home, now)];
  await Promise.all(
    logs.flatMap((log, l) =>
      Array.from({ length: 50 }, async (_, i) => {
        log.record(event(`${l} ${i}`));
        await log.flush();
      })
    ),
  );
  expect(await verifyAudit(home)).toMatchObject({ lines: 100, problems: [] });
});
