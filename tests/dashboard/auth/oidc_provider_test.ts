/** @module The team login against a real, strict identity provider: the whole way of a browser, there and back. */
import { expect } from "@std/expect";
import { createOidc, type OidcSettings } from "../../../dashboard/auth/oidc.ts";
import {
  type IdentityProvider,
  ISSUER,
  withIdentityProvider,
} from "../../support/identity_provider.ts";
import { sessionCookie } from "../../../dashboard/auth/cookies.ts";
import { type TestDashboard, testDashboard } from "../../support/dashboard.ts";

/** As teams have it: behind a proxy with HTTPS, which asks by HTTP. */
const ORIGIN = "https://uptake.example.org";

const settings: OidcSettings = {
  issuer: ISSUER,
  clientId: "uptake",
  clientSecret: "s3cret",
  cookieSecret: "c".repeat(32),
  scopes: "openid email profile offline_access",
  roleClaim: "groups",
  groups: { viewer: "pet", reviewer: "pet-reviewers", operator: "pet-admins" },
};

interface Team {
  readonly idp: IdentityProvider;
  readonly dashboard: TestDashboard;
  readonly browser: Browser;
  /** Time passes everywhere. */
  advance(ms: number): void;
}

/** A team with a provider that knows the dashboard by the right name and secret. */
async function withTeam(
  test: (team: Team) => Promise<void>,
  { changes = {}, givesRefreshTokens = true }: {
    changes?: Partial<OidcSettings>;
    givesRefreshTokens?: boolean;
  } = {},
): Promise<void> {
  await withIdentityProvider({
    clientId: "uptake",
    clientSecret: "s3cret",
    redirectUri: `${ORIGIN}/login/callback`,
    givesRefreshTokens,
  }, async (idp) => {
    idp.person.claims = {
      email: "anna@example.org",
      email_verified: true,
      groups: ["others", "pet-reviewers"],
    };
    const { fetch } = globalThis;
    const { now } = Date;
    let lateMs = 0;
    globalThis.fetch = idp.fetch;
    // Neither the library nor the provider takes the time from anybody.
    Date.now = () => now() + lateMs;
    try {
      const oidc = createOidc(
        { ...settings, ...changes },
        ORIGIN,
        () => new Date(Date.now()),
      );
      const bare = await testDashboard({
        changes: { origins: [ORIGIN] },
        auth: { oidc, cookie: sessionCookie(ORIGIN), links: null },
      });
      const { host } = new URL(ORIGIN);
      const dashboard: TestDashboard = {
        ...bare,
        request: (path, init = {}) =>
          bare.request(path, { ...init, headers: { host, ...init.headers } }),
      };
      await test({
        idp,
        dashboard,
        browser: createBrowser(dashboard),
        advance: (ms) => lateMs += ms,
      });
    } finally {
      globalThis.fetch = fetch;
      Date.now = now;
    }
  });
}

interface Browser {
  readonly cookies: Map<string, string>;
  get(path: string): Promise<Response>;
  post(path: string): Promise<Response>;
}

