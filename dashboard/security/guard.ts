/**
 * The one gate before all routes. What is not in the table of routes is not there; what is in it is reached
 * only by whoever may use it, and leaves a line in the audit log.
 * @module
 */
import type { Context, MiddlewareHandler } from "hono";
import type { AuditEvent } from "../audit/entry.ts";
import { bearerOf, identify } from "../auth/auth.ts";
import { type Identity, identityKey } from "../auth/identity.ts";
import { suffices } from "../auth/roles.ts";
import { oneLine } from "../../shared/plain_text.ts";
import type { DashboardDeps } from "../deps.ts";
import type { Env } from "../env.ts";
import type { Access, Route } from "./access.ts";
import { addressOf } from "./address.ts";
import { createAtOnce, untilEnd } from "./at_once.ts";
import { BODY_MS, limitBody, takeBody } from "./body.ts";
import { routeFinder, type RouteMatch } from "./find_route.ts";
import { areValid } from "./params.ts";
import { createRateLimit } from "./rate_limit.ts";
import { Refused } from "./refused.ts";
import { isForeign, isOwnHost, type RequestOrigin } from "./request_origin.ts";

/**
 * Requests at once and per second: of a person or token; of an address where nobody says who they are, and
 * for logins and `wrong` credentials.
 */
export const RATES = Object.freeze({
  light: { burst: 300, perSecond: 20 },
  heavy: { burst: 60, perSecond: 5 },
  login: { burst: 10, perSecond: 0.1 },
  wrong: { burst: 20, perSecond: 0.2 },
});

const MAX_BODY_BYTES = 65_536;

/** Streams of events that are open at a time: a tab of a browser is one, and most browsers open six at most. */
export const MOST_STREAMS = Object.freeze({ ofOne: 16, ofAll: 256 });
const STREAM_RETRY_SECONDS = 30;

/** @param routes all of them */
export function guard(
  deps: DashboardDeps,
  routes: readonly Route[],
): MiddlewareHandler<Env> {
  const find = routeFinder(routes);
  const take = rateLimits(() => deps.clock.nowMs());
  const streams = createAtOnce(MOST_STREAMS.ofOne, MOST_STREAMS.ofAll);

  return async (c, next) => {
    c.set("identity", null);
    c.set("audited", {});
    const match = find(c);
    let route: Route;
    try {
      route = await admit(c, match);
      if (route.maxBodyBytes !== undefined) limitBody(c, route.maxBodyBytes);
      else if (route.method !== "GET") {
        await takeBody(c, MAX_BODY_BYTES, AbortSignal.timeout(BODY_MS));
      }
    } catch (error) {
      if (error instanceof Refused) noteRefusal(c, match, error);
      throw error;
    }
    const close = opened(c, route);
    await next();
    if (close !== undefined) c.res = untilEnd(c.res, close);
    if (!route.isImmutable) c.header("Cache-Control", "no-store");
    if (route.audit === null) return;
    const { status } = c.res;
    deps.audit.record(
      eventOf(
        c,
        match,
        c.error instanceof Refused
          ? { status, reason: c.error.reason }
          : { status },
      ),
    );
    if (route.method !== "GET") await flush();
  };

  /**
   * What is to be called once a stream has ended; undefined for any other answer.
   *
   * @throws {Refused} when too many are open.
   */
  function opened(c: Context<Env>, route: Route): (() => void) | undefined {
    if (route.isStream !== true || c.req.method === "HEAD") return undefined;
    const close = streams.open(identityKey(c.get("identity")));
    if (close === null) {
      throw new Refused("rate", { retryAfterSeconds: STREAM_RETRY_SECONDS });
    }
    return close;
  }

  /** @throws {Refused} */
  async function admit(
    c: Context<Env>,
    match: RouteMatch | null,
  ): Promise<Route> {
    const access = match?.route;
    const origin = originOf(c);
    if (!access?.anyHost && !isOwnHost(origin, deps.origins)) {
      throw new Refused("host");
    }
    if (isForeign(origin, deps.origins)) throw new Refused("foreign");
    if (match?.route.role === "anyone") {
      take(match.route.rate, addressOf(c, deps.trustsProxy));
    } else {
      const identity = await identified(c);
      c.set("identity", identity);
      take(access?.rate ?? "light", identityKey(identity));
      if (match === null) throw new Refused("unknown");
      checkRole(identity, match.route);
      deps.freshness.seen();
    }
    if (!areValid(match.params)) throw new Refused("id");
    if (match.route.audit !== null && deps.audit.isFull()) {
      throw new Refused("audit");
    }
    return match.route;
  }

  async function identified(c: Context<Env>): Promise<Identity> {
    const address = addressOf(c, deps.trustsProxy);
    // Looking a token up costs a request to the store: not for whoever has shown many wrong ones.
    if (bearerOf(c) !== null) take("wrong", address, "look");
    const found = await identify(deps.auth, c);
    if ("identity" in found) return found.identity;
    if (found.refusal === "none") take("light", address);
    else take("wrong", address);
    throw new Refused(found.refusal, { cause: found.cause });
  }

  function noteRefusal(
    c: Context<Env>,
    match: RouteMatch | null,
    { reason, status }: Refused,
  ): void {
    // Whoever is refused for their number, or guesses at paths without credentials, would fill the log.
    if (reason === "rate" || reason === "audit") return;
    if (reason === "none" && !match?.route.audit) return;
    deps.audit.record(eventOf(c, match, { status, reason }));
  }

  function eventOf(
    c: Context<Env>,
    match: RouteMatch | null,
    { status, reason }: { status: number; reason?: string },
  ): AuditEvent {
    const identity = c.get("identity");
    const details = match === null
      ? {}
      : { ...namedBy(c.req.query()), ...c.get("audited") };
    return {
      at: deps.now().toISOString(),
      requestId: c.get("requestId"),
      actor: identity?.actor ?? null,
      role: identity?.role ?? null,
      by: identity?.by ?? null,
      from: addressOf(c, deps.trustsProxy),
      action: match?.route.audit ?? "access",
      method: c.req.method.slice(0, 16),
      route: match?.route.path ?? null,
      params: match !== null && areValid(match.params) ? match.params : {},
      ...(Object.keys(details).length === 0 ? {} : { details }),
      status,
      outcome: status >= 500 ? "failed" : status >= 400 ? "refused" : "done",
      ...(reason === undefined ? {} : { reason }),
    };
  }

  async function flush(): Promise<void> {
    try {
      await deps.audit.flush({ isHurried: true });
    } catch (error) {
      // What was done is done: the line waits, and is tried again with the next ones.
      deps.log(`The audit log waits for the store: ${String(error)}`);
    }
  }
}

