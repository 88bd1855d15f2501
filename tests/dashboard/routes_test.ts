/**
 * Every route of the table, with every kind of credentials. Routes that are added to the table are tried
 * without a word here; a route beside the table fails.
 * @module
 */
import { expect } from "@std/expect";
import { createApp } from "../../dashboard/app.ts";
import { type Role, ROLES, suffices } from "../../dashboard/auth/roles.ts";
import { createToken } from "../../dashboard/auth/tokens.ts";
import { routeTable } from "../../dashboard/routes/table.ts";
import { type Route, route } from "../../dashboard/security/access.ts";
import { paramNames, PARAMS } from "../../dashboard/security/params.ts";
import {
  bearer,
  cookieOf,
  ORIGIN,
  START,
  type TestDashboard,
  testDashboard,
} from "../support/dashboard.ts";

const table = routeTable((await testDashboard()).deps);
const guarded = table.filter(({ role }) => role !== "anyone");

const EXAMPLES: Readonly<Record<string, string>> = {
  build: "0123456789abcdef",
};

/** A path with ids that could be somebody's. */
function pathOf({ path }: Route): string {
  return paramNames(path).reduce(
    (text, name) => text.replace(`:${name}`, EXAMPLES[name] ?? "a1"),
    path,
  );
}

/** Asks a route in a way that nothing but credentials can be wrong with. */
async function ask(
  { request }: TestDashboard,
  route: Route,
  headers: Record<string, string>,
): Promise<number> {
  const answer = await request(pathOf(route), {
    method: route.method,
    headers: { ...originOf(route), ...headers },
  });
  await answer.body?.cancel();
  return answer.status;
}

function originOf({ method }: Route): Record<string, string> {
  return method === "GET"
    ? {}
    : { origin: ORIGIN, "sec-fetch-site": "same-origin" };
}

const title = ({ method, path }: Route) => `${method} ${path}`;

Deno.test("the table of routes names a role, a rate and known parameters for each", () => {
  for (const { path, role, rate } of table) {
    expect(["anyone", ...ROLES]).toContain(role);
    expect(["light", "heavy", "login", "free"]).toContain(rate);
    for (const name of paramNames(path)) expect(PARAMS).toHaveProperty(name);
  }
  const names = table.map(title);
  expect(new Set(names).size).toBe(names.length);
});

Deno.test("only these routes are anyone's", () => {
  const open = table.filter(({ role }) => role === "anyone").map(title);
  expect(open.sort()).toEqual([
    "GET /healthz",
    "GET /login",
    "GET /login/callback",
    "GET /login/team",
    "GET /static/:build/:file",
    "POST /login",
    "POST /logout",
  ]);
});

Deno.test("every route that changes something asks for more than a viewer, and is audited", () => {
  const changing = guarded.filter(({ method, path }) =>
    method !== "GET" && path !== "/logout"
  );
  for (const { role, audit } of changing) {
    expect(role).not.toBe("viewer");
    expect(audit).not.toBeNull();
  }
});

Deno.test("createApp() mounts no route beside the table", async () => {
  const { deps } = await testDashboard();
  const mounted = createApp(deps).routes
    .filter(({ path }) => path !== "/*")
    .map(({ method, path }) => `${method} ${path}`);
  expect([...new Set(mounted)].sort()).toEqual(table.map(title).sort());
});

Deno.test("the gate does not let through what is mounted beside the table", async () => {
  const routes = () => [
    {
      ...route("GET", "/a", LIGHT, (c) => c.text("a")),
      mount(app: Parameters<Route["mount"]>[0]) {
        app.get("/a", (c) => c.text("a"));
        app.get("/b", (c) => c.text("b"));
      },
    },
  ];
  const { request, tokens } = await testDashboard({ routes });
  const headers = bearer(tokens.operator);
  expect((await request("/a", { headers })).status).toBe(200);
  expect((await request("/b", { headers })).status).toBe(404);
  expect((await request("/b")).status).toBe(401);
});

const LIGHT = { role: "viewer", rate: "light", audit: null } as const;

Deno.test("createApp() refuses a route with a parameter that nobody checks", async () => {
  const routes = () => [
    route("GET", "/a/:whatever", LIGHT, (c) => c.text("a")),
  ];
  await expect(testDashboard({ routes })).rejects.toThrow(
    'Cannot serve /a/:whatever: nothing checks its parameter "whatever"',
  );
});

