import { expect } from "@std/expect";
import {
  every,
  readPattern,
} from "../../../../jobs/evaluation/reevaluate/every.ts";
import { fakeClock } from "../../../support/fake_clock.ts";

const startMs = Date.parse("2026-03-28T12:00:00Z");

/** Runs `work` at two o'clock in Berlin until it has been done so often. */
async function nights(
  count: number,
  work: (night: number, advance: (ms: number) => void) => void,
): Promise<{ times: string[]; said: string[] }> {
  const clock = fakeClock();
  const now = () => new Date(startMs + clock.nowMs());
  const stop = new AbortController();
  const times: string[] = [];
  const said: string[] = [];
  const running = every(() => {
    times.push(now().toISOString());
    if (times.length === count) stop.abort(new Error("stopped"));
    work(times.length, clock.advance);
    return Promise.resolve();
  }, {
    next: readPattern("0 2 * * *", "Europe/Berlin"),
    signal: stop.signal,
    say: (line) => said.push(line),
    clock,
    now,
  });
  await expect(running).rejects.toThrow("stopped");
  expect(Math.max(...clock.sleptMs)).toBeLessThanOrEqual(60_000);
  return { times, said };
}

Deno.test("every() does the work at its times, also where summer time begins", async () => {
  const { times, said } = await nights(3, () => {});
  // On the 29th there is no 2 o'clock: 3 o'clock in summer is when it would be.
  expect(times).toEqual([
    "2026-03-29T01:00:00.000Z",
    "2026-03-30T00:00:00.000Z",
    "2026-03-31T00:00:00.000Z",
  ]);
  expect(said[0]).toBe("Next at 2026-03-29T01:00:00.000Z");
});

Deno.test("every() goes on after a failure and leaves out times that pass meanwhile", async () => {
  const { times, said } = await nights(2, (night, advance) => {
    if (night > 1) return;
    advance(36 * 3600_000);
    throw new RangeError("no store");
  });
  expect(times[1]).toBe("2026-03-31T00:00:00.000Z");
  expect(said).toContain("This time it failed: no store");
});

Deno.test("every() ends when no further time will come", async () => {
  let done = 0;
  await every(() => Promise.resolve(void done++), {
    next: () => done === 0 ? new Date(0) : null,
    signal: new AbortController().signal,
    say: () => {},
  });
  expect(done).toBe(1);
});

Deno.test("readPattern() refuses patterns and zones that are none, and times that never come", () => {
  for (
    const pattern of ["", "2 o'clock", "0 2 * *", "0 0 2 * * *", "0 25 * * *"]
  ) {
    expect(() => readPattern(pattern, "UTC")).toThrow(RangeError);
  }
  expect(() => readPattern("0 2 * * *", "Nowhere")).toThrow(RangeError);
  expect(() => readPattern("0 2 31 2 *", "UTC")).toThrow(
    'Cannot do it at "0 2 31 2 *", UTC: no such time will come',
  );
});
