/**
 * OpenTelemetry for programs on the command line. Deno exports by itself where `OTEL_DENO=true`; what
 * is here adds our spans and metrics, and sees to it that Deno adds none of its own.
 *
 * Deno's span of a request holds its URL: a bucket, a key, a presigned signature. No setting turns
 * these spans off alone. But they begin a trace, or go on with the active one, and ours hang below a
 * parent of their own and are never active: a sampler that samples no beginnings drops exactly Deno's.
 * So these settings are asked for, as Deno reads them before any of our code runs.
 * @module
 */
import type { Progress } from "../cli/progress.ts";
import { UsageError } from "../cli/usage_error.ts";

/** Where Deno registers what exports, when it exports anything, for `@opentelemetry/api` to find. */
const REGISTRY = Symbol.for("opentelemetry.js.api.1");

/** What must be set so that nothing but our spans and metrics is exported. */
const SETTINGS = {
  OTEL_TRACES_SAMPLER: {
    safe: ["parentbased_always_off", "always_off"],
    danger:
      "the URLs of all requests, which name buckets, files and signatures",
  },
  OTEL_DENO_CONSOLE: {
    safe: ["ignore"],
    danger: "results and errors as they are printed",
  },
} as const;
type Setting = keyof typeof SETTINGS;

/**
 * What tells telemetry of progress, or null where nothing is exported.
 *
 * @param readVariable one environment variable
 * @throws {UsageError} when Deno would export more than our spans and metrics.
 */
export async function openTelemetry(
  readVariable: (name: Setting) => string | undefined,
): Promise<Progress | null> {
  if (!(REGISTRY in globalThis)) return null;
  const { metrics, trace } = await import("@opentelemetry/api");
  const tracer = trace.getTracer("uptake");
  const isTracing = tracer.startSpan("probe").isRecording();
  checkSettings(
    isTracing ? ["OTEL_TRACES_SAMPLER", "OTEL_DENO_CONSOLE"] : [
      "OTEL_DENO_CONSOLE",
    ],
    readVariable,
  );
  const { telemetryProgress } = await import("./telemetry_progress.ts");
  return telemetryProgress(tracer, metrics.getMeter("uptake"));
}

/**
 * Refuses settings with which Deno exports more than our spans and metrics.
 *
 * @throws {UsageError} that says every one of them.
 */
export function checkSettings(
  names: readonly Setting[],
  readVariable: (name: Setting) => string | undefined,
): void {
  const problems = names.flatMap((name) => {
    const value = readVariable(name);
    const { safe, danger } = SETTINGS[name];
    if (safe.some((one) => one === value)) return [];
    const now = value === undefined ? "not set" : `"${value}"`;
    return [
      `Cannot export telemetry while ${name} is ${now}: Deno would add ${danger}. Set ${name}=${
        safe[0]
      }`,
    ];
  });
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
}
