/**
 * Login of teams by OpenID Connect. The session is a cookie that `@hono/oidc-auth` signs; every few minutes
 * the identity provider is asked whether it still stands. A claim of the ID token decides the role.
 * @module
 */
import {
  getAuth,
  oidcAuthMiddleware,
  processOAuthCallback,
  revokeSession,
} from "@hono/oidc-auth";
import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import { verify } from "hono/jwt";
import { z } from "zod";
import type { Identification } from "./identity.ts";
import { type Role, ROLES } from "./roles.ts";

/** Where the identity provider sends people back to, below the dashboard's origin. */
export const OIDC_CALLBACK = "/login/callback";

/** How long a person who was removed at the provider may still come in. */
const REFRESH_SECONDS = 300;
const SESSION_SECONDS = 12 * 3600;

export interface OidcSettings {
  /** URL of the identity provider. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Signs the session cookie; at least 32 characters. */
  readonly cookieSecret: string;
  readonly scopes: string;
  /** The claim that holds a person's groups. */
  readonly roleClaim: string;
  /** The group that makes a person a viewer, reviewer or operator. */
  readonly groups: Readonly<Partial<Record<Role, string>>>;
}

export interface Oidc {
  /** Who the session cookie names; null without one. */
  identify(c: Context): Promise<Identification | null>;
  /** Sends a browser to the identity provider; one that is logged in, to `then`. */
  login(c: Context, then: string): Promise<Response>;
  /** Takes a browser back from the identity provider. */
  callback(c: Context): Promise<Response>;
  logout(c: Context): Promise<void>;
}

const COOKIE = "uptake_oidc";

/** What the session cookie holds of a person, and when it ends, in seconds since the epoch. */
const sessionSchema = z.object({
  name: z.string().min(1),
  groups: z.array(z.string()),
  ssnexp: z.number(),
});

/**
 * @param origin where the dashboard is reached
 * @param clock what time it is
 */
export function createOidc(
  settings: OidcSettings,
  origin: string,
  clock: () => Date,
): Oidc {
  // Set whole and by hand: the library's own way reads every variable of the environment.
  const configured = {
    OIDC_ISSUER: settings.issuer,
    OIDC_CLIENT_ID: settings.clientId,
    OIDC_CLIENT_SECRET: settings.clientSecret,
    OIDC_AUTH_SECRET: settings.cookieSecret,
    OIDC_SCOPES: settings.scopes,
    OIDC_REDIRECT_URI: `${origin}${OIDC_CALLBACK}`,
    OIDC_AUTH_EXTERNAL_URL: origin,
    OIDC_AUTH_REFRESH_INTERVAL: String(REFRESH_SECONDS),
    OIDC_AUTH_EXPIRES: String(SESSION_SECONDS),
    OIDC_COOKIE_NAME: COOKIE,
    OIDC_COOKIE_PATH: "/",
    OIDC_JWT_ALG: "HS256",
  } as const;
  const requireLogin = oidcAuthMiddleware();

  function prepare(c: Context): void {
    c.set("oidcAuthEnv", configured);
    c.set("oidcClaimsHook", (before, claims) =>
      Promise.resolve({
        // An answer to a refresh need not hold an ID token: then what is known stands.
        name: textOf(claims?.email) ?? textOf(claims?.preferred_username) ??
          before?.name ?? claims?.sub ?? "",
        groups: claims?.[settings.roleClaim] === undefined
          ? before?.groups ?? []
          : groupsOf(claims[settings.roleClaim]),
      }));
  }

  return {
    async identify(c) {
      const cookie = getCookie(c, COOKIE);
      if (cookie === undefined) return null;
      prepare(c);
      let claims: unknown;
      try {
        // The library revokes what has ended without waiting for it, and where that fails nobody learns of it.
        const session = await verify(cookie, settings.cookieSecret, "HS256");
        if (sessionSchema.parse(session).ssnexp * 1000 < clock().getTime()) {
          return { refusal: "expired" };
        }
        claims = await getAuth(c);
      } catch {
        // Forged, or the provider did not take it on, or does not answer: nobody vouches for this session.
        return { refusal: "invalid" };
      }
      if (claims === null) return { refusal: "expired" };
      const { name, groups } = sessionSchema.parse(claims);
      const role = roleOf(groups, settings.groups);
      if (role === null) return { refusal: "noRole" };
      return { identity: { actor: name, role, by: "oidc" } };
    },
    async login(c, then) {
      prepare(c);
      return await answerOf(requireLogin, c, () => c.redirect(then, 303));
    },
    async callback(c) {
      prepare(c);
      return await processOAuthCallback(c);
    },
    async logout(c) {
      prepare(c);
      await revokeSession(c);
    },
  };
}

/** The highest role that one of a person's groups gives, or null. */
export function roleOf(
  groups: readonly string[],
  byRole: OidcSettings["groups"],
): Role | null {
  const given = ROLES.filter((role) => {
    const group = byRole[role];
    return group !== undefined && groups.includes(group);
  });
  return given.at(-1) ?? null;
}

async function answerOf(
  middleware: MiddlewareHandler,
  c: Context,
  otherwise: () => Response,
): Promise<Response> {
  let passed = false;
  const answer = await middleware(c, () => {
    passed = true;
    return Promise.resolve();
  });
  return passed || answer === undefined ? otherwise() : answer;
}

const groupsSchema = z.union([
  z.array(z.string()),
  z.string().transform((text) => text.split(/[\s,]+/)),
]);

function groupsOf(claim: unknown): string[] {
  return groupsSchema.safeParse(claim).data ?? [];
}

function textOf(claim: unknown): string | undefined {
  return typeof claim === "string" && claim !== "" ? claim : undefined;
}
