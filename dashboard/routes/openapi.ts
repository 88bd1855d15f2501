/** @module The description of the API, made from the routes' own schemas. */
import { VERSION } from "../../shared/version.ts";
import type { Route } from "../security/access.ts";

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
      app.get(PATH, (c) =>
        c.json(app.getOpenAPI31Document({
          openapi: "3.1.0",
          info: { title: "Uptake", version: VERSION },
          security: [{ token: [] }],
        })));
    },
  }];
}
