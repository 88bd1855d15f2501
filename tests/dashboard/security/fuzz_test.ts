/**
 * Every route with whatever a stranger may send: it is answered or refused, in words, and nothing that was refused has
 * changed anything.
 * @module
 */
import { expect } from "@std/expect";
import fc from "fast-check";
import { verifyAudit } from "../../../dashboard/audit/verify_audit.ts";
import { type Role, ROLES, suffices } from "../../../dashboard/auth/roles.ts";
import { routeTable } from "../../../dashboard/routes/table.ts";
import type { Route } from "../../../dashboard/security/access.ts";
import { areValid } from "../../../dashboard/security/params.ts";
import { fillCaseHome, RUN_ID } from "../../support/case_home.ts";
import {
  bearer,
  ORIGIN,
  type TestDashboard,
  testDashboard,
} from "../../support/dashboard.ts";
import { memoryStore } from "../../support/memory_store.ts";
import { operationsOf, withDataset } from "../../support/operations.ts";

/** What is there, by the name of the parameter or of the value asked for. */
const KNOWN = [RUN_ID, "scan 01", "scan 02", "Phantoms", "0123456789abcdef"];

/** Already as they stand in addresses. */
const nastyText = fc.oneof(
  fc.constantFrom(
    "..",
    ".",
    "%2e%2e",
    "%2e%2e%2fetc%2fpasswd",
    "..%5c..%5cwindows",
    "%00",
    "a%00b",
    "%0d%0aSet-Cookie:%20a=b",
    "%ff%fe",
    "%",
    "%E0%A4%A",
    "%252e%252e%252f",
    "__proto__",
    "constructor",
    "toString",
    "'%20OR%201=1--",
    "%27%3B%20DROP%20TABLE%20runs%3B--",
    "%25_%25",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "%F0%9F%AB%81",
    "e%CC%81",
    "%E2%80%AErof",
    "-1",
    "0",
    "1e309",
    "NaN",
    "9007199254740993",
    "null",
    "[]",
    "%7B%7D",
    "true",
    "all",
    "a".repeat(300),
  ),
  fc.string({ unit: "binary", maxLength: 20 }).map((text) =>
    encodeURIComponent(text.toWellFormed())
  ),
);

const value = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...KNOWN).map(encodeURIComponent) },
  { weight: 1, arbitrary: nastyText },
);

const QUERIES = [
  ...["page", "sort", "direction", "search", "state", "kind", "dataset"],
  ...["checkpoint", "fold", "run", "in", "queue", "saved", "verdict"],
  ...["outcome", "className", "a", "b", "left", "right", "offset", "limit"],
  ...["figure", "token", "then", "code", "error", "told", "name", "family"],
  ...["class", "by", "roi", "overlap", "folds", "iss", "cases", "x"],
];

const query = fc.array(
  fc.tuple(fc.constantFrom(...QUERIES), value),
  { maxLength: 5 },
).map((pairs) => pairs.map(([name, text]) => `${name}=${text}`).join("&"));

const json = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc.constantFrom(
    '{"verdict":"accept"}',
    '{"verdict":"accept","__proto__":{"role":"operator"}}',
    '{"verdict":"reject","reason":"other","comment":"\\u0000"}',
    '{"verdict":',
    "[".repeat(5000),
    '"' + "x".repeat(70_000) + '"',
    "",
  ),
);

const form = fc.oneof(
  query,
  query.map((text) => `verdict=accept&${text}`),
  query.map((text) => `verdict=reject&reason=other&comment=${text}`),
  query.map((text) => `dataset=x&checkpoint=y&${text}`),
);

const body = fc.oneof(
  fc.tuple(fc.constant("application/json"), json),
  fc.tuple(fc.constant("application/x-www-form-urlencoded"), form),
  fc.tuple(
    fc.constantFrom(
      "multipart/form-data; boundary=x",
      "multipart/form-data",
      "multipart/form-data; boundary=",
      "text/plain",
      "application/octet-stream",
      "application/json; charset=utf-16",
      "application/xml",
      "nothing",
      "",
    ),
    fc.oneof(
      json,
      form,
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.constantFrom(
        '--x\r\nContent-Disposition: form-data; name="verdict"\r\n\r\naccept\r\n--x--',
        '--x\r\nContent-Disposition: form-data; name="token"; filename="../../a"\r\n\r\na\r\n--x--',
        "--x\r\n\r\n--x--",
      ),
    ),
  ),
);

