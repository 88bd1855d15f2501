/**
 * Progress as spans (one per case, one per stage below it) and metrics. Attributes are ids, stages,
 * outcomes and counts: nothing of locations, keys or messages.
 * @module
 */
import {
  type Attributes,
  type Context,
  type Meter,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from "@opentelemetry/api";
import type { Progress, ProgressEvent } from "../cli/progress.ts";

/** From a small window on a GPU to a whole-body case on a slow CPU. */
const STAGE_SECONDS_BOUNDS = [
  ...[0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000],
];

interface OpenCase {
  readonly span: Span;
  /** For the spans of its stages. */
  readonly context: Context;
  readonly attributes: Attributes;
  /** Windows computed so far. */
  windows: number;
}

/** @param nowMs milliseconds since 1970, with fractions */
export function telemetryProgress(
  tracer: Pick<Tracer, "startSpan">,
  meter: Pick<Meter, "createCounter" | "createHistogram">,
  nowMs: () => number = () => performance.timeOrigin + performance.now(),
): Progress {
  const cases = meter.createCounter("uptake.cases", {
    description: "Cases that came to an end, by outcome and kind of failure",
    unit: "{case}",
  });
  const stageSeconds = meter.createHistogram("uptake.stage.seconds", {
    description: "How long stages of cases took",
    unit: "s",
    advice: { explicitBucketBoundaries: STAGE_SECONDS_BOUNDS },
  });
  const windows = meter.createCounter("uptake.windows", {
    description: "Windows computed",
    unit: "{window}",
  });
  const open = new Map<string, OpenCase>();
  let runId: string | undefined;

  function startCase(caseId: string): OpenCase {
    const attributes: Attributes = {
      ...(runId === undefined ? {} : { "uptake.run_id": runId }),
      "uptake.case_id": caseId,
    };
    const options = { attributes, startTime: nowMs() };
    const span = tracer.startSpan("case", options, sampledParent());
    const context = trace.setSpan(ROOT_CONTEXT, span);
    const started = { span, context, attributes, windows: 0 };
    open.set(caseId, started);
    return started;
  }

  function endCase(
    caseId: string,
    outcome: CaseEnd["outcome"],
    kind?: CaseEnd["kind"],
  ): void {
    const ended: Attributes = {
      "uptake.outcome": outcome,
      ...(kind === undefined ? {} : { "uptake.failure_kind": kind }),
    };
    const { span, windows } = open.get(caseId) ?? startCase(caseId);
    open.delete(caseId);
    span.setAttributes({ ...ended, "uptake.windows": windows });
    endSpan(span, outcome, nowMs());
    cases.add(1, ended);
  }

  return (event) => {
    switch (event.type) {
      case "start":
        ({ runId } = event);
        break;
      case "caseStart":
        if (!open.has(event.caseId)) startCase(event.caseId);
        break;
      case "stage": {
        const { caseId, stage, outcome, seconds } = event;
        const ended = { "uptake.stage": stage, "uptake.outcome": outcome };
        const { attributes, context } = open.get(caseId) ?? startCase(caseId);
        const endMs = nowMs();
        const span = tracer.startSpan(stage, {
          attributes: { ...attributes, ...ended },
          startTime: endMs - seconds * 1000,
        }, context);
        endSpan(span, outcome, endMs);
        stageSeconds.record(seconds, ended);
        break;
      }
      case "window": {
        const item = open.get(event.caseId) ?? startCase(event.caseId);
        // A case that is begun anew counts its windows anew.
        const before = event.done >= item.windows ? item.windows : 0;
        windows.add(event.done - before);
        item.windows = event.done;
        break;
      }
      case "caseEnd":
        endCase(event.caseId, event.outcome, event.kind);
        break;
      case "caseSeen":
        // Its worker has told of it.
        break;
      case "end":
        for (const caseId of [...open.keys()]) endCase(caseId, "left");
        break;
    }
  };
}

type CaseEnd = Extract<ProgressEvent, { readonly type: "caseEnd" }>;

function endSpan(span: Span, outcome: CaseEnd["outcome"], endMs: number): void {
  if (outcome === "failed") span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(endMs);
}

/**
 * A sampled parent that nobody ever sends: where traces that begin here are dropped, the trace of a
 * case counts as begun elsewhere.
 */
function sampledParent(): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: randomHex(16),
    spanId: randomHex(8),
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
}

function randomHex(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toHex();
}
