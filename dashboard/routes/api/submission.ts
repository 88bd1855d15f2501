/** @module Planning and starting runs as programs do it. */
import { z } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import {
  optionFieldSchema,
  planReportSchema,
  type Refusable,
  type Submitted,
} from "../../../shared/dispatch/operations.ts";
import { DISPATCHER_NAMES } from "../../../shared/dispatch/dispatcher.ts";
import { identityKey } from "../../auth/identity.ts";
import type { DashboardDeps } from "../../deps.ts";
import { apiRoute, type Route } from "../../security/access.ts";
import { Refused } from "../../security/refused.ts";
import { filledOf, planRequestSchema } from "../../submit/asked.ts";
import { checkpointChoiceSchema, readChoices } from "../../submit/choices.ts";
import { createOnlyOnce } from "../../submit/only_once.ts";
import { makePlan, required, startPlan } from "../../submit/start.ts";
import { answer, CHANGE, LOOK, made } from "./schemas.ts";

const storeSchema = z.strictObject({ name: z.string(), location: z.string() });

const choicesSchema = z.strictObject({
  datasets: z.array(storeSchema).readonly(),
  /** Under these any location may be given. */
  datasetRoots: z.array(z.string()).readonly(),
  checkpoints: z.array(checkpointChoiceSchema).readonly(),
  /** That any of them is known to have. */
  folds: z.array(z.int().min(0)).readonly(),
  options: z.array(optionFieldSchema).readonly(),
  /** The first is taken where nobody chooses. */
  dispatches: z.array(
    z.strictObject({
      name: z.enum(DISPATCHER_NAMES),
      description: z.string(),
    }),
  ).readonly(),
  maySubmit: z.boolean(),
});

const startedSchema = z.strictObject({
  runs: z.array(
    z.strictObject({
      runId: z.string(),
      /** Of the API. */
      href: z.string(),
      /** For people. */
      page: z.string(),
    }),
  ),
  /** Why the runs are there but nobody works on them; null: somebody does. */
  problem: z.string().nullable(),
});

const planParams = z.object({ plan: z.string() });

const keyHeader = z.object({
  "idempotency-key": z.string().regex(/^[\x21-\x7e]{1,200}$/).optional()
    .describe(
      "the same for each try of one request: the runs are started once, and each try has the same answer, for a day while the dashboard runs",
    ),
});

export function submissionApi(deps: DashboardDeps): Route[] {
  const { operations } = deps;
  const request = planRequestSchema(operations?.fields ?? []);
  const startRequest = z.union([
    z.strictObject({
      plan: z.uuid().describe("the id of a plan, started exactly so"),
    }),
    request,
  ]);
  const onlyOnce = createOnlyOnce<Submitted>(() => deps.clock.nowMs());
  const body = <T extends z.ZodType>(schema: T) => ({
    required: true as const,
    content: { "application/json": { schema } },
  });

  return [
    apiRoute(LOOK, {
      method: "get",
      path: "/api/v1/choices",
      summary: "What plans can be made of",
      responses: answer("All there is to choose from", choicesSchema),
    }, async (c) => {
      const offered = required(operations);
      const { datasetRoots, fields, dispatches, maySubmit } = offered;
      return c.json({
        ...await readChoices(deps, offered),
        datasetRoots,
        options: fields,
        dispatches,
        maySubmit,
      }, 200);
    }),
    apiRoute(CHANGE, {
      method: "post",
      path: "/api/v1/plans",
      summary: "Plan runs; nothing starts",
      request: { body: body(request) },
      responses: made(
        "What would be done, what is in the way and why, time and cost",
        planReportSchema,
      ),
    }, async (c) => {
      const plan = doneOf(await makePlan(deps, filledOf(c.req.valid("json"))));
      c.set("audited", { plan: plan.id, dataset: plan.dataset.location });
      c.header("Location", `/api/v1/plans/${plan.id}`);
      return c.json(plan, 201);
    }),
    apiRoute(LOOK, {
      method: "get",
      path: "/api/v1/plans/{plan}",
      summary: "A plan that was made a while ago and not started",
      request: { params: planParams },
      responses: answer("The plan", planReportSchema),
    }, (c) => {
      const plan = required(operations).planned(c.req.valid("param").plan);
      if (plan === null) throw new Refused("id");
      return c.json(plan, 200);
    }),
    apiRoute(CHANGE, {
      method: "post",
      path: "/api/v1/runs",
      summary: "Start runs: those of a plan, or planned and started at once",
      request: { headers: keyHeader, body: body(startRequest) },
      responses: made(
        "The runs; whether somebody works on them is told",
        startedSchema,
      ),
    }, async (c) => {
      const asked = c.req.valid("json");
      const start = async () => {
        const plan = "plan" in asked
          ? asked.plan
          : doneOf(await makePlan(deps, filledOf(asked))).id;
        c.set("audited", { plan });
        return doneOf(await startPlan(deps, plan));
      };
      // A plan starts once, so that it is a key of its own.
      const key = c.req.valid("header")["idempotency-key"] ??
        ("plan" in asked ? `plan ${asked.plan}` : null);
      const who = identityKey(c.get("identity"));
      const { runIds, problem } = key === null
        ? await start()
        : await onlyOnce({ who, key, request: asked }, start);
      c.set("audited", { ...c.get("audited"), runIds: runIds.join(" ") });
      const runs = runIds.map((runId) => ({
        runId,
        href: `/api/v1/runs/${runId}`,
        page: `/runs/${runId}`,
      }));
      if (runs.length === 1) c.header("Location", runs[0]!.href);
      return c.json({ runs, problem }, 201);
    }),
  ];
}

/** @throws {HTTPException} with the sentence of a refusal. */
function doneOf<T>(made: Refusable<T>): T {
  if ("done" in made) return made.done;
  throw new HTTPException(422, { message: made.refused });
}
