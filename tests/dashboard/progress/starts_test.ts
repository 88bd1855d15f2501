/** @module For how long workers are taken to be on their way. */
import { expect } from "@std/expect";
import { createStarts } from "../../../dashboard/progress/starts.ts";

const MADE = "2026-11-24T09:00:00.000Z";
const run = { runId: "a", createdAt: MADE };

function startsAt() {
  let atMs = Date.parse(MADE);
  const starts = createStarts(() => new Date(atMs));
  return { ...starts, pass: (seconds: number) => atMs += seconds * 1000 };
}

Deno.test("areComing() holds for 30 s after a run was made", () => {
  const { areComing, pass } = startsAt();
  expect(areComing(run, [])).toBe(true);
  pass(29);
  expect(areComing(run, [])).toBe(true);
  pass(1);
  expect(areComing(run, [])).toBe(false);
});

Deno.test("areComing() holds for 30 s after workers of that run were asked for anew", () => {
  const { areComing, asked, pass } = startsAt();
  pass(3600);
  asked("a");
  pass(29);
  expect(areComing(run, [])).toBe(true);
  expect(areComing({ ...run, runId: "b" }, [])).toBe(false);
  pass(1);
  expect(areComing(run, [])).toBe(false);
});

Deno.test("areComing() ends with the first worker that has begun since, and no earlier one", () => {
  const { areComing, asked, pass } = startsAt();
  const first = { startedAt: "2026-11-24T09:00:02.000Z" };
  expect(areComing(run, [first])).toBe(false);
  pass(10);
  asked("a");
  expect(areComing(run, [first])).toBe(true);
  expect(areComing(run, [first, { startedAt: "2026-11-24T09:00:12.000Z" }]))
    .toBe(false);
});

Deno.test("areComing() bears a clock that is ahead, but not by much", () => {
  const { areComing, pass } = startsAt();
  pass(-29);
  expect(areComing(run, [])).toBe(true);
  pass(-1);
  expect(areComing(run, [])).toBe(false);
});
