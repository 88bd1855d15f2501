import fc from "fast-check";
import { expect } from "@std/expect";
import {
  type Claimant,
  claimCase,
  isExpired,
  listClaims,
  MAX_ABANDONED_CLAIMS,
  releaseClaim,
  renewClaim,
} from "../../../shared/runs/claims.ts";
import { claimKey } from "../../../shared/runs/keys.ts";
import { readRecord } from "../../../shared/runs/record_io.ts";
import { type Claim, claimSchema } from "../../../shared/runs/records.ts";
import { FileStore } from "../../../shared/storage/file_store.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { memoryStore, stepped } from "../../support/memory_store.ts";
import { withFolder } from "../../support/temporary_folder.ts";

const HOUR_MS = 3_600_000;
const NEVER = new AbortController().signal;

function claimant(workerId: string, termSeconds = 60): Claimant {
  return { runId: "r", workerId, termSeconds };
}

/** A store whose clock stands still until a test moves it. */
function clockedStore(startMs = Date.now()) {
  let nowMs = startMs;
  return {
    store: memoryStore(() => nowMs),
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

async function claimed(
  store: ObjectStore,
  workerId: string,
  { caseId = "c", round = 0, newest = 0, termSeconds = 60 } = {},
): Promise<Claim> {
  const by = claimant(workerId, termSeconds);
  const claim = await claimCase(store, by, caseId, round, newest);
  if (typeof claim === "string") throw new Error(`It is ${claim}`);
  return claim;
}

function text(content: string) {
  return new TextEncoder().encode(content);
}

Deno.test("claimCase() lets exactly one of eight racers have a case, on disk and in memory", async () => {
  async function race(store: ObjectStore) {
    const names = ["1", "2", "3", "4", "5", "6", "7", "8"];
    for (const newest of [0, 1]) {
      const ends = await Promise.all(
        names.map((name) => claimCase(store, claimant(name), "c", 0, newest)),
      );
      const winners = ends.filter((end) => typeof end !== "string");
      expect(winners).toHaveLength(1);
      expect(ends.filter((end) => end === "held")).toHaveLength(7);
      await releaseClaim(store, winners[0]!);
    }
  }
  await race(memoryStore());
  await withFolder((folder) => race(new FileStore(folder)));
});

Deno.test("claimCase() refuses a case that another worker holds, until its term has passed", async () => {
  const { store, pass } = clockedStore();
  await claimed(store, "a");
  pass(60_000);
  expect(await claimCase(store, claimant("b"), "c", 0, 1)).toBe("held");
  pass(1);
  expect(await claimed(store, "b", { newest: 1 })).toMatchObject({
    generation: 2,
    workerId: "b",
  });
});

for (const aheadHours of [-5, 5]) {
  const off = `${Math.abs(aheadHours)} hours ${
    aheadHours < 0 ? "behind" : "ahead"
  }`;
  Deno.test(`claimCase() goes by the store's clock, also where it is ${off}`, async () => {
    const { store, pass } = clockedStore(Date.now() + aheadHours * HOUR_MS);
    await claimed(store, "a");
    expect(await claimCase(store, claimant("b"), "c", 0, 1)).toBe("held");
    const listed = (await listClaims(store, NEVER)).get("c")!;
    expect(isExpired(listed, 60, await store.now())).toBe(false);
    pass(61_000);
    expect(isExpired(listed, 60, await store.now())).toBe(true);
    await claimed(store, "b", { newest: 1 });
  });
}

Deno.test("claimCase() goes by the term of the owner, not by its own", async () => {
  const { store, pass } = clockedStore();
  await claimed(store, "a", { termSeconds: 600 });
  pass(120_000);
  expect(await claimCase(store, claimant("b", 60), "c", 0, 1)).toBe("held");
});

Deno.test("renewClaim() makes a claim last, whatever the listing said", async () => {
  const { store, pass } = clockedStore();
  const claim = await claimed(store, "a");
  const listed = (await listClaims(store, NEVER)).get("c")!;
  pass(50_000);
  await renewClaim(store, claim);
  pass(50_000);
  expect(isExpired(listed, 60, await store.now())).toBe(true);
  expect(await claimCase(store, claimant("b"), "c", 0, 1)).toBe("held");
});

Deno.test("claimCase() does not take a claim that was renewed for one that has expired, however long an answer takes", async () => {
  const { store, pass } = clockedStore();
  const claim = await claimed(store, "a");
  for (const slow of ["now", "get", "head"] as const) {
    for (const slowWhen of ["before", "after"] as const) {
      const late = stepped(store, async (what, _key, when) => {
        if (what !== slow || when !== slowWhen) return;
        for (let n = 0; n < 3; n++) {
          pass(50_000);
          await renewClaim(store, claim);
        }
      });
      expect(await claimCase(late, claimant("b"), "c", 0, 1)).toBe("held");
    }
  }
});

Deno.test("claimCase() takes what was released, or is of an older round, at once", async () => {
  const { store } = clockedStore();
  await releaseClaim(store, await claimed(store, "a"));
  expect((await claimed(store, "b", { newest: 1 })).generation).toBe(2);
  expect(await claimCase(store, claimant("c"), "c", 0, 2)).toBe("held");
  expect(await claimed(store, "c", { round: 1, newest: 2 })).toMatchObject({
    generation: 3,
    round: 1,
  });
});

Deno.test("claimCase() recognises its own claim after a lost answer", async () => {
  const store = memoryStore();
  const lossy: ObjectStore = {
    ...store,
    async create(...args) {
      await store.create(...args);
      return false;
    },
  };
  expect(await claimed(lossy, "a")).toMatchObject({
    workerId: "a",
    generation: 1,
  });
  expect(await claimCase(lossy, claimant("b"), "c", 0, 0)).toBe("held");
});

Deno.test("claimCase() gives up a case that three workers of a round were lost with", async () => {
  const { store, pass } = clockedStore();
  for (let newest = 0; newest < MAX_ABANDONED_CLAIMS; newest++) {
    await claimed(store, `w${newest}`, { newest });
    pass(61_000);
  }
  const next = claimant("next");
  expect(await claimCase(store, next, "c", 0, 3)).toBe("abandoned");
  expect(await store.head(claimKey("c", 4))).toBeNull();
  // Another round is another chance, and counts anew.
  for (let newest = 3; newest < 6; newest++) {
    await claimed(store, `x${newest}`, { round: 1, newest });
    pass(61_000);
  }
  expect(await claimCase(store, next, "c", 1, 6)).toBe("abandoned");
});

Deno.test("claimCase() does not count claims that were released", async () => {
  const { store, pass } = clockedStore();
  for (let newest = 0; newest < 6; newest++) {
    const claim = await claimed(store, `w${newest}`, { newest });
    if (newest % 2 === 0) await releaseClaim(store, claim);
    else pass(61_000);
  }
  // Generations 2, 4 and 6 were abandoned.
  expect(await claimCase(store, claimant("z"), "c", 0, 6)).toBe("abandoned");
});

Deno.test("listClaims() tells the newest claim of each case and passes over foreign files", async () => {
  const { store, pass } = clockedStore(Date.UTC(2026, 0, 2));
  for (const caseId of ["a", "ä b", "日本 1", "100%"]) {
    await claimed(store, "w", { caseId });
  }
  pass(1000);
  await releaseClaim(store, await claimed(store, "w", { caseId: "x" }));
  for (let newest = 1; newest <= 10; newest++) {
    const claim = await claimed(store, "w", { caseId: "x", newest });
    await releaseClaim(store, claim);
  }
  for (
    const foreign of [
      ".DS_Store",
      "a/.DS_Store",
      "a/0.json",
      "a/01.json",
      "a/2.json~",
      "a/2/3.json",
      "a/10000000000000000000.json",
      "%zz/1.json",
      "%41/1.json",
      "notes.json",
    ]
  ) await store.put(`claims/${foreign}`, text("?"));
  const claims = await listClaims(store, NEVER);
  expect([...claims.keys()].sort()).toEqual(
    ["100%", "a", "x", "ä b", "日本 1"].sort(),
  );
  // By number, not by name: 11 comes after 9.
  expect(claims.get("x")).toEqual({
    generation: 11,
    renewedAt: new Date(Date.UTC(2026, 0, 2) + 1000),
  });
  for (const caseId of ["a", "ä b"]) {
    expect(claims.get(caseId)!.generation).toBe(1);
  }
});

Deno.test("claimCase() takes a damaged claim for another worker's until the term has passed", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.constantFrom("", "{}", '{"state": "released"}'),
      ),
      async (damaged) => {
        const { store, pass } = clockedStore();
        await store.put(claimKey("c", 1), text(damaged));
        expect(await claimCase(store, claimant("b"), "c", 0, 1)).toBe("held");
        expect(await store.create(claimKey("c", 2), text(damaged))).toBe(true);
        pass(61_000);
        const claim = await claimed(store, "b", { newest: 2 });
        expect(claim.generation).toBe(3);
        // And so does one who lost the race to it.
        expect(await claimCase(store, claimant("d"), "c", 0, 2)).toBe("held");
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("claimCase() loses to a damaged claim that appears under the number it wants", async () => {
  const { store } = clockedStore();
  await store.put(claimKey("c", 1), text("{"));
  expect(await claimCase(store, claimant("b"), "c", 0, 0)).toBe("held");
});

Deno.test("claimCase() does not count down from a number that somebody made up", async () => {
  let reads = 0;
  const { store: plain, pass } = clockedStore();
  const store = stepped(plain, (what, _key, when) => {
    if (what === "get" && when === "before") reads++;
    return Promise.resolve();
  });
  await store.put(claimKey("c", 999_999_999), text("{}"));
  pass(61_000);
  await claimed(store, "a", { newest: 999_999_999 });
  expect(reads).toBeLessThan(5);
});

Deno.test("releaseClaim() keeps all but state and time of a claim", async () => {
  const store = memoryStore();
  const claim = await claimed(store, "a", { caseId: "ä b" });
  await releaseClaim(store, claim);
  expect(await readRecord(store, "claims/%C3%A4 b/1.json", claimSchema))
    .toEqual({ ...claim, state: "released", renewedAt: expect.any(String) });
});
