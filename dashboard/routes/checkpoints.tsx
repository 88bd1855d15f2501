/** @module Registered checkpoints, and registering one more. */
import { z } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import type { DashboardDeps } from "../deps.ts";
import { apiRoute, type Route, route } from "../security/access.ts";
import { CheckpointList } from "../views/checkpoint_list.tsx";
import { page } from "../views/layout.tsx";
import { noOperations, required, Styles } from "./submit.tsx";

/** The largest checkpoint that a home takes. */
const MAX_UPLOAD_BYTES = 512 * 1024 ** 2;

const registeredSchema = z.strictObject({
  name: z.string(),
  location: z.string(),
  sha256: z.string(),
  bytes: z.int(),
  registeredAt: z.string(),
  family: z.string(),
  fold: z.int().min(0).nullable(),
  /** Whether it was not registered before. */
  isNew: z.boolean(),
});

const uploadQuerySchema = z.object({
  name: z.string().min(1).max(100),
  family: z.string().trim().min(1).max(100).optional(),
  fold: z.coerce.number().int().min(0).max(1000).optional(),
});

export function checkpointRoutes(deps: DashboardDeps): Route[] {
  const { operations } = deps;
  let isUploading = false;

  return [
    route(
      "GET",
      "/checkpoints",
      { role: "operator", rate: "light", audit: "view" },
      async (c) => {
        if (operations === undefined) return noOperations(c, deps);
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
              checkpoints={checkpoints}
              problems={problems}
              maxBytes={MAX_UPLOAD_BYTES}
            />
          </>,
        );
      },
    ),
    apiRoute(
      {
        role: "operator",
        rate: "heavy",
        audit: "change",
        maxBodyBytes: MAX_UPLOAD_BYTES,
      },
      {
        method: "post",
        path: "/api/v1/checkpoints",
        summary: "Register a checkpoint: its file is the body",
        request: {
          query: uploadQuerySchema,
          body: {
            required: true,
            content: {
              "application/octet-stream": {
                schema: z.string().openapi({ format: "binary" }),
              },
            },
          },
        },
        responses: {
          201: {
            description: "The checkpoint as it is registered",
            content: { "application/json": { schema: registeredSchema } },
          },
        },
      },
      async (c) => {
        const { registerCheckpoint } = required(operations);
        const { name, family = null, fold = null } = c.req.valid("query");
        // Each is in memory as a whole until it is stored.
        if (isUploading) {
          throw new HTTPException(409, {
            message: "Another checkpoint is being uploaded: try again after it",
          });
        }
        isUploading = true;
        try {
          const bytes = new Uint8Array(await c.req.arrayBuffer());
          const made = await registerCheckpoint({ bytes, name, family, fold });
          if ("refused" in made) {
            throw new HTTPException(422, { message: made.refused });
          }
          await deps.indexer.refresh(deps.signal);
          return c.json(made.done, 201);
        } finally {
          isUploading = false;
        }
      },
    ),
  ];
}