function createBrowser({ request }: TestDashboard): Browser {
  const cookies = new Map<string, string>();
  const ask = async (path: string, init: RequestInit) => {
    const cookie = [...cookies].map((pair) => pair.join("=")).join("; ");
    const answer = await request(path, {
      ...init,
      headers: { accept: "text/html", cookie, ...init.headers },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/; Max-Age=0/.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer;
  };
  return {
    cookies,
    get: (path) => ask(path, {}),
    post: (path) =>
      ask(path, {
        method: "POST",
        headers: { origin: ORIGIN, "sec-fetch-site": "same-origin" },
      }),
  };
}

/** To the provider; returns the path by which it sends the browser back. */
async function goToProvider(
  { idp, browser }: Team,
  then = "/runs?state=open",
): Promise<string> {
  const away = await browser.get(
    `/login/team?then=${encodeURIComponent(then)}`,
  );
  expect(away.status).toBe(302);
  const back = await idp.follow(away.headers.get("location")!);
  expect(back.origin + back.pathname).toBe(`${ORIGIN}/login/callback`);
  return back.pathname + back.search;
}

async function logIn(team: Team): Promise<void> {
  const answer = await team.browser.get(await goToProvider(team));
  expect(answer.status).toBe(302);
}

const SESSION = "uptake_oidc";

Deno.test("a browser goes to the provider and comes back to the page that it asked for, with its role", async () => {
  await withTeam(async (team) => {
    const { browser, idp } = team;
    const first = await (await browser.get("/runs?state=open")).text();
    expect(first).toContain('href="/login/team?then=%2Fruns%3Fstate%3Dopen"');
    const answer = await browser.get(await goToProvider(team));
    for (const cookie of answer.headers.getSetCookie()) {
      expect(cookie).toMatch(/; SameSite=Lax$/);
    }
    const home = answer.headers.get("location")!;
    const landed = await browser.get(home.slice(ORIGIN.length));
    expect(landed.headers.get("location")).toBe("/runs?state=open");
    const page = await browser.get("/runs?state=open");
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("anna@example.org, reviewer");
    expect(idp.asked.filter((one) => one === "POST /token")).toHaveLength(1);
  });
});

Deno.test("many requests with an old session ask the provider once, and its next word counts", async () => {
  await withTeam(async (team) => {
    const { browser, idp, dashboard, advance } = team;
    await logIn(team);
    const tokens = () => idp.asked.filter((one) => one === "POST /token");
    const old = `${SESSION}=${browser.cookies.get(SESSION)}`;
    for (let i = 1; i <= 3; i++) {
      advance(301_000);
      const answers = await Promise.all(
        ["/runs", "/review", "/api/v1/state"].map((path) => browser.get(path)),
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(tokens()).toHaveLength(1 + i);
    }
    idp.person.claims.groups = ["pet"];
    advance(301_000);
    expect(await (await browser.get("/runs")).text()).toContain(", viewer");
    // One that was renewed a while ago is no way in.
    advance(31_000);
    const late = await dashboard.request("/", { headers: { cookie: old } });
    expect(late.status).toBe(401);
  });
});

Deno.test("whoever has left all groups has no role, also where the provider leaves the empty claim out", async () => {
  await withTeam(async (team) => {
    const { browser, idp, advance } = team;
    await logIn(team);
    delete idp.person.claims.groups;
    advance(301_000);
    expect((await browser.get("/")).status).toBe(403);
    idp.person.claims.groups = ["pet"];
    advance(301_000);
    expect(await (await browser.get("/")).text()).toContain(", viewer");
  });
});

Deno.test("logging out ends the session at the provider, and here also for who kept the cookie", async () => {
  await withTeam(async (team) => {
    const { browser, idp, dashboard, advance } = team;
    await logIn(team);
    const kept = `${SESSION}=${browser.cookies.get(SESSION)}`;
    expect((await browser.post("/logout")).status).toBe(303);
    expect(browser.cookies.has(SESSION)).toBe(false);
    expect(idp.asked.at(-1)).toBe("POST /token/revocation");
    const ask = async () =>
      (await dashboard.request("/", { headers: { cookie: kept } })).status;
    expect(await ask()).toBe(401);
    advance(301_000);
    expect(await ask()).toBe(401);
    const [line] = (await dashboard.audited()).filter(({ action }) =>
      action === "logout"
    );
    expect(line).toMatchObject({ actor: "anna@example.org", outcome: "done" });
  });
});

for (const name of ["state", "nonce", "code_verifier"]) {
  Deno.test(`the way back needs the ${name} that the browser left with`, async () => {
    await withTeam(async (team) => {
      const { browser } = team;
      for (const wrong of ["somebody else's", undefined]) {
        const back = await goToProvider(team);
        if (wrong === undefined) browser.cookies.delete(name);
        else browser.cookies.set(name, encodeURIComponent(wrong));
        const answer = await browser.get(back);
        expect(answer.status).toBe(400);
        expect(browser.cookies.has(SESSION)).toBe(false);
        expect((await browser.get("/")).status).toBe(401);
      }
    });
  });
}

Deno.test("a way back works once", async () => {
  await withTeam(async (team) => {
    const { browser } = team;
    const back = await goToProvider(team);
    const left = new Map(browser.cookies);
    expect((await browser.get(back)).status).toBe(302);
    browser.cookies.clear();
    for (const [name, value] of left) browser.cookies.set(name, value);
    expect((await browser.get(back)).status).toBe(400);
  });
});

Deno.test("a page that was planted as the one to go on to is not gone to", async () => {
  await withTeam(async (team) => {
    const { browser } = team;
    const back = await goToProvider(team, "//evil.example/");
    browser.cookies.set(
      "continue",
      encodeURIComponent("https://evil.example/"),
    );
    const answer = await browser.get(back);
    expect(answer.headers.get("location")).toBe("/");
    const landed = await browser.get("/login/team?then=%2F%2Fevil.example%2F");
    expect(landed.headers.get("location")).toBe("/");
  });
});

Deno.test("whoever has no role is told so, and may come back with another account", async () => {
  await withTeam(async (team) => {
    const { browser, idp } = team;
    idp.person.claims.groups = "others";
    await logIn(team);
    const refused = await browser.get("/");
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('action="/logout"');
    expect((await browser.post("/logout")).status).toBe(303);
    // A claim may be a list, or one text.
    idp.person.claims.groups = "others pet-admins";
    await logIn(team);
    expect(await (await browser.get("/")).text()).toContain(", operator");
  });
});

Deno.test("whoever is in hundreds of groups comes in by a cookie that browsers take", async () => {
  await withTeam(async (team) => {
    const { browser, idp } = team;
    const others = Array.from({ length: 300 }, () => crypto.randomUUID());
    idp.person.claims.groups = [...others, "pet"];
    await logIn(team);
    expect(browser.cookies.get(SESSION)!.length).toBeLessThan(2000);
    expect(await (await browser.get("/")).text()).toContain(", viewer");
  });
});

Deno.test("an address that the provider does not vouch for names nobody", async () => {
  await withTeam(async (team) => {
    const { browser, idp } = team;
    idp.person.claims.email_verified = false;
    await logIn(team);
    expect(await (await browser.get("/")).text()).toContain("anna, reviewer");
  });
});

Deno.test("a session is over after its hours, and earlier where the provider renews none", async () => {
  await withTeam(async (team) => {
    await logIn(team);
    team.advance(12 * 3_600_000 + 1000);
    expect((await team.browser.get("/")).status).toBe(401);
  });
  await withTeam(async (team) => {
    await logIn(team);
    expect((await team.browser.get("/")).status).toBe(200);
    team.advance(301_000);
    expect((await team.browser.get("/")).status).toBe(401);
  }, { givesRefreshTokens: false });
});

Deno.test("while the provider does not answer nobody comes in, and nobody is logged out", async () => {
  await withTeam(async (team) => {
    const { browser, dashboard, advance } = team;
    await logIn(team);
    advance(301_000);
    const { fetch } = globalThis;
    globalThis.fetch = () => Promise.reject(new TypeError("no network"));
    const answer = await browser.get("/");
    expect(answer.status).toBe(502);
    expect(await answer.text()).toContain("The identity provider");
    expect(dashboard.logged.join()).toContain("no network");
    globalThis.fetch = fetch;
    expect((await browser.get("/")).status).toBe(200);
    globalThis.fetch = () => Promise.reject(new TypeError("no network"));
    // Here the session ends all the same.
    const kept = `${SESSION}=${browser.cookies.get(SESSION)}`;
    expect((await browser.post("/logout")).status).toBe(303);
    expect(dashboard.logged.join()).toContain("took no note of a logout");
    globalThis.fetch = fetch;
    const again = await dashboard.request("/", { headers: { cookie: kept } });
    expect(again.status).toBe(401);
  });
});

Deno.test("what is set up wrongly is told in the log, in words that say what to do", async () => {
  await withTeam(async ({ browser, dashboard: { logged } }) => {
    expect((await browser.get("/login/team")).status).toBe(502);
    expect(logged.join()).toContain(
      `Cannot log in at ${ISSUER}: it does not offer the scope roles. Name those that it offers in UPTAKE_OIDC_SCOPES: openid offline_access`,
    );
  }, { changes: { scopes: "openid roles" } });
  await withTeam(async (team) => {
    const back = await goToProvider(team);
    expect((await team.browser.get(back)).status).toBe(400);
    expect(team.dashboard.logged.join()).toContain("invalid_client");
    expect(team.dashboard.logged.join()).not.toContain("wrong secret");
  }, { changes: { clientSecret: "wrong secret" } });
});