const HEADERS: Readonly<Record<string, readonly string[]>> = {
  accept: ["text/html", "application/json", "*/*", "", ";q=9"],
  range: [
    "bytes=0-0",
    "bytes=-5",
    "bytes=5-1",
    "bytes=99999999-",
    "bytes=0-999999999999999999999999",
    `bytes=${Array.from({ length: 500 }, (_, i) => `${i}-${i}`).join(",")}`,
    "lines=1-2",
    "bytes=-",
  ],
  "if-none-match": ["*", '"0"', 'W/"0", "1"', "nonsense"],
  "if-modified-since": ["never", "Tue, 24 Nov 2099 09:00:00 GMT"],
  "last-event-id": ["x", "-", "-".repeat(5000)],
  "x-forwarded-for": ["::1", "127.0.0.1, evil", "a".repeat(2000)],
  "x-forwarded-host": ["evil.example"],
  "x-forwarded-proto": ["https", "javascript"],
  "x-http-method-override": ["DELETE"],
  "x-request-id": ["../../etc", "a".repeat(500)],
  "content-length": ["-1", "0", "99999999999999", "x"],
  "content-encoding": ["gzip"],
  host: ["evil.example", "127.0.0.1:8080:8080", "", "localhost:8080"],
  origin: ["null", "https://evil.example", ORIGIN, `${ORIGIN}@evil.example`],
  "sec-fetch-site": ["cross-site", "same-site", "none", "x"],
  "sec-fetch-mode": ["navigate", "cors", "x"],
  cookie: [
    "uptake_8080=",
    "uptake_8080=a; uptake_8080=b",
    "__proto__=a",
    "=".repeat(500),
    "uptake_8080=%E0%A4%A",
  ],
};

const headers = fc.array(
  fc.constantFrom(...Object.keys(HEADERS)).chain((name) =>
    fc.tuple(fc.constant(name), fc.constantFrom(...HEADERS[name]!))
  ),
  { maxLength: 3 },
).map((pairs) => Object.fromEntries(pairs));

const CREDENTIALS = [...ROLES, ...ROLES, "none", "garbage"] as const;

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly credentials: typeof CREDENTIALS[number];
  readonly headers: Record<string, string>;
  readonly body: readonly [type: string, text: string];
}

function asking(table: readonly Route[]): fc.Arbitrary<Asked> {
  const path = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom(...table).chain((route) => {
        const names = route.path.match(/:[A-Za-z]+/g) ?? [];
        return fc.tuple(
          fc.constant(route.method as string),
          fc.tuple(...names.map(() => value)).map((values) =>
            names.reduce(
              (text, name, i) => text.replace(name, () => values[i]!),
              route.path,
            )
          ),
        );
      }),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(
        fc.constant("GET"),
        fc.array(
          fc.oneof(
            nastyText,
            fc.constantFrom("runs", "api", "v1", "static", "", "login"),
          ),
          { maxLength: 5 },
        ).map((parts) => `/${parts.join("/")}`),
      ),
    },
  );
  return fc.tuple(
    path,
    fc.oneof(
      { weight: 5, arbitrary: fc.constant(null) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          ...["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "X"],
        ),
      },
    ),
    query,
    fc.constantFrom(...CREDENTIALS),
    headers,
    body,
  ).map(([[method, path], other, query, credentials, headers, body]) => ({
    method: other ?? method,
    path: query === "" ? path : `${path}?${query}`,
    credentials,
    headers,
    body,
  }));
}

async function ask(
  { request, tokens }: TestDashboard,
  { method, path, credentials, headers, body: [type, text] }: Asked,
): Promise<Response> {
  const hasBody = method !== "GET" && method !== "HEAD";
  return await request(path, {
    method,
    headers: {
      ...(hasBody
        ? {
          "content-type": type,
          origin: ORIGIN,
          "sec-fetch-site": "same-origin",
        }
        : {}),
      ...(credentials === "none"
        ? {}
        : bearer(credentials === "garbage" ? "uptake_x" : tokens[credentials])),
      ...headers,
    },
    ...(hasBody ? { body: text } : {}),
  });
}