/** Values of addresses that name what is looked at or changed; none holds what people search for. */
const NAMING = [
  "run",
  "runId",
  "in",
  "before",
  "after",
  "plan",
  "dataset",
  "checkpoint",
  "name",
  "queue",
] as const;

const MOST_CHARACTERS = 200;

function namedBy(
  query: Readonly<Record<string, string>>,
): Record<string, string> {
  const named = NAMING.flatMap((name) => {
    const value = oneLine(query[name] ?? "").slice(0, MOST_CHARACTERS);
    return value === "" ? [] : [[name, value] as const];
  });
  return Object.fromEntries(named);
}

type Take = (
  rate: Access["rate"] | "wrong",
  key: string,
  how?: "take" | "look",
) => void;

/** Takes from the buckets, or throws {@linkcode Refused}. */
function rateLimits(nowMs: () => number): Take {
  const limits = {
    light: createRateLimit(RATES.light, nowMs),
    heavy: createRateLimit(RATES.heavy, nowMs),
    login: createRateLimit(RATES.login, nowMs),
    wrong: createRateLimit(RATES.wrong, nowMs),
  };
  return (rate, key, how = "take") => {
    if (rate === "free") return;
    const limit = limits[rate];
    const seconds = how === "look" ? limit.wait(key) : limit.take(key);
    if (seconds > 0) throw new Refused("rate", { retryAfterSeconds: seconds });
  };
}

function originOf(c: Context<Env>): RequestOrigin {
  return {
    method: c.req.method,
    host: c.req.header("host"),
    origin: c.req.header("origin"),
    fetchSite: c.req.header("sec-fetch-site"),
    fetchMode: c.req.header("sec-fetch-mode"),
    hasAuthorization: bearerOf(c) !== null,
  };
}

/** @throws {Refused} when the role does not suffice. */
function checkRole(identity: Identity, { role }: Route): void {
  if (role !== "anyone" && !suffices(identity.role, role)) {
    throw new Refused("role");
  }
}
