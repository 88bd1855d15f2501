/**
 * A real identity provider: the certified `oidc-provider`, in this process, asked under an address of the network by
 * whatever fetches through {@linkcode IdentityProvider.fetch}. Whoever comes to it is logged in at once.
 * @module
 */
import { createServer } from "node:http";
import { once } from "node:events";
import type Provider from "oidc-provider";

export const ISSUER = "https://login.example";

const DAY_SECONDS = 86_400;

export interface IdentityProvider {
  /** In the place of the network's: knows nothing but the provider. */
  readonly fetch: typeof fetch;
  /** What was asked so far: `POST /token`. */
  readonly asked: string[];
  /** Who stands in front of the browser; the claims change with the next token. */
  readonly person: { name: string; claims: Record<string, unknown> };
  /**
   * Follows a browser from the address it is sent to until it is sent back.
   *
   * @returns where it is sent to in the end: the dashboard's callback
   */
  follow(authorization: string): Promise<URL>;
}

export interface ClientSettings {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  /** @default true */
  readonly givesRefreshTokens?: boolean;
}

/** Runs a test with a provider that knows one client. */
export async function withIdentityProvider(
  client: ClientSettings,
  test: (provider: IdentityProvider) => Promise<void>,
): Promise<void> {
  const realFetch = globalThis.fetch;
  const person: IdentityProvider["person"] = { name: "anna", claims: {} };
  const provider = await createProvider(client, person);
  const handle = provider.callback();
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/interaction/") !== true) {
      return void handle(request, response);
    }
    void provider.interactionFinished(request, response, {
      login: { accountId: person.name },
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const asked: string[] = [];
  const ask = async (request: Request): Promise<Response> => {
    const { origin, pathname, search } = new URL(request.url);
    if (origin !== ISSUER) throw new TypeError(`There is no ${origin} here`);
    asked.push(`${request.method} ${pathname}`);
    const headers = new Headers(request.headers);
    headers.set("x-forwarded-proto", "https");
    headers.set("x-forwarded-host", new URL(ISSUER).host);
    return await realFetch(`http://127.0.0.1:${port}${pathname}${search}`, {
      method: request.method,
      headers,
      redirect: "manual",
      ...(request.method === "POST" && { body: await request.text() }),
    });
  };
  try {
    await test({
      asked,
      person,
      fetch: (input, init) => ask(new Request(input, init)),
      follow: (authorization) => follow(authorization, ask),
    });
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
}

/** Cookies are kept for the whole way, as a browser keeps them. */
async function follow(
  authorization: string,
  ask: (request: Request) => Promise<Response>,
): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = new URL(authorization);
  while (url.origin === ISSUER) {
    const cookie = [...cookies].map((pair) => pair.join("=")).join("; ");
    const answer = await ask(new Request(url, { headers: { cookie } }));
    for (const line of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = answer.headers.get("location");
    const text = await answer.text();
    if (location === null) throw new Error(`It leads nowhere: ${text}`);
    url = new URL(location, url);
  }
  return url;
}

async function createProvider(
  { clientId, clientSecret, redirectUri, givesRefreshTokens = true }:
    ClientSettings,
  person: IdentityProvider["person"],
): Promise<Provider> {
  const { privateKey } = await crypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: "SHA-256",
    },
    true,
    ["sign", "verify"],
  );
  const key = await crypto.subtle.exportKey("jwk", privateKey);
  const { kty = "", n = "", e = "", d = "", p = "", q = "" } = key;
  const { dp = "", dq = "", qi = "" } = key;
  const { warn } = console;
  // It warns that it keeps everything in memory, and that this is not Node.
  console.warn = () => {};
  try {
    const { default: Provider } = await import("oidc-provider");
    const provider = new Provider(ISSUER, {
      clients: [{
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        grant_types: ["authorization_code", "refresh_token"],
      }],
      jwks: { keys: [{ kty, n, e, d, p, q, dp, dq, qi, use: "sig" }] },
      cookies: { keys: ["a key of the test's"] },
      claims: {
        openid: ["sub"],
        email: ["email", "email_verified"],
        profile: ["preferred_username", "groups"],
      },
      // Claims stand in the ID token, not only at the userinfo endpoint.
      conformIdTokenClaims: false,
      features: {
        devInteractions: { enabled: false },
        revocation: {
          enabled: true,
          allowedPolicy: (_, { clientId }, token) =>
            Promise.resolve(token.clientId === clientId),
        },
      },
      ttl: {
        AccessToken: 3600,
        Grant: DAY_SECONDS,
        IdToken: 3600,
        Interaction: 3600,
        RefreshToken: DAY_SECONDS,
        Session: DAY_SECONDS,
      },
      pkce: { required: () => true },
      // As strict providers do: a refresh token works once; its second use ends the whole grant.
      rotateRefreshToken: true,
      issueRefreshToken: () => Promise.resolve(givesRefreshTokens),
      interactions: { url: (_, { uid }) => `/interaction/${uid}` },
      findAccount: (_, id) => ({
        accountId: id,
        claims: () => Promise.resolve({ sub: id, ...person.claims }),
      }),
      loadExistingGrant: async (context) => {
        const { client, session, provider, params } = context.oidc;
        const grant = new provider.Grant({
          clientId: client!.clientId,
          accountId: session!.accountId!,
        });
        grant.addOIDCScope(String(params?.scope));
        await grant.save();
        return grant;
      },
    });
    provider.proxy = true;
    return provider;
  } finally {
    console.warn = warn;
  }
}
