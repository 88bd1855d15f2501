/** @module Login links and the sessions they start. */
import { expect } from "@std/expect";
import { sessionCookie } from "../../../dashboard/auth/cookies.ts";
import { createLoginLinks } from "../../../dashboard/auth/login_links.ts";
import { createSessions } from "../../../dashboard/auth/sessions.ts";
import { ownPath } from "../../../dashboard/routes/login.tsx";
import { cookieOf, testDashboard } from "../../support/dashboard.ts";

Deno.test("createLoginLinks() tells links that work once each", () => {
  const told: string[] = [];
  const links = createLoginLinks("http://127.0.0.1:1", (l) => told.push(l));
  const token = () => new URL(told.at(-1)!).searchParams.get("token")!;
  const first = token();
  expect(links.redeem("")).toBe(false);
  expect(links.redeem(`${first}A`)).toBe(false);
  expect(told).toHaveLength(1);
  expect(links.redeem(first)).toBe(true);
  expect(links.redeem(first)).toBe(false);
  expect(links.redeem(token())).toBe(true);
  expect(told).toHaveLength(3);
});

Deno.test("a login link turns into a cookie that scripts and other sites do not get", async () => {
  const { request, links } = await testDashboard();
  const path = links[0]!.slice("http://127.0.0.1:8080".length);
  // A program that looks what the link is does not use it up.
  const head = await request(path, { method: "HEAD" });
  expect(head.status).toBe(401);
  const answer = await request(path);
  expect(answer.status).toBe(303);
  expect(answer.headers.get("location")).toBe("/");
  expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
  expect(answer.headers.get("set-cookie")).toMatch(
    /^uptake_8080=[A-Za-z0-9_-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
  );
  const cookie = cookieOf(answer);
  expect((await request("/", { headers: { cookie } })).status).toBe(200);
  expect((await request(path)).status).toBe(401);
});

Deno.test("of many who follow a login link at once, one comes in", async () => {
  const { request, links } = await testDashboard();
  const path = links[0]!.slice("http://127.0.0.1:8080".length);
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => request(path)),
  );
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([303, ...Array(9).fill(401)]);
  expect(links).toHaveLength(2);
});

Deno.test("logging in gives a new session and ends the one that the browser had", async () => {
  const { request, logIn, links } = await testDashboard();
  const planted = `uptake_8080=${"A".repeat(43)}`;
  const first = await logIn();
  for (const cookie of [planted, first]) {
    const answer = await request(links.at(-1)!.slice(21), {
      headers: { cookie },
    });
    expect(answer.status).toBe(303);
    expect(cookieOf(answer)).not.toBe(cookie);
    expect((await request("/", { headers: { cookie } })).status).toBe(401);
    const fresh = { cookie: cookieOf(answer) };
    expect((await request("/", { headers: fresh })).status).toBe(200);
  }
});

Deno.test("behind HTTPS the cookie goes nowhere else, and no sibling site can plant it", async () => {
  const origin = "https://uptake.example.org";
  const { request, tokens } = await testDashboard({
    changes: { origins: [origin] },
    auth: { cookie: sessionCookie(origin) },
  });
  // What the proxy says of itself changes nothing.
  const answer = await request("/login", {
    method: "POST",
    headers: {
      host: "uptake.example.org",
      origin,
      "sec-fetch-site": "same-origin",
      "x-forwarded-proto": "http",
      "x-forwarded-host": "evil.example",
    },
    body: new URLSearchParams({ token: tokens.viewer, then: "/runs" }),
  });
  expect(answer.headers.get("set-cookie")).toMatch(
    /^__Host-uptake=[A-Za-z0-9_-]{43}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
  );
  expect(answer.headers.get("location")).toBe("/runs");
  expect(answer.headers.get("strict-transport-security")).toBe(
    "max-age=31536000",
  );
});

Deno.test("logging out ends the session, also where its cookie was kept", async () => {
  const { request, logIn } = await testDashboard();
  const cookie = await logIn();
  const answer = await request("/logout", {
    method: "POST",
    headers: { cookie, origin: "null", "sec-fetch-site": "same-origin" },
  });
  expect(answer.status).toBe(303);
  expect(answer.headers.get("set-cookie")).toContain("Max-Age=0");
  expect((await request("/", { headers: { cookie } })).status).toBe(401);
});

Deno.test("createSessions() forgets what ended a day ago, and tells until then that it did", () => {
  let nowMs = 0;
  const sessions = createSessions(() => new Date(nowMs));
  const identity = { actor: "a", role: "viewer", by: "link" } as const;
  const first = sessions.start(identity);
  expect(sessions.find(first)).toMatchObject({ identity });
  expect(sessions.find("nothing")).toEqual({ refusal: "invalid" });
  nowMs = 12 * 3_600_000;
  expect(sessions.find(first)).toEqual({ refusal: "expired" });
  nowMs = 37 * 3_600_000;
  sessions.start(identity);
  expect(sessions.find(first)).toEqual({ refusal: "invalid" });
});

Deno.test("ownPath() leads nowhere but to this site", () => {
  expect(ownPath("/runs?state=open")).toBe("/runs?state=open");
  expect(ownPath("/runs/caf é")).toBe("/runs/caf%20%C3%A9");
  for (
    const elsewhere of [
      undefined,
      "//evil.example",
      "/\\evil.example",
      "https://evil.example/",
      "/.//evil.example",
      "javascript:alert(1)",
      "http://uptake.invalid//evil.example",
    ]
  ) expect(ownPath(elsewhere)).toBe("/");
});
