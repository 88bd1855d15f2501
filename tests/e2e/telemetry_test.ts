/** @module What OpenTelemetry exports of a run on a bucket: our spans and metrics, and nothing else. */
import { expect } from "@std/expect";
import { z } from "zod";
import { openStore } from "../../shared/storage/open_store.ts";
import { withNanoCheckpoint } from "../support/command_line.ts";
import { PHANTOM } from "../support/datasets.ts";
import { testWithS3 } from "../support/s3_server.ts";
import { runUptake } from "../support/uptake_process.ts";

/** Of OTLP's JSON, what is asked about here: https://opentelemetry.io/docs/specs/otlp/ */
const attributes = z.array(z.object({
  key: z.string(),
  value: z.looseObject({
    stringValue: z.string().optional(),
    intValue: z.union([z.string(), z.number()]).optional(),
    doubleValue: z.number().optional(),
  }),
})).default([]);
const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  attributes,
});
const points = z.object({
  dataPoints: z.array(z.object({
    attributes,
    asDouble: z.number().optional(),
    count: z.union([z.string(), z.number()]).optional(),
  })),
});
const scope = z.object({ name: z.string() });
const exportedSchema = z.object({
  resourceSpans: z.array(z.object({
    scopeSpans: z.array(z.object({ scope, spans: z.array(span) })),
  })).default([]),
  resourceMetrics: z.array(z.object({
    scopeMetrics: z.array(z.object({
      scope,
      metrics: z.array(z.object({
        name: z.string(),
        sum: points.optional(),
        histogram: points.optional(),
      })),
    })),
  })).default([]),
});

function valuesOf(
  list: z.infer<typeof attributes>,
): Record<string, string | number> {
  return Object.fromEntries(
    list.map(({ key, value }) => [
      key,
      value.stringValue ?? Number(value.doubleValue ?? value.intValue),
    ]),
  );
}

/** Takes what Deno exports, as text per path. */
function startCollector() {
  const bodies: { path: string; text: string }[] = [];
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {},
  }, async (request) => {
    const text = await request.text();
    bodies.push({ path: new URL(request.url).pathname, text });
    return Response.json({});
  });
  return {
    bodies,
    env: {
      OTEL_DENO: "true",
      OTEL_TRACES_SAMPLER: "parentbased_always_off",
      OTEL_DENO_CONSOLE: "ignore",
      OTEL_SERVICE_NAME: "uptake",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.addr.port}`,
    },
    stop: () => server.shutdown(),
  };
}

testWithS3(
  "OpenTelemetry gets a span per case and stage and our metrics, and nothing of the store",
  async (server) => {
    const credentials = {
      AWS_ENDPOINT_URL: server.endpoint,
      AWS_ACCESS_KEY_ID: server.accessKey,
      AWS_SECRET_ACCESS_KEY: server.secretKey,
    };
    const prefix = `otel-${crypto.randomUUID()}`;
    const location = `s3://${server.bucket}/${prefix}`;
    const collector = startCollector();
    await withNanoCheckpoint(async (folder) => {
      const store = openStore(location, { env: credentials });
      await store.put("data/good.nii.gz", PHANTOM.image);
      await store.put("data/bad.nii.gz", new TextEncoder().encode("no image"));
      const { code, err } = await runUptake(folder, [
        ...["segment", "--checkpoint", "nano.safetensors", "--threads", "1"],
        ...["--input", `${location}/data`, "--output", `${location}/run`],
      ], { ...credentials, ...collector.env });
      expect([code, err]).toEqual([3, expect.stringContaining("good: done")]);
      const { runId } = JSON.parse(
        new TextDecoder().decode((await store.get("run/run.json"))?.body),
      );

      const all = collector.bodies.map(({ text }) => text).join("\n");
      for (
        const secret of [
          ...[server.secretKey, server.bucket, server.endpoint, prefix],
          ...[".nii.gz", "run.json", "X-Amz-", "Signature", "url.", folder],
        ]
      ) expect(all).not.toContain(secret);
      // Logs would be what the console prints.
      expect(new Set(collector.bodies.map(({ path }) => path))).toEqual(
        new Set(["/v1/traces", "/v1/metrics"]),
      );

      const exported = collector.bodies.map(({ text }) =>
        exportedSchema.parse(JSON.parse(text))
      );
      const scopes = exported.flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans)
      );
      expect(new Set(scopes.map(({ scope }) => scope.name))).toEqual(
        new Set(["uptake"]),
      );
      const spans = scopes.flatMap(({ spans }) => spans);
      const cases = spans.filter(({ name }) => name === "case");
      const good = { "uptake.run_id": runId, "uptake.case_id": "good" };
      const bad = { "uptake.run_id": runId, "uptake.case_id": "bad" };
      const done = { "uptake.outcome": "done" };
      const failed = { "uptake.outcome": "failed" };
      expect(
        cases.map((one) => valuesOf(one.attributes))
          .sort((a, b) =>
            String(a["uptake.case_id"]) < String(b["uptake.case_id"]) ? -1 : 1
          ),
      ).toEqual([
        {
          ...{ ...bad, ...failed, "uptake.failure_kind": "unreadable" },
          "uptake.windows": 0,
        },
        { ...good, ...done, "uptake.windows": expect.any(Number) },
      ]);
      for (const { spanId, traceId, attributes } of cases) {
        const { "uptake.case_id": caseId } = valuesOf(attributes);
        const stages = spans.filter(({ parentSpanId }) =>
          parentSpanId === spanId
        );
        expect(new Set(stages.map((stage) => stage.traceId))).toEqual(
          new Set([traceId]),
        );
        expect(stages.map((stage) => valuesOf(stage.attributes))).toEqual(
          caseId === "bad"
            ? [{ ...bad, ...failed, "uptake.stage": "read" }]
            : stages.map(({ name }) => ({
              ...{ ...good, ...done, "uptake.stage": name },
            })),
        );
        if (caseId !== "good") continue;
        expect(stages.map(({ name }) => name)).toEqual([
          ...["read", "preprocess", "segment"],
          ...["postprocess", "measure", "write"],
        ]);
      }

      const metrics = new Map(
        exported.flatMap(({ resourceMetrics }) => resourceMetrics)
          .flatMap(({ scopeMetrics }) => scopeMetrics)
          .filter(({ scope }) => scope.name === "uptake")
          .flatMap(({ metrics }) => metrics)
          .map(({ name, sum, histogram }) => [
            name,
            (sum ?? histogram)?.dataPoints ?? [],
          ]),
      );
      expect(
        metrics.get("uptake.cases")?.map((point) => [
          valuesOf(point.attributes),
          point.asDouble,
        ]),
      ).toEqual(expect.arrayContaining([
        [done, 1],
        [{ ...failed, "uptake.failure_kind": "unreadable" }, 1],
      ]));
      expect(metrics.get("uptake.windows")?.[0]?.asDouble).toBeGreaterThan(0);
      expect(metrics.get("uptake.stage.seconds")).toHaveLength(7);
    });
    await collector.stop();
  },
);

Deno.test("OpenTelemetry that would export Deno's own spans is wrong usage", async () => {
  const collector = startCollector();
  const { code, out, err } = await runUptake("/", ["doctor"], {
    ...collector.env,
    OTEL_TRACES_SAMPLER: "parentbased_always_on",
  });
  await collector.stop();
  expect([code, out]).toEqual([2, ""]);
  expect(err).toMatch(/^Cannot export telemetry while OTEL_TRACES_SAMPLER is/);
  expect(collector.bodies.filter(({ path }) => path !== "/v1/metrics"))
    .toEqual([]);
});
