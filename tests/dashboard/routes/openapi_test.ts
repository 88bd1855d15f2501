/**
 * The API as it is described: every operation is asked for, and answers as its description says. An operation that is
 * added fails here until it is asked for, too.
 * @module
 */
import { expect } from "@std/expect";
import { z } from "zod";
import { problemSchema } from "../../../dashboard/routes/openapi.ts";
import { routeTable } from "../../../dashboard/routes/table.ts";
import { FileStore } from "../../../shared/storage/file_store.ts";
import { testDashboard } from "../../support/dashboard.ts";
import { withDataset } from "../../support/operations.ts";
import {
  operationsDashboard,
  registered,
} from "../../support/operations_dashboard.ts";
import {
  BAD_RUN,
  fillResultsHome,
  GOOD_RUN,
  OPEN_RUN,
} from "../../support/results_home.ts";

const mediaSchema = z.looseObject({
  schema: z.record(z.string(), z.unknown()),
});
const operationSchema = z.looseObject({
  summary: z.string().min(1),
  responses: z.record(
    z.string(),
    z.looseObject({
      description: z.string().min(1),
      content: z.record(z.string(), mediaSchema),
    }),
  ),
});
const descriptionSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.looseObject({
    schemas: z.record(z.string(), z.record(z.string(), z.unknown())),
  }),
});
type Description = z.infer<typeof descriptionSchema>;

const CASE = `/api/v1/runs/${BAD_RUN}/cases/CHUM-006`;

/** One request for each operation, and the statuses that it may have. */
function requests(given: {
  dataset: string;
  key: string;
  checkpoint: string;
  plan: string;
  file: Uint8Array<ArrayBuffer>;
}): Readonly<
  Record<string, { path: string; body?: unknown; status?: number }>
> {
  const asked = {
    dataset: given.dataset,
    checkpoints: [given.checkpoint],
    options: { secondsPerWindow: 1 },
  };
  const dataset = `dataset=${given.key}`;
  return {
    "get /api/v1/state": { path: "/api/v1/state" },
    "get /api/v1/totals": { path: "/api/v1/totals" },
    "get /api/v1/datasets": { path: "/api/v1/datasets?limit=1" },
    "get /api/v1/overview": { path: "/api/v1/overview" },
    "get /api/v1/dots": { path: `/api/v1/dots?${dataset}&figure=dice` },
    "get /api/v1/trend": { path: `/api/v1/trend?${dataset}` },
    "get /api/v1/distribution": {
      path: `/api/v1/distribution?${dataset}&figure=volumeMl`,
    },
    "get /api/v1/comparison": {
      path: `/api/v1/comparison?before=${GOOD_RUN}&after=${BAD_RUN}`,
    },
    "get /api/v1/diagnostics": { path: "/api/v1/diagnostics" },
    "get /api/v1/review-queue": { path: "/api/v1/review-queue" },
    "get /api/v1/schedules": { path: "/api/v1/schedules" },
    "get /api/v1/runs": { path: "/api/v1/runs" },
    "get /api/v1/runs/{runId}": { path: `/api/v1/runs/${OPEN_RUN}` },
    "get /api/v1/runs/{runId}/progress": {
      path: `/api/v1/runs/${OPEN_RUN}/progress`,
    },
    "get /api/v1/runs/{runId}/cases": { path: `/api/v1/runs/${BAD_RUN}/cases` },
    "get /api/v1/runs/{runId}/cases/{caseId}": { path: CASE },
    "get /api/v1/runs/{runId}/cases/{caseId}/lesions": {
      path: `${CASE}/lesions`,
      status: 409,
    },
    "post /api/v1/runs/{runId}/cases/{caseId}/reviews": {
      path: `${CASE}/reviews`,
      body: { attempt: "attempt", verdict: "reject", reason: "other" },
      status: 201,
    },
    "get /api/v1/runs/{runId}/reviews": {
      path: `/api/v1/runs/${BAD_RUN}/reviews`,
    },
    "post /api/v1/runs/{runId}/cancel": {
      path: `/api/v1/runs/${OPEN_RUN}/cancel`,
      body: { reason: "a better checkpoint came" },
    },
    "post /api/v1/runs/{runId}/retry": {
      path: `/api/v1/runs/${OPEN_RUN}/retry`,
      body: {},
    },
    "get /api/v1/choices": { path: "/api/v1/choices" },
    "get /api/v1/checkpoints": { path: "/api/v1/checkpoints" },
    "post /api/v1/checkpoints": {
      path: "/api/v1/checkpoints?name=again",
      body: given.file,
      status: 201,
    },
    "post /api/v1/plans": { path: "/api/v1/plans", body: asked, status: 201 },
    "get /api/v1/plans/{plan}": { path: `/api/v1/plans/${given.plan}` },
    "post /api/v1/runs": { path: "/api/v1/runs", body: asked, status: 201 },
  };
}

