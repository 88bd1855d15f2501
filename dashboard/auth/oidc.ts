/**
 * Login of teams by OpenID Connect. The session is a cookie that `@hono/oidc-auth` signs; every few minutes
 * the identity provider is asked whether it still stands. A claim of the ID token decides the role.
 * @module
 */
import {
  getAuth,
  getAuthorizationServer,
  oidcAuthMiddleware,
  processOAuthCallback,
  revokeSession,
} from "@hono/oidc-auth";
import type { Context, MiddlewareHandler } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { verify } from "hono/jwt";
import { z } from "zod";
import type { Identification } from "./identity.ts";
import { reviewerSchema } from "../../shared/runs/reviews.ts";
import { type Role, ROLES } from "./roles.ts";
import { hashSecret, newSecret } from "./secrets.ts";

/** Where the identity provider sends people back to, below the dashboard's origin. */
export const OIDC_CALLBACK = "/login/callback";

/** How long a person who was removed at the provider may still come in. */
const REFRESH_SECONDS = 300;
const SESSION_SECONDS = 12 * 3600;
/** How long requests with the old cookie may still arrive once it was renewed. */
const LATE_SECONDS = 30;

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
  /**
   * Sends a browser to the identity provider; one that is logged in, to `then`.
   *
   * @throws {RangeError} when the provider does not offer what is asked of it.
   */
  login(c: Context, then: string): Promise<Response>;
  /** Takes a browser back from the identity provider. */
  callback(c: Context): Promise<Response>;
  /**
   * Ends the session here, then at the provider.
   *
   * @throws {Error} when the provider did not take note of it; here it has ended all the same.
   */
  logout(c: Context): Promise<void>;
}

/** Without the prefix `__Host-`: the library takes the cookie away in a way that the prefix forbids. */
const COOKIE = "uptake_oidc";

/** What the session cookie holds of a person, and when it ends, in seconds since the epoch. */
const sessionSchema = z.object({
  /** Stays the same when the cookie is renewed. */
  id: z.string().min(1),
  name: reviewerSchema,
  groups: z.array(z.string()),
  /** When the session is over. */
  ssnexp: z.number(),
  /** When the provider is asked again. */
  rtkexp: z.number(),
});
type Session = z.infer<typeof sessionSchema>;

interface Renewed {
  readonly cookie: string;
  readonly session: Session;
}

/**
 * @param origin where the dashboard is reached
 * @param clock what time it is
 */
