/** @module The dashboard without a socket: a store in memory, a clock of the test's, everyone's credentials. */
import { createApp } from "../../dashboard/app.ts";
import type { Assets } from "../../dashboard/assets.ts";
import { createAuditLog } from "../../dashboard/audit/audit_log.ts";
import type { AuditEntry } from "../../dashboard/audit/entry.ts";
import type { Auth } from "../../dashboard/auth/auth.ts";
import { sessionCookie } from "../../dashboard/auth/cookies.ts";
import { createLoginLinks } from "../../dashboard/auth/login_links.ts";
import { type Role, ROLES } from "../../dashboard/auth/roles.ts";
import { createSessions } from "../../dashboard/auth/sessions.ts";
import { createToken, createTokens } from "../../dashboard/auth/tokens.ts";
import type { DashboardDeps } from "../../dashboard/deps.ts";
import { createFreshness } from "../../dashboard/freshness.ts";
import { createStarts } from "../../dashboard/progress/starts.ts";
import type { Route } from "../../dashboard/security/access.ts";
import { createIndexer } from "../../shared/catalog/indexer.ts";
import { openCatalog } from "../../shared/catalog/open_catalog.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { type FakeClock, fakeClock } from "./fake_clock.ts";
import { memoryStore } from "./memory_store.ts";

export const ORIGIN = "http://127.0.0.1:8080";

const never = new AbortController().signal;

/** When the tests' clock starts. */
export const START = Date.parse("2026-11-24T09:00:00Z");

export interface TestDashboard {
  readonly deps: DashboardDeps;
  readonly home: ObjectStore;
  readonly clock: FakeClock;
  /** Login links told so far. */
  readonly links: string[];
  readonly logged: string[];
  /** An API token of each role. */
  readonly tokens: Readonly<Record<Role, string>>;
  /** Asks the app; `headers` besides those of any client. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Logs a browser in by link; returns its Cookie header. */
  logIn(): Promise<string>;
  /** What stands in the audit log. */
  audited(): Promise<AuditEntry[]>;
}

/** Files that need not be bundled: the pages name them, and nobody loads them. */
export const fakeAssets: Assets = {
  build: "0123456789abcdef",
  find: (name) =>
    name === "uptake.css"
      ? { contentType: "text/css", body: new TextEncoder().encode(":root{}") }
      : undefined,
  url: (name) => `/static/0123456789abcdef/${name}`,
};

/**
 * @param routes of these deps; default: the dashboard's own
 * @param changes of the deps
 */
export async function testDashboard(
  { routes, changes = {}, auth = {}, home = memoryStore() }: {
    routes?: (deps: DashboardDeps) => readonly Route[];
    changes?: Partial<DashboardDeps>;
    auth?: Partial<Auth>;
    home?: ObjectStore;
  } = {},
): Promise<TestDashboard> {
  const clock = fakeClock();
  const now = () => new Date(START + clock.nowMs());
  const links: string[] = [];
  const logged: string[] = [];
  const audit = createAuditLog(home, now);
  const catalog = openCatalog(":memory:");
  const indexer = createIndexer({ catalog, home, now });
  const deps: DashboardDeps = {
    home,
    open: () => memoryStore(),
    readableRoots: null,
    catalog,
    indexer,
    freshness: createFreshness(indexer, {
      indexedAt: null,
      clock,
      now,
      onFailure: (line) => logged.push(line),
    }),
    starts: createStarts(now),
    audit,
    assets: fakeAssets,
    origins: [ORIGIN, "http://localhost:8080"],
    trustsProxy: false,
    now,
    clock,
    // However slow the machine is, what was changed stands in the index.
    patience: () => never,
    signal: never,
    log: (line) => logged.push(line),
    auth: {
      tokens: createTokens(home, now),
      sessions: createSessions(now),
      cookie: sessionCookie(ORIGIN),
      links: createLoginLinks(ORIGIN, (link) => links.push(link)),
      linkUser: { actor: "local", role: "operator" },
      oidc: null,
      ...auth,
    },
    ...changes,
  };
  const made = await Promise.all(
    ROLES.map(async (role) => {
      const name = `the ${role}`;
      const { token } = await createToken(
        home,
        { name, role, days: 90 },
        now(),
      );
      return [role, token] as const;
    }),
  );
  const app = createApp(deps, routes?.(deps));
  const request = async (path: string, init: RequestInit = {}) =>
    await app.request(path, {
      ...init,
      headers: { host: new URL(ORIGIN).host, ...init.headers },
    }, { peer: "192.0.2.1" });
  return {
    deps,
    home,
    clock,
    links,
    logged,
    tokens: Object.fromEntries(made) as Record<Role, string>,
    request,
    async logIn() {
      const answer = await request(links.at(-1)!.slice(ORIGIN.length));
      await answer.body?.cancel();
      return cookieOf(answer);
    },
    async audited() {
      await audit.flush();
      const objects = await Array.fromAsync(home.list("audit/"));
      const lines: AuditEntry[] = [];
      for (const { key } of objects) {
        const object = await home.get(key);
        const text = new TextDecoder().decode(object?.body).trimEnd();
        lines.push(...text.split("\n").map((line) => JSON.parse(line)));
      }
      return lines;
    },
  };
}

/** The Cookie header that follows an answer's Set-Cookie headers. */
export function cookieOf(answer: Response): string {
  return answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0])
    .join("; ");
}

/** The Authorization header of a token. */
export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}
