/** @module When the index is refreshed, and what is said when it cannot be. */
import { expect } from "@std/expect";
import {
  createFreshness,
  refreshIntervalMs,
} from "../../dashboard/freshness.ts";
import { ageText } from "../../dashboard/views/age_text.ts";
import { fakeClock } from "../support/fake_clock.ts";

const HOUR_MS = 3_600_000;
const NOTHING_NEW = { recordsRead: 0, runsListed: 0, runsFound: 0 };

Deno.test("refreshIntervalMs() is short while someone looks, then long, then none", () => {
  expect(refreshIntervalMs(0)).toBe(5_000);
  expect(refreshIntervalMs(60_000)).toBe(5_000);
  expect(refreshIntervalMs(60_001)).toBe(60_000);
  expect(refreshIntervalMs(HOUR_MS)).toBe(60_000);
  expect(refreshIntervalMs(HOUR_MS + 1)).toBeNull();
});

/** Runs for so long; `lookAtMs`: when somebody looks. Returns when the index was refreshed, in seconds. */
async function refreshes(
  forMs: number,
  { lookAtMs = [], refresh = () => {} }: {
    lookAtMs?: readonly number[];
    refresh?: (nowMs: number) => void;
  } = {},
) {
  const stop = new AbortController();
  const at: number[] = [];
  const told: string[] = [];
  const clock = fakeClock(() => {
    const nowMs = clock.nowMs();
    if (lookAtMs.includes(nowMs)) freshness.seen();
    if (nowMs >= forMs) stop.abort();
  });
  const freshness = createFreshness({
    refresh: () => {
      at.push(clock.nowMs() / 1000);
      refresh(clock.nowMs());
      return Promise.resolve(NOTHING_NEW);
    },
  }, {
    indexedAt: null,
    clock,
    now: () => new Date(clock.nowMs()),
    onFailure: (problem) => told.push(problem),
  });
  await freshness.keep(stop.signal);
  return { at, told, state: freshness.state() };
}

Deno.test("keep() refreshes every 5 s for a minute, then every 60 s for an hour, then never", async () => {
  const { at } = await refreshes(3 * HOUR_MS);
  expect(at.slice(0, 13)).toEqual([
    0,
    5,
    10,
    15,
    20,
    25,
    30,
    35,
    40,
    45,
    50,
    55,
    60,
  ]);
  expect(at.slice(13, 16)).toEqual([120, 180, 240]);
  expect(at.at(-1)).toBe(3600);
  expect(at).toHaveLength(13 + 59);
});

Deno.test("keep() starts again when somebody comes back", async () => {
  const { at } = await refreshes(3 * HOUR_MS + 6_000, {
    lookAtMs: [3 * HOUR_MS],
  });
  expect(at.slice(-3)).toEqual([3_600, 10_800, 10_805]);
});

Deno.test("keep() tells an outage once, keeps the last state with its age, and mends itself", async () => {
  const down = { from: 10_000, to: 40_000 };
  const refresh = (nowMs: number) => {
    if (nowMs >= down.from && nowMs < down.to) throw new Error("no answer");
  };
  const during = await refreshes(35_000, { refresh });
  expect(during.state).toEqual({
    indexedAt: new Date(5_000),
    failure: "no answer",
  });
  expect(during.told).toEqual(["no answer"]);
  expect(during.at).toHaveLength(7);
  const after = await refreshes(45_000, { refresh });
  expect(after.state).toEqual({
    indexedAt: new Date(45_000 - 5_000),
    failure: null,
  });
});

Deno.test("ageText() says how old the index is", () => {
  const now = new Date(START_MS);
  const ago = (seconds: number) => new Date(START_MS - seconds * 1000);
  expect(ageText(ago(12), false, now)).toBe("As of 12 s ago");
  expect(ageText(ago(600), false, now)).toBe("As of 10 min ago");
  expect(ageText(ago(10_800), false, now)).toBe("As of 3 h ago");
  expect(ageText(ago(-3), false, now)).toBe("As of 0 s ago");
  expect(ageText(null, false, now)).toBe("Indexing");
  expect(ageText(ago(40), true, now)).toBe(
    "The store does not answer. As of 40 s ago",
  );
});

const START_MS = Date.parse("2026-11-24T09:00:00Z");
