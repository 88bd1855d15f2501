/** @module Records of which no line of the audit log tells. */
import { expect } from "@std/expect";
import { administer } from "../../../dashboard/administer.ts";
import { saveReview } from "../../../dashboard/reviews/save_review.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { substore } from "../../../shared/storage/substore.ts";
import { memoryStore } from "../../support/memory_store.ts";

const START_MS = Date.parse("2026-11-24T09:00:00Z");
const read = (name: string) => name === "USER" ? "anna" : undefined;

type Task = Parameters<typeof administer>[1];
const at = (home: ObjectStore, task: Task, ms = START_MS) =>
  administer(home, task, new Date(ms), read);

async function create(home: ObjectStore, name: string): Promise<string> {
  const task = { createToken: name, role: "reviewer", days: 1 } as const;
  return (await at(home, task)).text.split("_")[1]!;
}

async function check(home: ObjectStore) {
  const { ok, text } = await at(home, { verifyAudit: true });
  return { ok, lines: text.split("\n") };
}

/** Removes the objects with a text. */
async function removeWith(home: ObjectStore, text: string) {
  for (const { key } of await Array.fromAsync(home.list("audit/"))) {
    const { body } = (await home.get(key))!;
    if (new TextDecoder().decode(body).includes(text)) await home.delete(key);
  }
}

async function review(home: ObjectStore, ms: number) {
  await saveReview(
    substore(home, "runs/r1"),
    { runId: "r1", caseId: "case-1", reviewer: "anna" },
    { attempt: "a", verdict: "accept", reason: null, comment: "" },
    new Date(ms),
  );
}

Deno.test("--verify-audit finds a token whose making stands in no line, also where it was the last", async () => {
  const home = memoryStore();
  await create(home, "first");
  const id = await create(home, "second");
  expect((await check(home)).ok).toBe(true);
  await removeWith(home, id);
  const { ok, lines } = await check(home);
  expect(ok).toBe(false);
  expect(lines.slice(0, 2)).toEqual([
    `Token ${id} is there, and no line tells who made it`,
    "The audit log has 1 problem: 1 line in 1 file",
  ]);
});

Deno.test("--verify-audit finds a token that is gone without a line that tells who revoked it", async () => {
  const home = memoryStore();
  const id = await create(home, "first");
  await at(home, { revokeToken: id });
  expect((await check(home)).ok).toBe(true);
  await removeWith(home, "--revoke-token");
  const { ok, lines } = await check(home);
  expect(ok).toBe(false);
  expect(lines[0]).toBe(
    `Token ${id} is gone, and no line tells who revoked it`,
  );
});

Deno.test("--verify-audit does not take a removed log for a home that nobody has used", async () => {
  const home = memoryStore();
  const id = await create(home, "first");
  await review(home, START_MS + 1000);
  await review(home, START_MS + 2000);
  await removeWith(home, "");
  expect(await check(home)).toEqual({
    ok: false,
    lines: [
      `Token ${id} is there, and no line tells who made it`,
      "Run r1 has 2 reviews from before the first line",
      "The audit log is empty, and has 2 problems",
    ],
  });
});

Deno.test("--verify-audit finds reviews from before a log that was begun anew, but no review that its line is a moment behind", async () => {
  const home = memoryStore();
  await review(home, START_MS - 5000);
  await create(home, "first");
  expect((await check(home)).ok).toBe(true);
  await review(home, START_MS - 2 * 3_600_000);
  const { ok, lines } = await check(home);
  expect(ok).toBe(false);
  expect(lines[0]).toBe("Run r1 has 1 review from before the first line");
});

Deno.test("--verify-audit tells the head, and whether one that was told before is still there", async () => {
  const home = memoryStore();
  await create(home, "first");
  const { lines } = await check(home);
  expect(lines).toEqual([
    "The audit log is whole: 1 line in 1 file, none changed and none missing between",
    expect.stringMatching(/^head [0-9a-f]{64} of 1 line$/),
    expect.stringContaining("Lines removed at the end"),
  ]);
  const head = lines[1]!.split(" ")[1]!;
  const id = await create(home, "second");
  await at(home, { revokeToken: id });
  const verify = (...auditHeads: string[]) =>
    at(home, { verifyAudit: true, auditHeads });
  const later = await verify(head);
  expect(later.ok).toBe(true);
  expect(later.text).toContain("Lines that came after the noted head");
  const [, newest] = /^head (\S+) of 3 lines$/m.exec(later.text)!;
  // Both lines about a token that is no more: nothing in the home tells of them.
  await removeWith(home, id);
  expect((await verify(head)).ok).toBe(true);
  const removed = await verify(head, newest!);
  expect(removed.ok).toBe(false);
  expect(removed.text).toContain(
    `The noted head ${newest} is missing or changed`,
  );
});
