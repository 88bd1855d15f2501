/**
 * OpenTelemetry for programs on the command line. Deno exports by itself where `OTEL_DENO=true`; what
 * is here adds our spans and metrics, and sees to it that Deno adds none of its own.
 *
 * Deno's span of a request holds its URL: a bucket, a key, a presigned signature. No setting turns
 * these spans off alone. But they begin a trace, or go on with the active one, and ours hang below a
 * parent of their own and are never active: a sampler that samples no beginnings drops exactly Deno's.
 * @module
 */
import type { Progress } from "../cli/progress.ts";
import { UsageError } from "../cli/usage_error.ts";

/** Where Deno registers what exports, when it exports anything, for `@opentelemetry/api` to find. */
const REGISTRY = Symbol.for("opentelemetry.js.api.1");

export const SAMPLER_VARIABLE = "OTEL_TRACES_SAMPLER";

/** Samplers that drop every trace that begins in this process. */
const QUIET_SAMPLERS: readonly (string | undefined)[] = [
  "parentbased_always_off",
  "always_off",
];

/**
 * What tells telemetry of progress, or null where nothing is exported.
 *
 * @param readVariable one environment variable
 * @throws {UsageError} when Deno would export the URLs of requests.
 */
export async function openTelemetry(
  readVariable: (name: string) => string | undefined,
): Promise<Progress | null> {
  if (!(REGISTRY in globalThis)) return null;
  const { metrics, trace } = await import("@opentelemetry/api");
  const tracer = trace.getTracer("uptake");
  if (tracer.startSpan("probe").isRecording()) {
    checkSampler(readVariable(SAMPLER_VARIABLE));
  }
  const { telemetryProgress } = await import("./telemetry_progress.ts");
  return telemetryProgress(tracer, metrics.getMeter("uptake"));
}

/**
 * Refuses samplers with which Deno's own spans are exported.
 *
 * @throws {UsageError}
 */
export function checkSampler(sampler: string | undefined): void {
  if (QUIET_SAMPLERS.includes(sampler)) return;
  throw new UsageError(
    `Cannot export traces while ${SAMPLER_VARIABLE} is ${
      sampler ?? "not set"
    }: Deno would add the URLs of all requests, which name buckets, files and signatures. ` +
      `Set ${SAMPLER_VARIABLE}=parentbased_always_off; Uptake's own spans are exported with it`,
  );
}
