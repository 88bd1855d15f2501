/** @module What the gate counts and writes down. */
import { expect } from "@std/expect";
import { routeTable } from "../../dashboard/routes/table.ts";
import { route } from "../../dashboard/security/access.ts";
import { RATES } from "../../dashboard/security/guard.ts";
import { memoryStore, stepped } from "../support/memory_store.ts";
import { bearer, ORIGIN, testDashboard } from "../support/dashboard.ts";

const view = { role: "viewer", rate: "light", audit: "view" } as const;
const change = { role: "reviewer", rate: "light", audit: "change" } as const;

const routes = () => [
  route("GET", "/runs/:runId/cases/:caseId", view, (c) => c.text("a case")),
  route("GET", "/heavy", { ...view, rate: "heavy" }, (c) => c.text("much")),
  route("POST", "/change", change, (c) => c.text("changed")),
  route("GET", "/broken", view, () => {
    throw new Error("secret of the inside");
  }),
];

Deno.test("the audit log tells who did what, and what was refused", async () => {
  const { request, tokens, audited } = await testDashboard({ routes });
  const ask = (
    path: string,
    headers: Record<string, string>,
    method = "GET",
  ) => request(path, { method, headers });
  await ask("/runs/r1/cases/c%201", bearer(tokens.viewer));
  await ask("/change", { ...bearer(tokens.viewer), origin: ORIGIN }, "POST");
  await ask("/change", { ...bearer(tokens.reviewer), origin: ORIGIN }, "POST");
  await ask("/change", {
    ...bearer(tokens.operator),
    origin: "https://evil.example",
  }, "POST");
  await ask("/heavy", bearer("uptake_wrong"));
  await ask("/heavy", {});
  await ask("/broken", bearer(tokens.viewer));
  await ask("/guess", {});
  const lines = await audited();
  expect(
    lines.map(({ actor, action, route, params, status, outcome, reason }) => [
      actor,
      action,
      route,
      params,
      status,
      outcome,
      reason,
    ]),
  ).toEqual([
    [
      "the viewer",
      "view",
      "/runs/:runId/cases/:caseId",
      { runId: "r1", caseId: "c 1" },
      200,
      "done",
      undefined,
    ],
    ["the viewer", "change", "/change", {}, 403, "refused", "role"],
    ["the reviewer", "change", "/change", {}, 200, "done", undefined],
    [null, "change", "/change", {}, 403, "refused", "foreign"],
    [null, "view", "/heavy", {}, 401, "refused", "invalid"],
    [null, "view", "/heavy", {}, 401, "refused", "none"],
    ["the viewer", "view", "/broken", {}, 500, "failed", undefined],
  ]);
  expect(lines.every(({ from }) => from === "192.0.2.1")).toBe(true);
  const text = JSON.stringify(lines);
  for (const token of [...Object.values(tokens), "uptake_wrong"]) {
    expect(text).not.toContain(token);
  }
});

Deno.test("the audit log tells what addresses name and handlers made, and nothing that people searched for", async () => {
  const { request, tokens, audited } = await testDashboard({
    routes: () => [
      ...routes(),
      route("POST", "/made", change, (c) => {
        c.set("audited", { runIds: "r1 r2" });
        return c.text("made");
      }),
    ],
  });
  const far = "x".repeat(300);
  await request(`/heavy?before=r1&after=r%0A2&search=Doe&dataset=${far}`, {
    headers: bearer(tokens.viewer),
  });
  await request("/runs/r1/cases/c1?run=r2&sort=worst", {
    headers: bearer(tokens.viewer),
  });
  await request("/made?name=net", {
    method: "POST",
    headers: bearer(tokens.reviewer),
  });
  expect((await audited()).map(({ details }) => details)).toEqual([
    { before: "r1", after: "r 2", dataset: "x".repeat(200) },
    { run: "r2" },
    { name: "net", runIds: "r1 r2" },
  ]);
});

Deno.test("logins are in the audit log, without what was shown", async () => {
  const { request, logIn, links, audited } = await testDashboard();
  const token = new URL(links[0]!).searchParams.get("token")!;
  await logIn();
  await request(`/login?token=${token}`);
  const lines = await audited();
  expect(lines.map(({ actor, action, outcome, reason }) => [
    actor,
    action,
    outcome,
    reason,
  ])).toEqual([
    ["local", "login", "done", undefined],
    [null, "login", "refused", "invalid"],
  ]);
  expect(JSON.stringify(lines)).not.toContain(token);
});

Deno.test("a failure is told without its insides, and logged with them", async () => {
  const { request, tokens, logged } = await testDashboard({ routes });
  for (const accept of ["text/html", "application/json"]) {
    const headers = { ...bearer(tokens.viewer), accept };
    const answer = await request("/broken", { headers });
    expect(answer.status).toBe(500);
    const text = await answer.text();
    expect(text).not.toContain("secret of the inside");
    const id = answer.headers.get("x-request-id")!;
    expect(text).toContain(id);
    expect(logged.at(-1)).toBe(
      `Request ${id} failed: Error: secret of the inside`,
    );
  }
});

Deno.test("the id of a request is the dashboard's own", async () => {
  const { request } = await testDashboard();
  const headers = { "x-request-id": "mine" };
  const answer = await request("/healthz", { headers });
  expect(answer.headers.get("x-request-id")).not.toBe("mine");
});

