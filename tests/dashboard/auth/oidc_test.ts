/** @module The team login, against an identity provider of the test's. */
import { expect } from "@std/expect";
import { createOidc, roleOf } from "../../../dashboard/auth/oidc.ts";
import { cookieOf, ORIGIN, testDashboard } from "../../support/dashboard.ts";

const ISSUER = "https://login.example";

const settings = {
  issuer: ISSUER,
  clientId: "uptake",
  clientSecret: "s3cret",
  cookieSecret: "c".repeat(32),
  scopes: "openid email offline_access",
  roleClaim: "groups",
  groups: { viewer: "pet-readers", operator: "pet-admins" },
};

/** Answers the library's requests as an identity provider does; `groups` are those of whoever logs in. */
function provider(groups: readonly string[]) {
  let nonce = "";
  let refuses = false;
  let isGone = false;
  let identifies = true;
  const asked: string[] = [];
  const idToken = () => {
    const part = (value: unknown) =>
      new TextEncoder().encode(JSON.stringify(value)).toBase64({
        alphabet: "base64url",
        omitPadding: true,
      });
    const seconds = Math.floor(Date.now() / 1000);
    return [
      part({ alg: "RS256" }),
      part({
        iss: ISSUER,
        aud: settings.clientId,
        sub: "u1",
        email: "anna@example.org",
        groups,
        nonce,
        iat: seconds,
        exp: seconds + 300,
      }),
      "AAAA",
    ].join(".");
  };
  const answers: Record<string, () => Response> = {
    "/.well-known/openid-configuration": () =>
      Response.json({
        issuer: ISSUER,
        authorization_endpoint: `${ISSUER}/authorize`,
        token_endpoint: `${ISSUER}/token`,
        scopes_supported: ["openid", "email", "offline_access"],
      }),
    "/token": () =>
      refuses
        ? Response.json({ error: "invalid_grant" }, { status: 400 })
        : Response.json({
          access_token: "a",
          token_type: "bearer",
          refresh_token: "r",
          ...(identifies && { id_token: idToken() }),
        }),
  };
  return {
    asked,
    setNonce: (value: string) => nonce = value,
    refuse: () => refuses = true,
    vanish: () => isGone = true,
    /** From now on without ID tokens. */
    sayLess: () => identifies = false,
    fetch: (input: RequestInfo | URL) => {
      const { pathname } = new URL(new Request(input).url);
      asked.push(pathname);
      return Promise.resolve(
        (isGone ? undefined : answers[pathname]?.()) ??
          new Response(null, { status: 404 }),
      );
    },
  };
}

/** Runs with the provider in the place of the network. */
async function withProvider(
  groups: readonly string[],
  test: (
    idp: ReturnType<typeof provider>,
    dashboard: Awaited<ReturnType<typeof testDashboard>>,
    clock: { nowMs: number },
  ) => Promise<void>,
): Promise<void> {
  const idp = provider(groups);
  const { fetch } = globalThis;
  globalThis.fetch = idp.fetch;
  // The library takes the time from nobody.
  const clock = { nowMs: Date.now() };
  const { now } = Date;
  Date.now = () => clock.nowMs;
  try {
    const oidc = createOidc(settings, ORIGIN, () => new Date(clock.nowMs));
    await test(idp, await testDashboard({ auth: { oidc } }), clock);
  } finally {
    globalThis.fetch = fetch;
    Date.now = now;
  }
}

/** Goes to the provider and back; returns the cookies of the session. */
async function logIn(
  idp: ReturnType<typeof provider>,
  { request }: Pick<Awaited<ReturnType<typeof testDashboard>>, "request">,
): Promise<string> {
  const away = await request("/login/team");
  expect(away.status).toBe(302);
  const target = new URL(away.headers.get("location")!);
  expect(target.origin).toBe(ISSUER);
  expect(target.searchParams.get("redirect_uri")).toBe(
    `${ORIGIN}/login/callback`,
  );
  expect(target.searchParams.get("code_challenge_method")).toBe("S256");
  idp.setNonce(target.searchParams.get("nonce")!);
  const state = target.searchParams.get("state")!;
  const back = await request(
    `/login/callback?code=c0de&state=${encodeURIComponent(state)}`,
    {
      headers: {
        cookie: cookieOf(away),
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "navigate",
      },
    },
  );
  expect(back.status).toBe(302);
  expect(back.headers.get("location")).toBe(`${ORIGIN}/login/team`);
  const session = back.headers.getSetCookie().find((cookie) =>
    cookie.startsWith("uptake_oidc=")
  )!;
  expect(session).toMatch(/; HttpOnly; Secure/);
  return session.split(";")[0]!;
}

