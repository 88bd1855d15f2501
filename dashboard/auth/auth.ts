/** @module The ways to prove who one is, together: API token, session cookie, team login. */
import type { Context } from "hono";
import type { SessionCookie } from "./cookies.ts";
import type { Identification } from "./identity.ts";
import type { LoginLinks } from "./login_links.ts";
import type { Oidc } from "./oidc.ts";
import type { Role } from "./roles.ts";
import type { Sessions } from "./sessions.ts";
import type { Tokens } from "./tokens.ts";

export interface Auth {
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly cookie: SessionCookie;
  /** Null where others than the one in front of the terminal may come. */
  readonly links: LoginLinks | null;
  /** Who a login link makes one. */
  readonly linkUser: { readonly actor: string; readonly role: Role };
  /** Null where no team login is configured. */
  readonly oidc: Oidc | null;
}

/** The token of an `Authorization: Bearer` header; null without the header, empty when it holds another thing. */
export function bearerOf(c: Context): string | null {
  const header = c.req.header("authorization");
  if (header === undefined) return null;
  return /^Bearer ([^\s]+)$/i.exec(header)?.[1] ?? "";
}

/** Who a request comes from. A header goes before cookies: what it lacks, a cookie does not mend. */
export async function identify(
  auth: Auth,
  c: Context,
): Promise<Identification> {
  const bearer = bearerOf(c);
  if (bearer !== null) return await auth.tokens.identify(bearer);
  const session = await identifySession(auth, c);
  if ("identity" in session) return session;
  return await auth.oidc?.identify(c) ?? session;
}

async function identifySession(
  { cookie, sessions, tokens }: Auth,
  c: Context,
): Promise<Identification> {
  const secret = cookie.read(c);
  if (secret === undefined) return { refusal: "none" };
  const session = sessions.find(secret);
  if ("refusal" in session) return session;
  const { tokenId, identity } = session;
  return tokenId === null || await tokens.stands(tokenId)
    ? { identity }
    : { refusal: "expired" };
}
