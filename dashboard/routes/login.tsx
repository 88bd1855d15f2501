/** @module Logging in, by link, API token or team account, and out. */
import type { Context } from "hono";
import { z } from "zod";
import type { DashboardDeps } from "../deps.ts";
import type { Env } from "../env.ts";
import { identify } from "../auth/auth.ts";
import type { Identity } from "../auth/identity.ts";
import { OIDC_CALLBACK } from "../auth/oidc.ts";
import { type Access, type Route, route } from "../security/access.ts";
import { type RefusalReason, Refused } from "../security/refused.ts";
import { page } from "../views/layout.tsx";
import { LoginForm } from "../views/login.tsx";

const ACCESS: Access = { role: "anyone", rate: "login", audit: "login" };

const formSchema = z.object({
  token: z.string().max(200).transform((text) => text.trim()),
  then: z.string().optional(),
});

export function loginRoutes(deps: DashboardDeps): Route[] {
  const { auth } = deps;
  return [
    route("GET", "/login", ACCESS, (c) => {
      const token = c.req.query("token");
      if (token === undefined) return loginPage(c, deps);
      // Programs that look at a link before people do ask for its head.
      if (c.req.method !== "GET" || !auth.links?.redeem(token)) {
        throw new Refused("invalid");
      }
      const identity = { ...auth.linkUser, by: "link" } as const;
      c.set("identity", identity);
      startSession(c, deps, identity);
      return c.redirect("/", 303);
    }),
    route("POST", "/login", ACCESS, async (c) => {
      const form = formSchema.safeParse(await c.req.parseBody());
      if (!form.success) throw new Refused("invalid");
      const { token, then } = form.data;
      const found = await auth.tokens.identify(token);
      if ("refusal" in found) throw new Refused(found.refusal);
      c.set("identity", found.identity);
      startSession(c, deps, found.identity, found.tokenId);
      return c.redirect(ownPath(then), 303);
    }),
    route("GET", "/login/team", ACCESS, async (c) => {
      if (auth.oidc === null) throw new Refused("unknown");
      try {
        return await auth.oidc.login(c, ownPath(c.req.query("then")));
      } catch (cause) {
        throw new Refused("provider", { cause });
      }
    }),
    route("GET", OIDC_CALLBACK, ACCESS, async (c) => {
      if (auth.oidc === null) throw new Refused("unknown");
      try {
        return await auth.oidc.callback(c);
      } catch (cause) {
        throw new Refused("login", { cause });
      }
    }),
    // Anyone's: who is known but has no role here goes this way to another account.
    route("POST", "/logout", {
      role: "anyone",
      rate: "light",
      audit: "logout",
    }, async (c) => {
      const found = await identify(auth, c);
      if ("identity" in found) c.set("identity", found.identity);
      const secret = auth.cookie.read(c);
      if (secret !== undefined) auth.sessions.end(secret);
      auth.cookie.remove(c);
      try {
        await auth.oidc?.logout(c);
      } catch (error) {
        deps.log(
          `The identity provider took no note of a logout (request ${
            c.get("requestId")
          }): ${String(error)}`,
        );
      }
      return c.redirect("/login", 303);
    }),
  ];
}

/** The session that the browser had ends: nobody who knew its secret goes on beside the new one. */
function startSession(
  c: Context<Env>,
  { auth: { cookie, sessions } }: DashboardDeps,
  identity: Identity,
  tokenId?: string,
): void {
  const old = cookie.read(c);
  if (old !== undefined) sessions.end(old);
  cookie.write(c, sessions.start(identity, tokenId));
}

/** The login page as the answer to any request; the page that was asked for follows the login. */
export function loginPage(
  c: Context<Env>,
  deps: DashboardDeps,
  refusal?: RefusalReason,
): Response | Promise<Response> {
  const { auth } = deps;
  // A link on another site brings no session along: the same page, loaded from this one, does.
  const reloads = refusal === "none" &&
    c.req.header("sec-fetch-site") === "cross-site";
  const then = c.req.method === "GET" && !c.req.path.startsWith("/login")
    ? ownPath(c.req.url.slice(new URL(c.req.url).origin.length))
    : "/";
  const problem = refusal === undefined || refusal === "none"
    ? null
    : new Refused(refusal).message;
  return page(
    c,
    deps,
    {
      title: "Log in",
      reloads,
      status: refusal === undefined ? 200 : new Refused(refusal).status,
    },
    <LoginForm
      problem={problem}
      then={then}
      hasLinks={auth.links !== null}
      hasOidc={auth.oidc !== null}
    />,
  );
}

/** A path of this site, or the overview for anything else. */
export function ownPath(path: string | undefined): string {
  const base = "http://uptake.invalid";
  const url = URL.parse(path ?? "/", base);
  if (url === null || url.origin !== base) return "/";
  const own = url.pathname + url.search;
  // Two slashes would start the name of another site.
  return own.startsWith("//") ? "/" : own;
}