/** Everything in the store but the audit log. */
async function recordsOf({ home }: TestDashboard): Promise<string> {
  const objects = await Array.fromAsync(home.list(""));
  return objects.filter(({ key }) => !key.startsWith("audit/"))
    .map(({ key, etag }) => `${key} ${etag}`).join("\n");
}

const STACK = /\.tsx?:\d+|\n\s+at |node_modules/;

/** What a refusal does not tell: where files are, and how they are read. */
const INSIDES =
  /file:\/\/|memory:\/\/|SQLITE|no such table|\b(Type|Range|Syntax)Error\b/;

Deno.test("no request breaks a route, sees its insides, or changes what it may not", async () => {
  await withDataset(async (folder) => {
    const home = memoryStore();
    await fillCaseHome(home, { cases: 3, done: 2 });
    const dashboard = await testDashboard({
      home,
      changes: { open: () => home, operations: operationsOf(folder) },
    });
    const { deps, clock, logged } = dashboard;
    await deps.indexer.refresh(deps.signal);
    let before = await recordsOf(dashboard);
    await fc.assert(
      fc.asyncProperty(asking(routeTable(deps)), async (asked) => {
        // Rates are tried elsewhere.
        clock.advance(60_000);
        const answer = await ask(dashboard, asked);
        const text = await answer.text();
        const { status } = answer;
        expect([500, 501, 502, 504]).not.toContain(status);
        expect(text).not.toMatch(STACK);
        if (status >= 400) {
          expect(text).not.toMatch(INSIDES);
          expect(text).not.toContain(folder);
        }
        expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
        expect(answer.headers.get("content-security-policy")).toContain(
          "default-src 'none'",
        );
        expect(answer.headers.get("access-control-allow-origin")).toBeNull();
        const isStatic = asked.path.startsWith("/static/") && status === 200;
        if (!isStatic) {
          expect(answer.headers.get("cache-control")).toBe("no-store");
        }
        const location = answer.headers.get("location");
        if (location !== null) expect(location).toMatch(/^\/(?![/\\])/);
        const after = await recordsOf(dashboard);
        if (status >= 400 || asked.method === "GET") {
          expect(after).toBe(before);
        }
        before = after;
      }),
      { numRuns: 1500, ...SEED },
    );
    expect(logged).toEqual([]);
    await deps.audit.flush();
    expect((await verifyAudit(home)).problems).toEqual([]);
  });
});

Deno.test("no address reaches a handler that the gate took for another, or with other parameters than it checked", async () => {
  const { deps } = await testDashboard();
  const table = routeTable(deps);
  const reached: { route: Route; params: Record<string, string> }[] = [];
  const dashboard = await testDashboard({
    routes: () =>
      table.map((one) => ({
        ...one,
        audit: "view" as const,
        mount: (app: Parameters<Route["mount"]>[0]) =>
          void app.on(one.method, one.path, (c) => {
            reached.push({ route: one, params: c.req.param() });
            return c.text("reached");
          }),
      })),
  });
  await fc.assert(
    fc.asyncProperty(asking(table), async (asked) => {
      dashboard.clock.advance(60_000);
      reached.length = 0;
      const { status } = await ask(dashboard, asked);
      const [one] = reached;
      expect(reached.length).toBe(
        status === 200 && asked.method !== "X" ? 1 : 0,
      );
      if (one === undefined) return;
      expect(areValid(one.params)).toBe(true);
      const { credentials } = asked;
      const isIn = credentials !== "none" && credentials !== "garbage" &&
        suffices(credentials, one.route.role as Role);
      expect(one.route.role === "anyone" || isIn).toBe(true);
    }),
    { numRuns: 1500, ...SEED },
  );
  for (const { route, status, params } of await dashboard.audited()) {
    if (status === 200) expect(table.map(({ path }) => path)).toContain(route);
    expect(areValid(params)).toBe(true);
  }
});

/** The same requests each time; another seed finds others. */
const SEED = { seed: 20261124 };