export function createOidc(
  settings: OidcSettings,
  origin: string,
  clock: () => Date,
): Oidc {
  const cookieOptions = {
    path: "/",
    httpOnly: true,
    secure: true,
    sameSite: "Lax",
  } as const;
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
  // People are in hundreds of groups, and browsers take no cookie of more than 4096 bytes.
  const known = new Set<string>(Object.values(settings.groups));
  const nowSeconds = () => Math.floor(clock().getTime() / 1000);
  /** Sessions that were logged out, and when they would have ended: who kept the cookie does not come in by it. */
  const loggedOut = new Map<string, number>();
  /** By the old cookie's hash. */
  const renewals = new Map<
    string,
    { readonly atSeconds: number; readonly renewed: Promise<Renewed | null> }
  >();

  function prepare(c: Context): void {
    c.set("oidcAuthEnv", configured);
    c.set("oidcClaimsHook", (before, claims) =>
      Promise.resolve({
        id: before?.id ?? newSecret(),
        // An answer to a refresh need not hold an ID token: then what is known stands.
        name: nameOf(claims) ?? before?.name ?? claims?.sub ?? "",
        // An ID token without the claim is one of a person in no group: many providers leave empty claims out.
        groups: claims === undefined
          ? before?.groups ?? []
          : groupsOf(claims[settings.roleClaim]).filter((group) =>
            known.has(group)
          ),
      }));
  }

  /** @throws {Error} for a cookie that was not made here. */
  async function read(cookie: string): Promise<Session> {
    return sessionSchema.parse(
      await verify(cookie, settings.cookieSecret, "HS256"),
    );
  }

  /** Asks the provider whether the session still stands; null: it does not. */
  async function ask(c: Context, cookie: string): Promise<Renewed | null> {
    prepare(c);
    if (await getAuth(c) === null) return null;
    const fresh = c.get("oidcAuthJwt") ?? cookie;
    return { cookie: fresh, session: await read(fresh) };
  }

  /**
   * Of all requests that bring the same old cookie, one asks the provider: many give a refresh token once only, and
   * take a second use for theft. Those that were on their way meanwhile get the same answer.
   */
  async function renew(c: Context, cookie: string): Promise<Renewed | null> {
    const seconds = nowSeconds();
    for (const [key, { atSeconds }] of renewals) {
      if (seconds - atSeconds > LATE_SECONDS) renewals.delete(key);
    }
    const key = hashSecret(cookie);
    const known = renewals.get(key);
    if (known !== undefined) {
      const renewed = await known.renewed;
      if (renewed !== null) setCookie(c, COOKIE, renewed.cookie, cookieOptions);
      return renewed;
    }
    const renewed = ask(c, cookie);
    renewals.set(key, { atSeconds: seconds, renewed });
    // A provider that did not answer is asked again.
    renewed.catch(() => renewals.delete(key));
    return await renewed;
  }

  return {
    async identify(c) {
      const cookie = getCookie(c, COOKIE);
      if (cookie === undefined) return null;
      let session: Session;
      try {
        session = await read(cookie);
      } catch {
        // Forged, or signed with a secret that is no longer ours.
        return { refusal: "invalid" };
      }
      const isOver = ({ id, ssnexp }: Session) =>
        ssnexp < nowSeconds() || loggedOut.has(id);
      if (isOver(session)) return { refusal: "expired" };
      if (session.rtkexp < nowSeconds()) {
        let renewed: Renewed | null;
        try {
          renewed = await renew(c, cookie);
        } catch (cause) {
          return { refusal: "provider", cause };
        }
        if (renewed === null || isOver(renewed.session)) {
          return { refusal: "expired" };
        }
        session = renewed.session;
      }
      const role = roleOf(session.groups, settings.groups);
      if (role === null) return { refusal: "noRole" };
      return { identity: { actor: session.name, role, by: "oidc" } };
    },
    async login(c, then) {
      prepare(c);
      // What is wrong with the provider is found here: the library tells nobody.
      const { scopes_supported: offered } = await getAuthorizationServer(c);
      const missing = settings.scopes.split(" ").filter((scope) =>
        offered?.includes(scope) !== true
      );
      if (missing.length > 0) {
        throw new RangeError(
          `Cannot log in at ${settings.issuer}: it does not offer the scope ${
            missing.join(", ")
          }. Name those that it offers in UPTAKE_OIDC_SCOPES: ${
            offered?.join(" ") ?? "it tells none"
          }`,
        );
      }
      return await answerOf(requireLogin, c, () => c.redirect(then, 303));
    },
    async callback(c) {
      prepare(c);
      const answer = await processOAuthCallback(c);
      // Where to go on stands in a cookie, which others may have planted.
      const then = URL.parse(answer.headers.get("location") ?? "");
      return then?.origin === origin ? answer : c.redirect("/", 302);
    },
    async logout(c) {
      const cookie = getCookie(c, COOKIE);
      if (cookie === undefined) return;
      deleteCookie(c, COOKIE, cookieOptions);
      let session: Session;
      try {
        session = await read(cookie);
      } catch {
        // Nobody's session ends with it.
        return;
      }
      for (const [id, ssnexp] of loggedOut) {
        if (ssnexp < nowSeconds()) loggedOut.delete(id);
      }
      loggedOut.set(session.id, session.ssnexp);
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

/** An address that the provider says is not the person's own names nobody. */
function nameOf(
  claims: Readonly<Record<string, unknown>> | undefined,
): string | undefined {
  const email = claims?.email_verified === false
    ? undefined
    : textOf(claims?.email);
  return email ?? textOf(claims?.preferred_username);
}

function textOf(claim: unknown): string | undefined {
  return typeof claim === "string" && claim !== "" ? claim : undefined;
}
