/** @module The description of the API, made from the routes' own schemas. */
import { z } from "@hono/zod-openapi";
import { VERSION } from "../../shared/version.ts";
import type { Route } from "../security/access.ts";

/** What every refusal and failure answers with. */
export const problemSchema = z.strictObject({
  error: z.strictObject({
    status: z.int().min(400).max(599),
    message: z.string(),
    requestId: z.string(),
  }),
});

const PROBLEM = {
  description:
    "It was refused or failed. 400: the request cannot be understood; 401: no valid token; 403: its role does not allow it; 404: there is no such thing; 409: not now; 413: too large; 422: it makes no sense here; 429: too many requests; 503: the store does not answer",
  content: {
    "application/json": { schema: { $ref: "#/components/schemas/Problem" } },
  },
};

const API_METHODS = ["get", "post", "put", "delete"] as const;

const PATH = "/api/v1/openapi.json";

export function openapiRoutes(): Route[] {
  return [{
    method: "GET",
    path: PATH,
    role: "viewer",
    rate: "light",
    audit: null,
    mount(app) {
      app.openAPIRegistry.registerComponent("securitySchemes", "token", {
        type: "http",
        scheme: "bearer",
        description: "An API token: uptake dashboard --create-token <name>",
      });
      app.openAPIRegistry.register("Problem", problemSchema);
      app.get(PATH, (c) => {
        const description = app.getOpenAPI31Document({
          openapi: "3.1.0",
          info: { title: "Uptake", version: VERSION },
          security: [{ token: [] }],
        });
        for (const operations of Object.values(description.paths ?? {})) {
          for (const method of API_METHODS) {
            const operation = operations[method];
            if (operation?.responses === undefined) continue;
            operation.responses.default = PROBLEM;
          }
        }
        return c.json(description);
      });
    },
  }];
}