Deno.test("the team login gives the role of a group, and ends with the provider's word", async () => {
  await withProvider(
    ["others", "pet-readers"],
    async (idp, dashboard, clock) => {
      const cookie = await logIn(idp, dashboard);
      const ask = async () => {
        const answer = await dashboard.request("/", { headers: { cookie } });
        return { status: answer.status, text: await answer.text() };
      };
      const { status, text } = await ask();
      expect(status).toBe(200);
      expect(text).toContain("anna@example.org, viewer");
      const landed = await dashboard.request("/login/team", {
        headers: { cookie },
      });
      expect(landed.headers.get("location")).toBe("/");

      idp.refuse();
      expect((await ask()).status).toBe(200);
      clock.nowMs += 301_000;
      expect((await ask()).status).toBe(401);
    },
  );
});

Deno.test("a refresh without an ID token says nothing of groups: the role stands", async () => {
  await withProvider(["pet-readers"], async (idp, { request }, clock) => {
    const cookie = await logIn(idp, { request });
    idp.sayLess();
    clock.nowMs += 301_000;
    const answer = await request("/", { headers: { cookie } });
    expect(await answer.text()).toContain("anna@example.org, viewer");
    expect(idp.asked.at(-1)).toBe("/token");
  });
});

Deno.test("a team session is over after its hours, and leaves no promise that fails alone", async () => {
  await withProvider(["pet-admins"], async (idp, dashboard, clock) => {
    const cookie = await logIn(idp, dashboard);
    const asked = idp.asked.length;
    clock.nowMs += 12 * 3_600_000 + 1000;
    const answer = await dashboard.request("/", { headers: { cookie } });
    expect(answer.status).toBe(401);
    expect(idp.asked).toHaveLength(asked);
  });
});

Deno.test("whoever is in no group with a role is told so, and sees nothing", async () => {
  await withProvider(["others"], async (idp, dashboard) => {
    const cookie = await logIn(idp, dashboard);
    const answer = await dashboard.request("/", { headers: { cookie } });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("none of your groups has a role");
  });
});

Deno.test("a forged team session is nobody's", async () => {
  await withProvider(["pet-admins"], async (idp, dashboard) => {
    const cookie = await logIn(idp, dashboard);
    const [head, , signature] = cookie.split(".");
    const claims = {
      name: "eve",
      groups: ["pet-admins"],
      ssnexp: 9e9,
      rtkexp: 9e9,
    };
    const forged = [
      head,
      btoa(JSON.stringify(claims)).replace(/=+$/, ""),
      signature,
    ].join(".");
    for (const wrong of [forged, "uptake_oidc=nonsense", "uptake_oidc=a.b.c"]) {
      const answer = await dashboard.request("/", {
        headers: { cookie: wrong },
      });
      expect(answer.status).toBe(401);
    }
  });
});

Deno.test("the way back from the provider needs the state it was left with", async () => {
  await withProvider(["pet-admins"], async (_, { request }) => {
    const away = await request("/login/team");
    const back = await request("/login/callback?code=c0de&state=other", {
      headers: { cookie: cookieOf(away) },
    });
    expect(back.status).toBe(400);
    expect(back.headers.getSetCookie().join()).not.toContain("uptake_oidc=ey");
  });
});

Deno.test("a provider that does not answer is told as such, not as a failure of ours", async () => {
  await withProvider([], async (idp, { request, logged }) => {
    idp.vanish();
    const answer = await request("/login/team");
    expect(answer.status).toBe(502);
    expect(await answer.text()).toContain("The identity provider");
    expect(logged).toHaveLength(1);
  });
});

Deno.test("roleOf() gives the highest role of one's groups", () => {
  const groups = { viewer: "a", reviewer: "b", operator: "c" };
  expect(roleOf([], groups)).toBeNull();
  expect(roleOf(["x"], groups)).toBeNull();
  expect(roleOf(["a"], groups)).toBe("viewer");
  expect(roleOf(["b", "a"], groups)).toBe("reviewer");
  expect(roleOf(["a", "c"], groups)).toBe("operator");
  expect(roleOf(["undefined", ""], { viewer: "a" })).toBeNull();
});