Deno.test("heavy routes slow one person down, and nobody else", async () => {
  const { request, tokens, clock } = await testDashboard({ routes });
  const ask = async (token: string) => {
    const answer = await request("/heavy", { headers: bearer(token) });
    await answer.body?.cancel();
    return answer;
  };
  for (let i = 0; i < RATES.heavy.burst; i++) {
    expect((await ask(tokens.viewer)).status).toBe(200);
  }
  const refused = await ask(tokens.viewer);
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect((await ask(tokens.reviewer)).status).toBe(200);
  clock.advance(1000 / RATES.heavy.perSecond);
  expect((await ask(tokens.viewer)).status).toBe(200);
});

Deno.test("an address has few logins at once, right or wrong", async () => {
  const { request, clock } = await testDashboard();
  const ask = async () => (await request("/login?token=wrong")).status;
  for (let i = 0; i < RATES.login.burst; i++) expect(await ask()).toBe(401);
  expect(await ask()).toBe(429);
  clock.advance(10_000);
  expect(await ask()).toBe(401);
});

Deno.test("wrong tokens are not looked up for ever", async () => {
  let reads = 0;
  const home = stepped(memoryStore(), (what, key, when) => {
    if (what === "get" && when === "before" && key.startsWith("tokens/")) {
      reads++;
    }
    return Promise.resolve();
  });
  const { request } = await testDashboard({ routes, home });
  const statuses: number[] = [];
  for (let i = 0; i < 40; i++) {
    const id = i.toString(16).padStart(16, "0");
    const headers = bearer(`uptake_${id}_${"A".repeat(43)}`);
    statuses.push((await request("/heavy", { headers })).status);
  }
  expect(statuses.filter((status) => status === 401)).toHaveLength(20);
  expect(statuses.at(-1)).toBe(429);
  expect(reads).toBe(20);
});

Deno.test("behind a proxy the last forwarded address counts, without one none does", async () => {
  for (const trustsProxy of [true, false]) {
    const { request, audited } = await testDashboard({
      changes: { trustsProxy },
    });
    await request("/login?token=wrong", {
      headers: { "x-forwarded-for": "203.0.113.7, 198.51.100.2" },
    });
    const [line] = await audited();
    expect(line?.from).toBe(trustsProxy ? "198.51.100.2" : "192.0.2.1");
  }
});

Deno.test("nothing of patients is shown once the audit log cannot be stored", async () => {
  const { request, tokens } = await testDashboard({
    routes,
    changes: {
      audit: {
        record: () => {},
        flush: () => Promise.reject(new Error("no store")),
        isFull: () => true,
      },
    },
  });
  const headers = bearer(tokens.viewer);
  expect((await request("/runs/r1/cases/c1", { headers })).status).toBe(503);
});

Deno.test("health is told under any name, and holds nothing", async () => {
  const { request } = await testDashboard();
  const answer = await request("/healthz", { headers: { host: "10.0.0.7" } });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe("ok");
});

Deno.test("static files are for ever, and only those of the table", async () => {
  const { request, deps } = await testDashboard();
  const answer = await request(deps.assets.url("uptake.css"));
  expect(answer.headers.get("cache-control")).toContain("immutable");
  expect(answer.headers.get("content-type")).toBe("text/css");
  await answer.body?.cancel();
  for (
    const path of [
      "/static/0123456789abcdef/main.ts",
      "/static/0123456789abcdef/..%2f..%2fmain.ts",
      "/static/0123456789abcdee/uptake.css",
    ]
  ) {
    const missing = await request(path);
    expect(missing.status).toBe(404);
    expect(missing.headers.get("cache-control")).toBe("no-store");
  }
});

Deno.test("a page that is asked for from a link on another site loads itself again", async () => {
  const { request } = await testDashboard();
  const ask = async (site: string) => {
    const answer = await request("/", {
      headers: {
        accept: "text/html",
        "sec-fetch-site": site,
        "sec-fetch-mode": "navigate",
      },
    });
    expect(answer.status).toBe(401);
    return await answer.text();
  };
  expect(await ask("cross-site")).toContain('http-equiv="refresh"');
  expect(await ask("none")).not.toContain('http-equiv="refresh"');
});

Deno.test("the API describes every route that it has", async () => {
  const { request, tokens, deps } = await testDashboard();
  const answer = await request("/api/v1/openapi.json", {
    headers: bearer(tokens.viewer),
  });
  const { openapi, paths } = await answer.json();
  expect(openapi).toBe("3.1.0");
  const described = Object.keys(paths).map((path) =>
    path.replaceAll(/\{([A-Za-z]+)\}/g, ":$1")
  );
  const api = routeTable(deps).map(({ path }) => path).filter((path) =>
    path.startsWith("/api/") && path !== "/api/v1/openapi.json"
  );
  expect(described.sort()).toEqual([...new Set(api)].sort());
});

Deno.test("whoever writes another address into the request is still the one who guesses", async () => {
  for (const trustsProxy of [true, false]) {
    const { request } = await testDashboard({ changes: { trustsProxy } });
    const ask = async (i: number) =>
      (await request("/login?token=wrong", {
        headers: {
          "x-forwarded-for": trustsProxy
            ? `203.0.113.${i}, 192.0.2.9`
            : `203.0.113.${i}`,
          "x-real-ip": `203.0.113.${i}`,
          forwarded: `for=203.0.113.${i}`,
        },
      })).status;
    for (let i = 0; i < RATES.login.burst; i++) expect(await ask(i)).toBe(401);
    expect(await ask(99)).toBe(429);
  }
});
