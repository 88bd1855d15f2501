import { Writable } from "node:stream";
import { expect } from "@std/expect";
import {
  barProgress,
  caseEndEvent,
  combine,
  type ProgressEvent,
} from "../../../jobs/cli/progress.ts";

/** What the bar writes where no terminal is. */
function written(events: readonly ProgressEvent[]): string {
  let text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const progress = barProgress(stream);
  for (const event of events) progress(event);
  return text;
}

const caseEnd = (caseId: string): ProgressEvent => ({
  type: "caseEnd",
  caseId,
  outcome: "done",
});

Deno.test("barProgress() ends with how many cases came to an end", () => {
  const text = written([
    { type: "start", cases: 2 },
    { type: "window", caseId: "a", done: 1, total: 4 },
    caseEnd("a"),
    caseEnd("b"),
    { type: "end" },
  ]);
  const last = text.trimEnd().split("\n").at(-1);
  expect(last).toMatch(/100% \| 2\/2 cases \| b \| .+ left$/);
});

Deno.test("barProgress() moves with the windows inside a case", () => {
  const text = written([
    { type: "start", cases: 2 },
    caseEnd("a"),
    { type: "window", caseId: "b", done: 1, total: 2 },
    { type: "end" },
  ]);
  expect(text).toMatch(/75% \| 1\/2 cases \| b: window 1\/2 \|/);
});

Deno.test("barProgress() draws nothing where there is nothing to do", () => {
  expect(written([{ type: "start", cases: 0 }, { type: "end" }])).toBe("");
});

Deno.test("barProgress() begins anew with the next piece of work", () => {
  const text = written([
    ...[{ type: "start", cases: 1 }, caseEnd("a"), { type: "end" }] as const,
    ...[{ type: "start", cases: 4 }, caseEnd("b"), { type: "end" }] as const,
  ]);
  expect(text).toMatch(/25% \| 1\/4 cases \| b \|/);
});

Deno.test("combine() tells every listener every event, in order", () => {
  const told: string[] = [];
  const progress = combine(
    ({ type }) => told.push(`first: ${type}`),
    ({ type }) => told.push(`second: ${type}`),
  );
  progress({ type: "start", cases: 1 });
  progress({ type: "end" });
  expect(told).toEqual([
    ...["first: start", "second: start", "first: end", "second: end"],
  ]);
});

Deno.test("caseEndEvent() tells done, failed with its kind, and left", () => {
  const event = { type: "caseEnd", caseId: "a" };
  expect(caseEndEvent("a", { status: "done" }))
    .toEqual({ ...event, outcome: "done" });
  expect(caseEndEvent("a", { status: "failed", failure: { kind: "voxels" } }))
    .toEqual({ ...event, outcome: "failed", kind: "voxels" });
  expect(caseEndEvent("a", null)).toEqual({ ...event, outcome: "left" });
});