for (const guardedRoute of guarded) {
  const name = title(guardedRoute);

  Deno.test(`${name} refuses whoever shows no or wrong credentials`, async () => {
    const dashboard = await testDashboard();
    const { tokens, home, clock } = dashboard;
    const { token: expired } = await createToken(home, {
      name: "old",
      role: "operator",
      days: 1 / 24,
    }, new Date(START));
    clock.advance(3_600_000);
    const right = tokens.operator;
    const wrong = {
      "no credentials": {},
      "an empty header": { authorization: "" },
      "a token of nonsense": bearer("nothing"),
      "a token that is not there": bearer(
        `uptake_0123456789abcdef_${"A".repeat(43)}`,
      ),
      "another token's secret": bearer(
        right.slice(0, 24) + tokens.viewer.slice(24),
      ),
      "a token with one letter more": bearer(`${right}A`),
      "a token as another scheme": { authorization: `Basic ${right}` },
      "two tokens": { authorization: `Bearer ${right}, Bearer ${right}` },
      "a token that leaves the folder": bearer(
        `uptake_../../../../../_${"A".repeat(43)}`,
      ),
      "an expired token": bearer(expired),
      "a cookie of nonsense": { cookie: "uptake_8080=nothing" },
      "a token as a cookie": { cookie: `uptake_8080=${right}` },
      "a right cookie beside a wrong token": {
        ...bearer("nothing"),
        cookie: await dashboard.logIn(),
      },
    };
    for (const [what, headers] of Object.entries(wrong)) {
      const status = await ask(dashboard, guardedRoute, headers);
      // Without credentials a change is refused for its origin or for them: either way it is refused.
      expect(`${what}: ${status}`).toBe(`${what}: 401`);
    }
  });

  Deno.test(`${name} refuses an ended session`, async () => {
    const dashboard = await testDashboard();
    const cookie = await dashboard.logIn();
    dashboard.clock.advance(12 * 3_600_000);
    expect(await ask(dashboard, guardedRoute, { cookie })).toBe(401);
  });

  Deno.test(`${name} lets in exactly who has the role`, async () => {
    for (const role of ROLES) {
      const dashboard = await testDashboard();
      const status = await ask(
        dashboard,
        guardedRoute,
        bearer(dashboard.tokens[role]),
      );
      const mayCome = suffices(role, guardedRoute.role as Role);
      expect(`${role}: ${status === 403 ? "refused" : "let in"}`).toBe(
        `${role}: ${mayCome ? "let in" : "refused"}`,
      );
      expect(status).not.toBe(401);
      expect(status).toBeLessThan(500);
    }
    const dashboard = await testDashboard();
    const cookie = await dashboard.logIn();
    const status = await ask(dashboard, guardedRoute, { cookie });
    expect([401, 403]).not.toContain(status);
  });

  Deno.test(`${name} keeps its answer out of caches, and says nothing of stacks`, async () => {
    const { request, tokens } = await testDashboard();
    for (const headers of [{}, bearer(tokens.operator)]) {
      const answer = await request(pathOf(guardedRoute), {
        method: guardedRoute.method,
        headers: { ...originOf(guardedRoute), ...headers },
      });
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(answer.headers.get("content-security-policy")).toContain(
        "default-src 'none'",
      );
      expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      expect(await answer.text()).not.toMatch(/\.tsx?:\d+/);
    }
  });

  Deno.test(`${name} refuses a name that is not the dashboard's`, async () => {
    const dashboard = await testDashboard();
    const { tokens } = dashboard;
    for (const host of ["evil.example:8080", "127.0.0.1", "127.0.0.1:81"]) {
      const status = await ask(dashboard, guardedRoute, {
        ...bearer(tokens.operator),
        host,
      });
      expect(status).toBe(421);
    }
  });
}

const FOREIGN: Readonly<Record<string, Record<string, string>>> = {
  "another origin": { origin: "https://evil.example" },
  "another port": { origin: "http://127.0.0.1:9999" },
  "an origin that starts alike": { origin: `${ORIGIN}.evil.example` },
  "no origin at all": {},
  "an origin of its own": { origin: "null" },
  "another site": { "sec-fetch-site": "cross-site" },
  "another site with our origin": {
    origin: ORIGIN,
    "sec-fetch-site": "cross-site",
  },
  "a sibling site": { origin: ORIGIN, "sec-fetch-site": "same-site" },
  "a sandboxed frame": { origin: "null", "sec-fetch-site": "cross-site" },
};