async function describedBy(
  get: (path: string) => Promise<Response>,
): Promise<Description> {
  const answer = await get("/api/v1/openapi.json");
  return descriptionSchema.parse(await answer.json());
}

/** A schema of the description; those that it names stand in its place. */
function schemaOf(
  { components }: Description,
  schema: Record<string, unknown>,
): z.ZodType {
  const inlined = JSON.parse(JSON.stringify(schema), (_, value) => {
    const name = /^#\/components\/schemas\/(.+)$/.exec(value?.$ref ?? "")?.[1];
    return name === undefined ? value : components.schemas[name];
  });
  return z.fromJSONSchema(inlined);
}

Deno.test("every operation of the API is described, and every one answers as it is described", async () => {
  await withDataset(async (folder) => {
    await fillResultsHome(new FileStore(`${folder}/home`));
    const dashboard = await operationsDashboard(folder);
    const { deps, get, send, upload } = dashboard;
    const { dataset, checkpoint } = await registered(folder, dashboard);
    await deps.indexer.refresh(deps.signal);
    const description = await describedBy(get);
    const { items } = await (await get("/api/v1/overview?search=hecktor"))
      .json();
    const planned = await send("/api/v1/plans", {
      dataset,
      checkpoints: [checkpoint],
      options: { secondsPerWindow: 1 },
    });
    const file = await Deno.readFile(`${folder}/nano.safetensors`);
    // Another checkpoint: one file has one name.
    file[file.length - 4]! ^= 1;
    const table = requests({
      dataset,
      key: items[0].dataset.key,
      checkpoint,
      plan: (await planned.json()).id,
      file,
    });
    const described = Object.entries(description.paths).flatMap(
      ([path, methods]) =>
        Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(described.sort()).toEqual(Object.keys(table).sort());
    for (const [name, { path, body, status = 200 }] of Object.entries(table)) {
      const [method, template] = name.split(" ");
      const answer = method === "get"
        ? await get(path)
        : body instanceof Uint8Array
        ? await upload(path.split("?")[1]!, new Uint8Array(body))
        : await send(path, body);
      const text = await answer.text();
      expect(`${name} ${answer.status} ${text}`).toContain(`${name} ${status}`);
      const { responses } = description.paths[template!]![method!]!;
      const media = responses[status]?.content["application/json"];
      const told = schemaOf(description, media!.schema)
        .safeParse(JSON.parse(text));
      expect(`${name} ${told.error ?? "as described"}`)
        .toBe(`${name} as described`);
    }
  });
});

Deno.test("every operation describes what refusals look like, and refusals look so", async () => {
  const { request, deps } = await testDashboard();
  const { paths, components } = await describedBy(async (path) => {
    const { tokens, request } = await testDashboard();
    return await request(path, {
      headers: { authorization: `Bearer ${tokens.viewer}` },
    });
  });
  for (const operation of Object.values(paths).flatMap(Object.values)) {
    const { responses } = operationSchema.parse(operation);
    expect(responses.default?.content["application/json"]?.schema)
      .toEqual({ $ref: "#/components/schemas/Problem" });
  }
  const schema = z.fromJSONSchema(components.schemas.Problem!);
  const api = routeTable(deps).filter(({ path }) => path.startsWith("/api/"));
  for (const { method, path } of api) {
    const answer = await request(path.replaceAll(/:[A-Za-z]+/g, "a1"), {
      method,
    });
    const problem = await answer.json();
    expect(answer.status).toBe(problem.error.status);
    expect(schema.safeParse(problem).success).toBe(true);
    expect(problemSchema.safeParse(problem).success).toBe(true);
  }
});

Deno.test("every paged list has the same envelope", async () => {
  const { request, tokens } = await testDashboard();
  const description = await describedBy((path) =>
    request(path, {
      headers: { authorization: `Bearer ${tokens.operator}` },
    })
  );
  const paged = Object.entries(description.paths).filter(([, { get }]) =>
    JSON.stringify(get?.parameters ?? []).includes('"offset"')
  );
  expect(paged.length).toBeGreaterThan(7);
  for (const [path, { get }] of paged) {
    const media = get!.responses["200"]!.content["application/json"]!;
    const required = z.looseObject({ required: z.array(z.string()) })
      .parse(media.schema).required;
    expect([path, required.filter((name) => name !== "problems")]).toEqual([
      path,
      ["items", "total", "offset", "limit"],
    ]);
  }
});
