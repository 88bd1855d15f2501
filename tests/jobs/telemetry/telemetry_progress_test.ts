import {
  type Attributes,
  type Context,
  type Counter,
  type Histogram,
  type Span,
  type SpanOptions,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { expect } from "@std/expect";
import type { ProgressEvent } from "../../../jobs/cli/progress.ts";
import { telemetryProgress } from "../../../jobs/telemetry/telemetry_progress.ts";

interface MadeSpan {
  readonly name: string;
  readonly startMs: unknown;
  endMs: unknown;
  attributes: Attributes;
  failed: boolean;
  readonly isSampled: boolean;
  /** The name of the span above, where it is one of ours. */
  readonly parent: string | undefined;
}

/** What telemetry makes of events; the clock moves on by a second with every one, from 1000 s on. */
function exported(events: readonly ProgressEvent[]) {
  const spans: MadeSpan[] = [];
  const bySpan = new Map<Span, MadeSpan>();
  const metrics: [string, number, Attributes | undefined][] = [];

  const tracer: Pick<Tracer, "startSpan"> = {
    startSpan(name: string, options: SpanOptions = {}, context?: Context) {
      const above = context && trace.getSpan(context);
      const made: MadeSpan = {
        name,
        startMs: options.startTime,
        endMs: undefined,
        attributes: options.attributes ?? {},
        failed: false,
        isSampled: above?.spanContext().traceFlags === 1,
        parent: above && bySpan.get(above)?.name,
      };
      spans.push(made);
      const span = trace.wrapSpanContext({
        ...above?.spanContext() ?? { traceId: "" },
        spanId: String(spans.length),
        traceFlags: made.isSampled ? 1 : 0,
      });
      bySpan.set(span, made);
      return Object.assign(span, {
        setAttributes(attributes: Attributes) {
          Object.assign(made.attributes, attributes);
          return span;
        },
        setStatus({ code }: { code: number }) {
          made.failed = code === 2;
          return span;
        },
        end: (endMs: unknown) => made.endMs = endMs,
      });
    },
  };
  const instrument = (name: string): Counter & Histogram => ({
    add: (value, attributes) => metrics.push([name, value, attributes]),
    record: (value, attributes) => metrics.push([name, value, attributes]),
  });
  const meter = { createCounter: instrument, createHistogram: instrument };

  let nowMs = 1_000_000;
  const progress = telemetryProgress(tracer, meter, () => nowMs);
  for (const event of events) {
    progress(event);
    nowMs += 1000;
  }
  return { spans, metrics };
}

const RUN = { "uptake.run_id": "r1" };
const A = { "uptake.case_id": "a" };
const DONE = { "uptake.outcome": "done" };

Deno.test("telemetryProgress() makes a span per case, and one per stage below it", () => {
  const { spans } = exported([
    { type: "start", cases: 1, runId: "r1" },
    { type: "caseStart", caseId: "a" },
    {
      type: "stage",
      caseId: "a",
      stage: "read",
      seconds: 0.25,
      outcome: "done",
    },
    { type: "window", caseId: "a", done: 1, total: 3 },
    { type: "window", caseId: "a", done: 3, total: 3 },
    { type: "caseEnd", caseId: "a", outcome: "done" },
    { type: "end" },
  ]);
  expect(spans).toEqual([
    {
      name: "case",
      startMs: 1_001_000,
      endMs: 1_005_000,
      attributes: { ...RUN, ...A, ...DONE, "uptake.windows": 3 },
      failed: false,
      isSampled: true,
      parent: undefined,
    },
    {
      name: "read",
      startMs: 1_001_750,
      endMs: 1_002_000,
      attributes: { ...RUN, ...A, ...DONE, "uptake.stage": "read" },
      failed: false,
      isSampled: true,
      parent: "case",
    },
  ]);
});

Deno.test("telemetryProgress() counts cases by outcome and kind, stages by seconds, and windows", () => {
  const { metrics } = exported([
    { type: "start", cases: 3, runId: "r1" },
    { type: "caseStart", caseId: "a" },
    { type: "caseStart", caseId: "b" },
    { type: "window", caseId: "a", done: 2, total: 3 },
    { type: "window", caseId: "b", done: 1, total: 1 },
    { type: "window", caseId: "a", done: 3, total: 3 },
    // Begun anew, as after memory ran out with a larger batch.
    { type: "window", caseId: "a", done: 1, total: 3 },
    {
      type: "stage",
      caseId: "b",
      stage: "segment",
      seconds: 2,
      outcome: "failed",
    },
    { type: "caseEnd", caseId: "b", outcome: "failed", kind: "engine" },
    { type: "caseEnd", caseId: "a", outcome: "done" },
    { type: "end" },
  ]);
  const failed = { "uptake.outcome": "failed" };
  expect(metrics).toEqual([
    ["uptake.windows", 2, undefined],
    ["uptake.windows", 1, undefined],
    ["uptake.windows", 1, undefined],
    ["uptake.windows", 1, undefined],
    ["uptake.stage.seconds", 2, { ...failed, "uptake.stage": "segment" }],
    ["uptake.cases", 1, { ...failed, "uptake.failure_kind": "engine" }],
    ["uptake.cases", 1, DONE],
  ]);
});

Deno.test("telemetryProgress() marks failures, of cases and of their stages", () => {
  const { spans } = exported([
    { type: "caseStart", caseId: "a" },
    {
      type: "stage",
      caseId: "a",
      stage: "read",
      seconds: 0,
      outcome: "failed",
    },
    { type: "caseEnd", caseId: "a", outcome: "failed", kind: "unreadable" },
    { type: "caseStart", caseId: "b" },
    { type: "caseEnd", caseId: "b", outcome: "left" },
  ]);
  expect(spans.map(({ name, failed }) => [name, failed])).toEqual([
    ["case", true],
    ["read", true],
    ["case", false],
  ]);
  expect(spans[0]?.attributes["uptake.failure_kind"]).toBe("unreadable");
});

Deno.test("telemetryProgress() ends what an interruption leaves open, as left", () => {
  const { spans, metrics } = exported([
    { type: "start", cases: 2 },
    { type: "caseStart", caseId: "a" },
    { type: "end" },
  ]);
  const left = { "uptake.outcome": "left" };
  expect(spans.map(({ attributes, endMs }) => [attributes, endMs])).toEqual([
    [{ ...A, ...left, "uptake.windows": 0 }, 1_002_000],
  ]);
  expect(metrics).toEqual([["uptake.cases", 1, left]]);
});
