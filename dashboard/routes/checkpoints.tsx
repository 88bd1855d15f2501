/** @module Registered checkpoints, and registering one more. */
import { z } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import { pageOf } from "../../shared/catalog/queries/page.ts";
import { registeredEntrySchema } from "../../shared/dispatch/operations.ts";
import type { DashboardDeps } from "../deps.ts";
import {
  type Access,
  apiRoute,
  type Route,
  route,
} from "../security/access.ts";
import {
  answer,
  bodyOf,
  CHANGE,
  made,
  pageOfAll,
  pageQuery,
} from "./api/schemas.ts";
import { CheckpointList } from "../views/checkpoint_list.tsx";
import { page } from "../views/layout.tsx";
import {
  checkpointListingSchema,
  listedCheckpoints,
} from "../submit/checkpoint_listing.ts";
import { indexMade, required } from "../submit/start.ts";
import { pageAt, pageNumberSchema, queryOf } from "./query.ts";
import { noOperations, Styles } from "./submit.tsx";

const VIEW: Access = { role: "operator", rate: "light", audit: "view" };

/** The largest checkpoint that a home takes. */
const MAX_UPLOAD_BYTES = 512 * 1024 ** 2;

const FILE_TYPE = "application/octet-stream";

const registeredSchema = registeredEntrySchema.extend({
  /** Whether it was not registered before. */
  isNew: z.boolean(),
});

const registeredPageSchema = pageOf(registeredEntrySchema).extend({
  /** Records that cannot be understood. */
  problems: z.array(z.string()),
});

const querySchema = z.object({
  ...checkpointListingSchema.shape,
  page: pageNumberSchema,
});

const uploadQuerySchema = z.object({
  name: z.string().min(1).max(100),
  family: z.string().trim().min(1).max(100)
    .regex(/^\P{Cc}*$/u, "must not hold control characters").optional(),
  fold: z.coerce.number().int().min(0).max(1000).optional(),
});

/** @param maxBytes of a file */
export function checkpointRoutes(
  deps: DashboardDeps,
  maxBytes = MAX_UPLOAD_BYTES,
): Route[] {
  const { operations } = deps;
  let isUploading = false;

  return [
    route(
      "GET",
      "/checkpoints",
      VIEW,
      async (c) => {
        if (operations === undefined) return noOperations(c, deps);
        const { page: number, ...listing } = queryOf(c, querySchema);
        const { checkpoints, problems } = await operations.registered();
        return page(
          c,
          deps,
          {
            title: "Checkpoints",
            section: "/checkpoints",
            scripts: ["checkpoints.js"],
          },
          <>
            <Styles deps={deps} />
            <CheckpointList
              families={[...new Set(checkpoints.map(({ family }) => family))]
                .sort()}
              checkpoints={pageOfAll(
                listedCheckpoints(checkpoints, listing),
                pageAt(number),
              )}
              listing={listing}
              page={number}
              problems={problems}
              maxBytes={maxBytes}
            />
          </>,
        );
      },
    ),
    apiRoute(VIEW, {
      method: "get",
      path: "/api/v1/checkpoints",
      summary: "Registered checkpoints",
      request: {
        query: z.object({ ...checkpointListingSchema.shape, ...pageQuery }),
      },
      responses: answer(
        "A page of them, unless asked otherwise the last ones first",
        registeredPageSchema,
      ),
    }, async (c) => {
      const { offset, limit, ...listing } = c.req.valid("query");
      const { checkpoints, problems } = await required(operations).registered();
      const listed = listedCheckpoints(checkpoints, listing);
      return c.json({
        ...bodyOf(pageOfAll(listed, { offset, limit })),
        problems: [...problems],
      }, 200);
    }),
    apiRoute(
      { ...CHANGE, maxBodyBytes: maxBytes },
      {
        method: "post",
        path: "/api/v1/checkpoints",
        summary: "Register a checkpoint: its file is the body",
        request: {
          query: uploadQuerySchema,
          body: {
            required: true,
            content: {
              [FILE_TYPE]: {
                schema: z.string().openapi({ format: "binary" }),
              },
            },
          },
        },
        responses: made("The checkpoint as it is registered", registeredSchema),
      },
      async (c) => {
        const { registerCheckpoint } = required(operations);
        const { name, family = null, fold = null } = c.req.valid("query");
        if (c.req.header("content-type") !== FILE_TYPE) {
          throw new HTTPException(415, {
            message: `Send the file itself, as ${FILE_TYPE}`,
          });
        }
        // Each is in memory as a whole until it is stored.
        if (isUploading) {
          throw new HTTPException(409, {
            message: "Another checkpoint is being uploaded: try again after it",
          });
        }
        isUploading = true;
        try {
          const bytes = new Uint8Array(await c.req.arrayBuffer());
          const done = await registerCheckpoint({ bytes, name, family, fold });
          if ("refused" in done) {
            throw new HTTPException(422, { message: done.refused });
          }
          c.set("audited", { checkpoint: name, sha256: done.done.sha256 });
          await indexMade(deps, name);
          return c.json(done.done, 201);
        } finally {
          isUploading = false;
        }
      },
    ),
  ];
}
