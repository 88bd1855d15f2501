/** @module The queue of cases to review, saving a review, and reviews as files for other programs. */
import { z } from "@hono/zod-openapi";
import type { Child } from "hono/jsx";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { CaseError } from "../../shared/case_error.ts";
import { caseDetail } from "../../shared/catalog/queries/case_detail.ts";
import { checkpoints, datasets } from "../../shared/catalog/queries/lists.ts";
import { MOST_PER_PAGE } from "../../shared/catalog/queries/page.ts";
import {
  reviewPageSchema,
  reviews,
} from "../../shared/catalog/queries/reviews.ts";
import { runNames } from "../../shared/catalog/queries/run_names.ts";
import { runRow, runs } from "../../shared/catalog/queries/runs.ts";
import {
  type Review,
  reviewerSchema,
  reviewSchema,
} from "../../shared/runs/reviews.ts";
import { resultKey } from "../../shared/runs/keys.ts";
import { readRecord } from "../../shared/runs/record_io.ts";
import { resultSchema } from "../../shared/runs/records.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { substore } from "../../shared/storage/substore.ts";
import type { Identity } from "../auth/identity.ts";
import { lookAtMask, verdictsOn } from "../cases/look_at_files.ts";
import {
  queueQuerySchema,
  QUEUES,
  type QueueScope,
  readQueue,
} from "../cases/case_context.ts";
import type { DashboardDeps } from "../deps.ts";
import { refreshSoon } from "../progress/refresh_soon.ts";
import { csvFile } from "../exports/download.ts";
import { reviewTable } from "../exports/review_rows.ts";
import { newestReview, ReviewedMeanwhile } from "../reviews/newest_review.ts";
import { findSaved, withSaved } from "../reviews/saved_review.ts";
import {
  type Opinion,
  opinionSchema,
  saveReview,
} from "../reviews/save_review.ts";
import {
  type Access,
  apiRoute,
  type Route,
  route,
} from "../security/access.ts";
import { Refused } from "../security/refused.ts";
import { page } from "../views/layout.tsx";
import { ReviewQueue } from "../views/review_queue.tsx";
import {
  ReviewOfEarlierMask,
  ReviewOfNoMask,
  UnsavedReview,
} from "../views/unsaved_review.tsx";
import { pageQuery } from "./api/schemas.ts";
import { ownPath } from "./login.tsx";
import { mayReview } from "./may_review.ts";
import { queryOf } from "./query.ts";

const LISTED = 50;

/** Runs that may be chosen, the newest first. */
const MOST_RUNS = 100;

const queuePageSchema = z.object({
  kind: z.enum(QUEUES).default("lowest-dice"),
  run: queueQuerySchema.shape.in,
  dataset: queueQuerySchema.shape.dataset,
  checkpoint: queueQuerySchema.shape.checkpoint,
  search: queueQuerySchema.shape.search,
});

const caseParamsSchema = z.object({ runId: z.string(), caseId: z.string() });

