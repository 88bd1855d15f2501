import { expect } from "@std/expect";
import {
  claimCase,
  releaseClaim,
  renewClaim,
} from "../../../shared/runs/claims.ts";
import { commitResult } from "../../../shared/runs/commit.ts";
import { attemptKey, claimKey, resultKey } from "../../../shared/runs/keys.ts";
import { findOrphans } from "../../../shared/runs/orphans.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { memoryStore, stepped } from "../../support/memory_store.ts";
import { resultOf } from "../../support/runs.ts";

const HOUR = 3600;

/** A store whose clock is hours off this machine's, and stands still. */
function bench() {
  let nowMs = Date.now() - 7 * HOUR * 1000;
  const store = memoryStore(() => nowMs);
  return {
    store,
    pass: (seconds: number) => {
      nowMs += seconds * 1000;
    },
    async write(caseId: string, attempt: string) {
      for (const name of ["mask.nii.gz", "mip.png"]) {
        await store.put(attemptKey(caseId, attempt, name), new Uint8Array(2));
      }
    },
    commit: (caseId: string, attempt: string) =>
      commitResult(store, resultOf(caseId, attempt)),
  };
}

async function orphans(store: ObjectStore, seconds: number) {
  const found = await Array.fromAsync(findOrphans(store, seconds));
  return [...new Set(found.map(({ key }) => key.replace(/\/[^/]*$/, "")))];
}

Deno.test("findOrphans() finds attempts that lost at once, and of open cases only what is old by the store's clock", async () => {
  const { store, pass, write, commit } = bench();
  await write("a", "lost");
  await write("open", "old");
  await write("ä b", "old");
  pass(HOUR);
  await write("a", "won");
  await write("open", "young");
  await write("alone", "won");
  await commit("a", "won");
  await commit("alone", "won");
  expect(await orphans(store, HOUR - 1)).toEqual([
    "attempts/%C3%A4 b/old",
    "attempts/a/lost",
    "attempts/open/old",
  ]);
  expect(await orphans(store, HOUR + 1)).toEqual(["attempts/a/lost"]);
});

Deno.test("findOrphans() takes an attempt that writes on for one at work", async () => {
  const { store, pass, write } = bench();
  await write("a", "slow");
  pass(2 * HOUR);
  await store.put(attemptKey("a", "slow", "late.nii.gz"), new Uint8Array(1));
  expect(await orphans(store, HOUR)).toEqual([]);
});

Deno.test("findOrphans() keeps cases apart whose names begin alike", async () => {
  const { store, pass, write, commit } = bench();
  for (const id of ["a", "a b", "a-1", "a.1", "a0"]) await write(id, "1");
  pass(2 * HOUR);
  for (const id of ["a b", "a.1"]) await commit(id, "1");
  expect(await orphans(store, HOUR)).toEqual([
    "attempts/a-1/1",
    "attempts/a/1",
    "attempts/a0/1",
  ]);
});

Deno.test("findOrphans() spares what is committed while it looks", async () => {
  const { store, pass, write, commit } = bench();
  await write("a", "slow");
  pass(2 * HOUR);
  const racing = stepped(store, async (what, key, when) => {
    const isStart = what === "list" && key === "attempts/" && when === "before";
    if (isStart) await commit("a", "slow");
  });
  expect(await orphans(racing, HOUR)).toEqual([]);
  expect(await store.head(resultKey("a"))).not.toBeNull();
});

Deno.test("findOrphans() passes over files that are no attempt's", async () => {
  const { store, pass } = bench();
  for (
    const key of [
      "attempts/.DS_Store",
      "attempts/a/notes.txt",
      "attempts/%zz/1/mask.nii.gz",
      "attempts/a/1/deeper/mask.nii.gz",
    ]
  ) await store.put(key, new Uint8Array(1));
  pass(100 * HOUR);
  expect(await orphans(store, HOUR)).toEqual([]);
});

Deno.test("findOrphans() spares the attempts of a case that is claimed, by its claim's own term and the store's clock", async () => {
  const { store, pass, write, commit } = bench();
  const by = { runId: "r", workerId: "w", termSeconds: 3 * HOUR };
  for (const id of ["done", "held", "released"]) {
    await write(id, "1");
    const claim = await claimCase(store, by, id, 0, 0);
    if (typeof claim === "string") throw new Error(claim);
    if (id === "released") await releaseClaim(store, claim);
  }
  await write("done", "2");
  await commit("done", "2");
  await write("damaged", "1");
  await store.put(claimKey("damaged", 1), new TextEncoder().encode("{"));
  pass(2 * HOUR);
  const over = ["attempts/done/1", "attempts/released/1"];
  expect(await orphans(store, HOUR)).toEqual(over);
  pass(2 * HOUR);
  expect(await orphans(store, HOUR)).toEqual([
    "attempts/done/1",
    "attempts/held/1",
    "attempts/released/1",
  ]);
});

Deno.test("findOrphans() spares what a worker writes that has been declared dead and is not", async () => {
  const { store, pass, write } = bench();
  await write("a", "slow");
  const claim = (workerId: string, newest: number) =>
    claimCase(store, { runId: "r", workerId, termSeconds: 60 }, "a", 0, newest);
  const first = await claim("slow", 0);
  if (typeof first === "string") throw new Error(first);
  pass(2 * HOUR);
  const second = await claim("other", 1);
  if (typeof second === "string") throw new Error(second);
  await releaseClaim(store, second);
  expect(await orphans(store, HOUR)).toEqual(["attempts/a/slow"]);
  await renewClaim(store, first);
  expect(await orphans(store, HOUR)).toEqual([]);
});
