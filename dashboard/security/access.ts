/**
 * What each route asks of whoever uses it. Routes stand in one table (`routes/table.ts`): what is not in it
 * is never reached.
 * @module
 */
import type { OpenAPIHono, RouteConfig, RouteHandler } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import type { Handler, MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Role } from "../auth/roles.ts";
import type { Env } from "../env.ts";
import type { AuditAction } from "../audit/entry.ts";

export const METHODS = ["GET", "POST", "PUT", "DELETE"] as const;
export type Method = typeof METHODS[number];

export interface Access {
  /** The least that whoever uses it must be. */
  readonly role: Role | "anyone";
  /** What it costs: `heavy` reads volumes or much of the index, `login` takes a secret, `free` is never refused. */
  readonly rate: "light" | "heavy" | "login" | "free";
  /** What stands in the audit log when it is used; null: it shows nothing of patients and changes nothing. */
  readonly audit: AuditAction | null;
  /** The largest body it takes, in bytes; where it is given, handlers read it as it comes. @default 65536 */
  readonly maxBodyBytes?: number;
  /** Whether it is the same for everyone for ever, so that browsers may keep it. @default false */
  readonly isImmutable?: boolean;
  /** Whether its answer goes on for long: only so many are open at a time. @default false */
  readonly isStream?: boolean;
  /** Whether it is asked for under any host name, as health checks of clusters do. @default false */
  readonly anyHost?: boolean;
}

export interface Route extends Access {
  readonly method: Method;
  /** As Hono writes it: `/runs/:runId`. Every parameter's name stands in `params.ts`. */
  readonly path: string;
  mount(app: OpenAPIHono<Env>): void;
}

/** A route that answers with a page, a file or a stream. */
export function route(
  method: Method,
  path: string,
  access: Access,
  handler: Handler<Env>,
): Route {
  return {
    ...access,
    method,
    path,
    mount: (app) => void app.on(method, path, handler),
  };
}

const API_METHODS = {
  get: "GET",
  post: "POST",
  put: "PUT",
  delete: "DELETE",
} as const;

/**
 * A route of the API: checked and described by its zod schemas. Its path stands as OpenAPI writes it: `/runs/{runId}`.
 *
 * @throws {RangeError} when its query is described by anything but an object.
 */
export function apiRoute<
  R extends RouteConfig & { readonly method: keyof typeof API_METHODS },
>(access: Access, config: R, handler: RouteHandler<R, Env>): Route {
  const described = createRoute(config);
  const method = API_METHODS[config.method];
  const path = described.getRoutingPath();
  const known = namesOf(config.request?.query, path);
  return {
    ...access,
    method,
    path,
    mount(app) {
      app.on(method, path, refuseOthers(known));
      app.openapi(described, handler);
    },
  };
}

function namesOf(query: unknown, path: string): readonly string[] {
  if (query === undefined) return [];
  if (query instanceof z.ZodObject) return Object.keys(query.shape);
  throw new RangeError(`Cannot serve ${path}: its query is no object`);
}

/** Whoever misspells a parameter would take everything for what they asked for. */
function refuseOthers(known: readonly string[]): MiddlewareHandler<Env> {
  return async (c, next) => {
    const others = Object.keys(c.req.query())
      .filter((name) => !known.includes(name));
    if (others.length > 0) {
      const is = known.length === 0
        ? "there are none"
        : `there are ${known.join(", ")}`;
      throw new HTTPException(400, {
        message: `Unknown parameters: ${others.join(", ")}; ${is}`,
      });
    }
    await next();
  };
}