export function reviewRoutes(deps: DashboardDeps): Route[] {
  const { catalog } = deps;
  const view: Access = { role: "viewer", rate: "light", audit: "view" };
  const change: Access = { role: "reviewer", rate: "light", audit: "change" };

  async function save(
    runId: string,
    caseId: string,
    identity: Identity | null,
    opinion: Opinion,
  ): Promise<Review> {
    const detail = caseDetail(catalog, runId, caseId);
    const names = runNames(catalog, runId);
    if (detail?.state !== "done" || names === null) throw new Refused("id");
    if (identity === null) throw new Refused("none");
    const folder = substore(deps.home, `runs/${detail.runId}`);
    // Asked of the store: the index does not look at a finished run again by itself.
    if (await currentAttempt(folder, detail.caseId) !== opinion.attempt) {
      await refreshSoon(deps, runId);
      throw new Refused("replaced");
    }
    const mask = await lookAtMask(deps, detail, deps.signal);
    if (!verdictsOn(mask).includes(opinion.verdict)) {
      throw new Refused("unseen");
    }
    if (opinion.seen !== undefined) {
      const newest = await newestReview(folder, detail.caseId);
      if (newest !== null && newest.reviewedAt !== opinion.seen) {
        if (isRepeated(newest, identity.actor, opinion)) return newest;
        await refreshSoon(deps, runId);
        throw new ReviewedMeanwhile(newest);
      }
    }
    const review = await saveReview(
      folder,
      {
        runId: names.recordId,
        caseId: detail.caseId,
        reviewer: identity.actor,
      },
      opinion,
      deps.now(),
    );
    await refreshSoon(deps, runId);
    return review;
  }

  /** What the queue may be narrowed to: what has runs, and the runs of what it is narrowed to. */
  function choicesOf({ in: run, dataset, checkpoint }: QueueScope) {
    const most = { limit: MOST_PER_PAGE };
    const listed = runs(catalog, {
      ...(dataset === undefined ? {} : { dataset }),
      ...(checkpoint === undefined ? {} : { checkpoint }),
      page: { limit: MOST_RUNS },
    }).items;
    const chosen = run === undefined ? null : runRow(catalog, run);
    const isListed = listed.some(({ runId }) => runId === run);
    return {
      datasets: datasets(catalog, most).items.filter(({ nRuns }) => nRuns > 0),
      checkpoints: checkpoints(catalog, most).items.filter(({ nRuns }) =>
        nRuns > 0
      ),
      runs: chosen === null || isListed ? listed : [chosen, ...listed],
    };
  }

  return [
    route("GET", "/review", view, async (c) => {
      const { kind, run, dataset, checkpoint, search } = queryOf(
        c,
        queuePageSchema,
      );
      if (run !== undefined && runNames(catalog, run) === null) {
        throw new Refused("id");
      }
      const within = { in: run, dataset, checkpoint, search };
      return page(
        c,
        deps,
        {
          title: "Review",
          section: "/review",
          scripts: ["review.js"],
        },
        <ReviewQueue
          styles={deps.assets.url("cases.css")}
          kind={kind}
          within={within}
          choices={choicesOf(within)}
          cases={readQueue(catalog, kind, within, LISTED)}
          saved={await findSaved(
            deps,
            c.get("identity"),
            c.req.query("saved"),
          )}
          mayReview={mayReview(c)}
        />,
      );
    }),
    route(
      "POST",
      "/runs/:runId/cases/:caseId/reviews",
      change,
      async (c) => {
        const { runId, caseId } = c.req.param();
        const form = await c.req.parseBody();
        const { then, attempt, verdict, reason, comment, seen } = form;
        const opinion = opinionSchema.parse({
          attempt,
          verdict,
          ...(reason === undefined || reason === "" ? {} : { reason }),
          ...(comment === undefined ? {} : { comment }),
          ...(seen === undefined ? {} : { seen: seen === "" ? null : seen }),
        });
        const next = ownPath(typeof then === "string" ? then : "/review");
        const unsaved = (status: ContentfulStatusCode, content: Child) =>
          page(
            c,
            deps,
            { title: "The review is not saved", section: "/review", status },
            content,
          );
        const about = { runId: runId!, caseId: caseId!, opinion };
        try {
          const review = await save(
            runId!,
            caseId!,
            c.get("identity"),
            opinion,
          );
          return c.redirect(withSaved(next, runId!, review), 303);
        } catch (error) {
          if (error instanceof ReviewedMeanwhile) {
            return unsaved(
              error.status,
              <UnsavedReview {...about} then={next} since={error.review} />,
            );
          }
          if (error instanceof Refused && error.reason === "replaced") {
            return unsaved(error.status, <ReviewOfEarlierMask {...about} />);
          }
          if (error instanceof Refused && error.reason === "unseen") {
            return unsaved(error.status, <ReviewOfNoMask {...about} />);
          }
          if (!(error instanceof CaseError) || error.kind !== "storage") {
            throw error;
          }
          deps.log(`A review of ${runId} is not saved: ${error.message}`);
          return unsaved(
            503,
            <UnsavedReview {...about} then={next} since={null} />,
          );
        }
      },
    ),
    apiRoute(change, {
      method: "post",
      path: "/api/v1/runs/{runId}/cases/{caseId}/reviews",
      summary:
        "Review a mask; 409 where the case has that of another attempt by now, where nobody can see the mask (but to reject it), or where another review has come since the one that `seen` names",
      request: {
        params: caseParamsSchema,
        body: {
          required: true,
          content: { "application/json": { schema: opinionSchema } },
        },
      },
      responses: {
        201: {
          description: "The review as it is stored",
          content: { "application/json": { schema: reviewSchema } },
        },
      },
    }, async (c) => {
      const { runId, caseId } = c.req.valid("param");
      const opinion = c.req.valid("json");
      return c.json(
        await save(runId, caseId, c.get("identity"), opinion),
        201,
      );
    }),
    apiRoute({ ...view, audit: "export" }, {
      method: "get",
      path: "/api/v1/runs/{runId}/reviews",
      summary: "The reviews of a run",
      request: {
        params: z.object({ runId: z.string() }),
        query: z.object(pageQuery),
      },
      responses: {
        200: {
          description: "A page of reviews, by case and time",
          content: { "application/json": { schema: reviewPageSchema } },
        },
      },
    }, (c) => {
      const { runId } = c.req.valid("param");
      if (runNames(catalog, runId) === null) throw new Refused("id");
      const { items, ...list } = reviews(catalog, runId, c.req.valid("query"));
      return c.json({ items: [...items], ...list }, 200);
    }),
    route(
      "GET",
      "/runs/:runId/reviews.csv",
      { ...view, rate: "heavy", audit: "export" },
      (c) => {
        const runId = c.req.param("runId")!;
        if (runNames(catalog, runId) === null) throw new Refused("id");
        const table = reviewTable(catalog, runId);
        return csvFile(c, `${runId}-reviews.csv`, table);
      },
    ),
  ];
}

/** Whether the same was sent before: Enter was pressed twice, or no answer came. */
function isRepeated(
  { reviewer, attempt, verdict, reason, comment }: Review,
  actor: string,
  opinion: Opinion,
): boolean {
  return reviewer === reviewerSchema.parse(actor) &&
    attempt === opinion.attempt && verdict === opinion.verdict &&
    reason === opinion.reason && comment === opinion.comment;
}

/** Whose mask a case has now; null where it has none, or none that can be told. */
async function currentAttempt(
  folder: ObjectStore,
  caseId: string,
): Promise<string | null> {
  try {
    const result = await readRecord(folder, resultKey(caseId), resultSchema);
    return result?.attempt ?? null;
  } catch (error) {
    // A damaged record is shown as such once the index has seen it.
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}
