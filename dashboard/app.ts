/**
 * The whole dashboard as one function from request to response, without a socket.
 * @module
 */
import { OpenAPIHono } from "@hono/zod-openapi";
import { requestId } from "hono/request-id";
import { timing } from "hono/timing";
import type { DashboardDeps } from "./deps.ts";
import type { Env } from "./env.ts";
import { answerFailure } from "./failure.tsx";
import { routeTable } from "./routes/table.ts";
import type { Route } from "./security/access.ts";
import { guard } from "./security/guard.ts";
import { cookieFlags, securityHeaders } from "./security/headers.ts";
import { paramNames, PARAMS } from "./security/params.ts";
import { Refused } from "./security/refused.ts";

/**
 * @param routes another table than the dashboard's own, for tests
 * @throws {RangeError} when a route has a parameter that nobody checks.
 */
export function createApp(
  deps: DashboardDeps,
  routes: readonly Route[] = routeTable(deps),
): OpenAPIHono<Env> {
  checkParams(routes);
  const app = new OpenAPIHono<Env>({
    defaultHook: (result) => {
      if (!result.success) throw result.error;
    },
  });
  app.onError((error, c) => answerFailure(c, deps, error));
  app.notFound((c) => answerFailure(c, deps, new Refused("unknown")));
  // Ids come from here only: what a client sends could forge lines in logs.
  app.use(requestId({ headerName: "" }));
  app.use(async (c, next) => {
    await next();
    c.header("X-Request-Id", c.get("requestId"));
  });
  app.use(timing({ totalDescription: "whole request" }));
  app.use(securityHeaders(deps.origins[0]?.startsWith("https:") ?? false));
  app.use(cookieFlags());
  app.use(guard(deps, routes));
  for (const route of routes) route.mount(app);
  return app;
}

function checkParams(routes: readonly Route[]): void {
  for (const { path } of routes) {
    const unknown = paramNames(path).find((name) => !(name in PARAMS));
    if (unknown !== undefined) {
      throw new RangeError(
        `Cannot serve ${path}: nothing checks its parameter "${unknown}"`,
      );
    }
  }
}
