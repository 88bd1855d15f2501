/** @module The page of schedules, and the same as JSON. */
import { expect } from "@std/expect";
import { scheduleState } from "../../../dashboard/submit/schedules.ts";
import type { Schedule } from "../../../shared/runs/home/records.ts";
import { encodeRecord, writeRecord } from "../../../shared/runs/record_io.ts";
import { bearer, testDashboard } from "../../support/dashboard.ts";
import { wordsOf } from "../../support/results_dashboard.ts";

/** The tests' clock starts at 9:00 on the 24th. */
const nightly: Schedule = {
  format: 1,
  name: "nightly",
  keptBy: "process",
  cron: "0 2 * * *",
  timeZone: "Europe/Berlin",
  datasets: ["s3://bucket/a"],
  nextAt: "2026-11-25T01:00:00.000Z",
  lastStartedAt: "2026-11-24T01:00:00.000Z",
  lastEndedAt: "2026-11-24T02:30:00.000Z",
  lastExitCode: 4,
};

async function asOperator() {
  const { request, home, tokens, clock } = await testDashboard();
  const headers = { ...bearer(tokens.operator), accept: "text/html" };
  return {
    home,
    clock,
    words: async () =>
      wordsOf(await (await request("/schedules", { headers })).text()),
    /** As the page and the API list them alike. */
    async namesOf(query: string): Promise<string[]> {
      const page = await (await request(`/schedules${query}`, { headers }))
        .text();
      const listed = [...page.matchAll(/short-name">([a-z]+)</g)]
        .map(([, name]) => name!);
      const answer = await request(`/api/v1/schedules${query}`, { headers });
      const { items } = await answer.json();
      expect(items.map(({ name }: Schedule) => name)).toEqual(listed);
      return listed;
    },
    json: async () =>
      await (await request("/api/v1/schedules", { headers })).json(),
  };
}

Deno.test("schedules are listed with their next and last time and how they ended", async () => {
  const { home, words, json } = await asOperator();
  expect(await words()).toContain("Nothing is done by the clock yet");
  await writeRecord(home, "schedules/nightly.json", nightly);
  const weekly = { ...nightly, name: "weekly", nextAt: null, lastExitCode: 1 };
  await writeRecord(home, "schedules/a-weekly.json", weekly);
  await home.put("schedules/bad.json", encodeRecord({ format: 9 }));
  const text = await words();
  expect(text).toMatch(
    /nightly +0 2 \* \* \* +Europe\/Berlin +Waiting +2026-11-25 01:00 +2026-11-24 01:00 +2026-11-24 02:30 +A checkpoint is worse +s3:\/\/bucket\/a/,
  );
  expect(text).toMatch(/weekly .*Stopped .*Failed \(1\)/);
  expect(text).toContain("Cannot read memory://store/schedules/bad.json");
  const { items, total, problems } = await json();
  expect([total, problems.length]).toEqual([2, 1]);
  expect(items).toEqual([
    { ...nightly, state: "waiting" },
    { ...weekly, state: "stopped" },
  ]);
});

Deno.test("schedules are searched, narrowed to a state and sorted, on the page as in the API", async () => {
  const { home, namesOf } = await asOperator();
  const put = (name: string, change: Partial<Schedule>) =>
    writeRecord(home, `schedules/${name}.json`, {
      ...nightly,
      name,
      ...change,
    });
  await put("a", { nextAt: "2026-11-26T01:00:00.000Z" });
  await put("b", { nextAt: null });
  await put("c", { datasets: ["s3://other/d"] });
  await put("d", { nextAt: "2026-11-27T01:00:00.000Z" });
  expect(await namesOf("")).toEqual(["c", "a", "d", "b"]);
  expect(await namesOf("?sort=nextAt&direction=descending"))
    .toEqual(["d", "a", "c", "b"]);
  expect(await namesOf("?sort=name")).toEqual(["a", "b", "c", "d"]);
  expect(await namesOf("?state=stopped")).toEqual(["b"]);
  expect(await namesOf("?search=OTHER")).toEqual(["c"]);
  expect(await namesOf("?search=OTHER&state=stopped")).toEqual([]);
});

Deno.test("nights of a CronJob are listed, and one that was switched off is missed, not to come", async () => {
  const { home, clock, words } = await asOperator();
  const cronJob: Schedule = { ...nightly, keptBy: "elsewhere" };
  await writeRecord(home, "schedules/nightly.json", cronJob);
  expect(await words()).toMatch(
    /Europe\/Berlin +Started by another program .*Waiting +2026-11-25 01:00/,
  );
  // 02:11 of the next day: it tries for an hour, and its machine takes time.
  clock.advance((17 * 60 + 11) * 60_000);
  const text = await words();
  expect(text).toContain("Missed Nothing began: look whether its CronJob");
  expect(text).toContain("2026-11-25 01:00 Was due");
});

Deno.test("scheduleState() tells who waits, works, is missing or has stopped", () => {
  const at = (time: string, change: Partial<Schedule> = {}) =>
    scheduleState({ ...nightly, ...change }, new Date(time));
  expect(at("2026-11-24T09:00:00Z")).toBe("waiting");
  expect(at("2026-11-25T01:09:00Z")).toBe("waiting");
  expect(at("2026-11-25T01:11:00Z")).toBe("missed");
  const begun = { lastStartedAt: "2026-11-25T01:00:00.000Z" };
  expect(at("2026-11-25T05:00:00Z", begun)).toBe("running");
  expect(at("2026-11-25T05:00:00Z", { ...begun, lastEndedAt: null }))
    .toBe("running");
  expect(at("2026-11-25T05:00:00Z", { nextAt: null })).toBe("stopped");

  // As it is written when it begins: the next time is the one after.
  const following = { ...begun, nextAt: "2026-11-26T01:00:00.000Z" };
  expect(at("2026-11-26T01:09:00Z", following)).toBe("running");
  expect(at("2026-11-26T01:11:00Z", following)).toBe("overdue");

  const elsewhere = { keptBy: "elsewhere" } as const;
  expect(at("2026-11-25T02:09:00Z", elsewhere)).toBe("waiting");
  expect(at("2026-11-25T02:11:00Z", elsewhere)).toBe("missed");
  expect(at("2026-11-26T02:11:00Z", { ...elsewhere, ...following }))
    .toBe("overdue");
  const unclear = { ...elsewhere, nextAt: null };
  expect(at("2026-11-26T05:00:00Z", unclear)).toBe("unknown");
  expect(at("2026-11-26T05:00:00Z", { ...unclear, ...begun })).toBe("running");
});