for (const changing of table.filter(({ method }) => method !== "GET")) {
  Deno.test(`${title(changing)} refuses pages of other sites`, async () => {
    for (const [what, headers] of Object.entries(FOREIGN)) {
      for (const type of ["application/json", "text/plain", null]) {
        const dashboard = await testDashboard();
        const cookie = await dashboard.logIn();
        const answer = await dashboard.request(pathOf(changing), {
          method: changing.method,
          headers: {
            cookie,
            ...headers,
            ...(type === null ? {} : { "content-type": type }),
          },
        });
        await answer.body?.cancel();
        expect(`${what}: ${answer.status}`).toBe(`${what}: 403`);
      }
    }
  });

  Deno.test(`${title(changing)} refuses a body that is too large`, async () => {
    const { request, tokens } = await testDashboard();
    const bytes = (changing.maxBodyBytes ?? 65_536) + 1;
    // Some take more than a test should hold: those are told the size as clients tell it.
    const isSent = bytes <= 2 ** 20;
    const answer = await request(pathOf(changing), {
      method: changing.method,
      headers: {
        ...originOf(changing),
        ...bearer(tokens.operator),
        ...(isSent ? {} : { "content-length": String(bytes) }),
      },
      body: "x".repeat(isSent ? bytes : 1),
    });
    expect(answer.status).toBe(413);
  });
}

Deno.test("a page of another site cannot read, but a link on it may lead here", async () => {
  const { request, logIn } = await testDashboard();
  const cookie = await logIn();
  const ask = async (mode: string) =>
    (await request("/", {
      headers: {
        cookie,
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": mode,
      },
    })).status;
  expect(await ask("no-cors")).toBe(403);
  expect(await ask("cors")).toBe(403);
  expect(await ask("navigate")).toBe(200);
});

Deno.test("what is not in the table is not there, whoever asks", async () => {
  const { request, tokens } = await testDashboard();
  for (const path of ["/nothing", "/static", "/.git/config", "/api/v1"]) {
    expect((await request(path)).status).toBe(401);
    const headers = bearer(tokens.operator);
    expect((await request(path, { headers })).status).toBe(404);
  }
  const headers = bearer(tokens.operator);
  for (const method of ["OPTIONS", "TRACE2", "PATCH"]) {
    const answer = await request("/", { method, headers });
    expect(answer.status).toBe(404);
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  }
});

Deno.test("ids that could be no one's are not found, and no handler sees them", async () => {
  const seen: string[] = [];
  const routes = () => [
    route("GET", "/runs/:runId/cases/:caseId", LIGHT, (c) => {
      seen.push(c.req.param("caseId") ?? "");
      return c.text("here");
    }),
  ];
  const { request, tokens } = await testDashboard({ routes });
  const headers = bearer(tokens.viewer);
  const ask = async (run: string, caseId: string) =>
    (await request(`/runs/${run}/cases/${caseId}`, { headers })).status;
  for (
    const bad of [
      "..%2f..%2fetc%2fpasswd",
      "..%5c..%5cetc",
      "%2e%2e%2fa",
      "a%00b",
      "a%0ab",
      "a%ff",
      "x".repeat(201),
    ]
  ) {
    expect(`${bad}: ${await ask("r1", bad)}`).toBe(`${bad}: 404`);
    expect(`${bad}: ${await ask(bad, "c1")}`).toBe(`${bad}: 404`);
  }
  expect(await ask("r 1", "c1")).toBe(404);
  expect(seen).toEqual([]);
  // Decoded once: a percent sign of the id's own stays.
  expect(await ask("r1", "caf%C3%A9%20%2541")).toBe(200);
  expect(seen).toEqual(["café %41"]);
});

Deno.test("logging in by an API token works in a browser until the token is revoked", async () => {
  const { request, tokens, home, clock } = await testDashboard();
  const answer = await request("/login", {
    method: "POST",
    headers: { origin: "null", "sec-fetch-site": "same-origin" },
    body: new URLSearchParams({ token: ` ${tokens.reviewer} `, then: "/runs" }),
  });
  expect(answer.status).toBe(303);
  expect(answer.headers.get("location")).toBe("/runs");
  const cookie = cookieOf(answer);
  const state = async () =>
    (await request("/api/v1/state", { headers: { cookie } })).status;
  expect(await state()).toBe(200);
  await home.delete(`tokens/${tokens.reviewer.split("_")[1]}.json`);
  clock.advance(30_000);
  expect(await state()).toBe(401);
});
