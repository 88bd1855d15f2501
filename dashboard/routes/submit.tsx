/** @module Planning runs and starting them. */
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import type { DashboardDeps } from "../deps.ts";
import type { Env } from "../env.ts";
import type {
  Operations,
  PlanReport,
  Refusal,
} from "../../shared/dispatch/operations.ts";
import { type Route, route } from "../security/access.ts";
import { type FilledForm, readForm } from "../submit/asked.ts";
import { readChoices } from "../submit/choices.ts";
import { largeness } from "../submit/largeness.ts";
import {
  makePlan,
  NO_OPERATIONS,
  required,
  startPlan,
} from "../submit/start.ts";
import { page } from "../views/layout.tsx";
import { notStarted } from "../views/not_started.tsx";
import { Empty } from "../views/message.tsx";
import { PlanView } from "../views/plan_report.tsx";
import { SubmitForm } from "../views/submit_form.tsx";
import { CHANGE, LOOK } from "./api/schemas.ts";

const planIdSchema = z.uuid();

export function submitRoutes(deps: DashboardDeps): Route[] {
  const { operations } = deps;

  return [
    route("GET", "/submit", LOOK, async (c) => {
      if (operations === undefined) return noOperations(c, deps);
      const { plan, ...query } = c.req.queries();
      if (plan === undefined) {
        const filled = readForm(query, operations.fields);
        return await form(c, operations, filled, null);
      }
      const id = planIdSchema.safeParse(plan[0]);
      const report = id.success ? operations.planned(id.data) : null;
      if (report === null) {
        throw new HTTPException(404, {
          message:
            "This plan was started already, or is forgotten: look under Runs, or plan it again",
        });
      }
      return page(
        c,
        deps,
        { title: "Plan", section: "/submit" },
        <>
          <Styles deps={deps} />
          <PlanView
            report={report}
            home={deps.home.location}
            operations={operations}
            changeHref={changeHref(report)}
          />
        </>,
      );
    }),
    route("POST", "/submit", CHANGE, async (c) => {
      const { fields } = required(operations);
      const filled = readForm(await c.req.parseBody({ all: true }), fields);
      const made = await makePlan(deps, filled);
      if ("refused" in made) {
        return await form(c, required(operations), filled, made);
      }
      const { id, dataset } = made.done;
      c.set("audited", { plan: id, dataset: dataset.location });
      return c.redirect(`/submit?plan=${id}`, 303);
    }),
    route("POST", "/submit/start", CHANGE, async (c) => {
      const body = await c.req.parseBody();
      const plan = planIdSchema.parse(body.plan);
      c.set("audited", { plan });
      const report = required(operations).planned(plan);
      if (report !== null && body.large !== "true") {
        const [sentence] = largeness(report);
        if (sentence !== undefined) {
          throw new HTTPException(409, {
            message:
              `${sentence} Go back and tick that it is to start all the same`,
          });
        }
      }
      const made = await startPlan(deps, plan);
      if ("refused" in made) {
        throw new HTTPException(409, { message: made.refused });
      }
      const { runIds, problem } = made.done;
      c.set("audited", { plan, runIds: runIds.join(" ") });
      if (problem !== null) return notStarted(c, deps, runIds, problem);
      const [only, ...others] = runIds;
      return c.redirect(others.length > 0 ? "/runs" : `/runs/${only}`, 303);
    }),
  ];

  async function form(
    c: Context<Env>,
    operations: Operations,
    filled: FilledForm,
    problem: Refusal | null,
  ) {
    const choices = await readChoices(deps, operations);
    return page(
      c,
      deps,
      {
        title: "Submit",
        section: "/submit",
        status: problem === null ? 200 : 422,
      },
      <>
        <Styles deps={deps} />
        {!operations.maySubmit && (
          <p class="notice">
            Runs can be planned here, but not started: the dashboard was started
            without <code>--allow-submit</code>.
          </p>
        )}
        <SubmitForm
          choices={choices}
          operations={operations}
          filled={filled}
          problem={problem}
        />
      </>,
    );
  }
}

export function noOperations(c: Context<Env>, deps: DashboardDeps) {
  return page(
    c,
    deps,
    { title: "Operations" },
    <Empty title="Not from here">
      <p>{NO_OPERATIONS}.</p>
    </Empty>,
  );
}

export function Styles({ deps }: { deps: DashboardDeps }) {
  return <link rel="stylesheet" href={deps.assets.url("submit.css")} />;
}

/** The form as it was filled in for a plan. */
function changeHref({ asked }: PlanReport): string {
  const { dataset, checkpoints, folds, options, dispatch } = asked;
  return `/submit?${new URLSearchParams([
    ["dataset", dataset],
    ...checkpoints.map(({ sha256 }) => ["checkpoint", sha256]),
    ["folds", String(folds)],
    ["dispatch", dispatch],
    ...Object.entries(options),
  ])}`;
}
