/**
 * Serves the dashboard until it is told to stop: opens what it needs, listens, keeps the index fresh and the
 * audit log stored.
 * @module
 */
import { createIndexer } from "../shared/catalog/indexer.ts";
import { openCatalog } from "../shared/catalog/open_catalog.ts";
import { indexedAt } from "../shared/catalog/queries/diagnostics.ts";
import { type Clock, systemClock } from "../shared/dispatch/clock.ts";
import { steadyHome } from "../shared/runs/home/steady_home.ts";
import type { ObjectStore } from "../shared/storage/object_store.ts";
import { createApp } from "./app.ts";
import { readAssets } from "./assets.ts";
import { createAuditLog } from "./audit/audit_log.ts";
import { sessionCookie } from "./auth/cookies.ts";
import { createLoginLinks } from "./auth/login_links.ts";
import { createOidc } from "./auth/oidc.ts";
import { createSessions } from "./auth/sessions.ts";
import { createTokens, listTokens } from "./auth/tokens.ts";
import { bundleIfOld, DIST } from "./bundle.ts";
import {
  checkReachable,
  type Flags,
  isForOne,
  isLoopbackOrigin,
  loopbackOrigins,
  parseConfig,
  type ReadVariable,
} from "./config.ts";
import type { DashboardDeps } from "./deps.ts";
import { catalogPath } from "./catalog_file.ts";
import { createFreshness } from "./freshness.ts";
import { createStarts } from "./progress/starts.ts";
import { homeOperations } from "./submit/home_operations.ts";
import type { Operations } from "../shared/dispatch/operations.ts";

export { administer } from "./administer.ts";

/** What the dashboard uses of the program that starts it. */
export interface Surroundings {
  /** Aborted when it is to end. */
  readonly signal: AbortSignal;
  /** One line for people, on stderr. */
  say(line: string): void;
  /** Opens a store by its location. */
  open(location: string): ObjectStore;
  readonly readVariable: ReadVariable;
  /** Ends the wait of an answer for the index. @default after 1.5 s */
  readonly patience?: () => AbortSignal;
}

/** So long an answer waits for the index. */
const PATIENCE_MS = 1500;
const FLUSH_MS = 10_000;
/** How long requests in flight may take to end; a stream of events never ends by itself. */
const SHUTDOWN_MS = 5_000;

/**
 * Serves until the signal, then lets requests end and stores the audit log.
 *
 * @param operations what operators do from the pages; without it they show results only
 * @throws {RangeError} when it cannot be served so.
 */
export async function serve(
  flags: Flags,
  {
    signal,
    say,
    open,
    readVariable,
    patience = () => AbortSignal.timeout(PATIENCE_MS),
  }: Surroundings,
  operations?: Operations,
): Promise<void> {
  const config = parseConfig(flags, readVariable);
  const bare = open(flags.home);
  const now = () => new Date();
  const hasTokens = async () =>
    (await listTokens(bare)).some(({ expiresAt }) =>
      Date.parse(expiresAt) > now().getTime()
    );
  const isLocal = config.isLoopback && isLoopbackOrigin(config.publicOrigin);
  checkReachable(config, !isLocal && await hasTokens());
  await bundleIfOld();
  const catalog = openCatalog(
    config.catalogPath ?? catalogPath(bare.location, readVariable),
  );
  const { home, check } = steadyHome(bare, {
    knowsRuns: () => catalog.get("SELECT 1 FROM runs LIMIT 1") !== undefined,
    now,
  });
  const assets = await readAssets([new URL("static/", import.meta.url), DIST]);

  const handler: { fetch: Deno.ServeHandler<Deno.NetAddr> } = {
    fetch: () => new Response("The dashboard starts", { status: 503 }),
  };
  const server = listen(
    config,
    (request, info) => handler.fetch(request, info),
  );
  const { hostname, port } = server.addr;
  const origins = [
    ...(config.publicOrigin === null ? [] : [config.publicOrigin]),
    ...(config.isLoopback ? loopbackOrigins(port) : []),
  ];
  const origin = origins[0]!;
  say(`The dashboard of ${home.location} is at ${origin}`);
  if (config.publicOrigin !== null) {
    // That name does not tell it, and port 0 is any.
    say(
      `It listens on ${
        hostname.includes(":") ? `[${hostname}]` : hostname
      }:${port}`,
    );
  }

  if (!isLocal) {
    say(
      config.oidc === null
        ? "People log in with API tokens: uptake dashboard --create-token makes them"
        : "People log in with their team accounts, or with API tokens",
    );
    if (!config.trustsProxy) {
      say(
        "All requests count as coming from the proxy, so that one who guesses at logins locks everybody out for a while: where a proxy stands in front that adds X-Forwarded-For, set UPTAKE_TRUST_PROXY=true",
      );
    }
  }

  const audit = createAuditLog(home, now);
  const indexer = createIndexer({ catalog, home, now });
  const freshness = createFreshness(indexer, {
    indexedAt: indexedAt(catalog),
    clock: systemClock,
    now,
    onFailure: (problem) => say(`The index is not up to date: ${problem}`),
  });
  const deps: DashboardDeps = {
    home,
    open,
    readableRoots: isForOne(config)
      ? null
      : [...flags.datasets ?? [], ...flags.datasetRoots ?? []].map((name) =>
        open(name).location
      ),
    catalog,
    indexer,
    freshness,
    starts: createStarts(now),
    audit,
    assets,
    ...(operations === undefined
      ? {}
      : { operations: homeOperations(operations, check) }),
    origins,
    trustsProxy: config.trustsProxy,
    now,
    clock: systemClock,
    patience,
    log: say,
    signal,
    auth: {
      tokens: createTokens(home, now),
      sessions: createSessions(now),
      cookie: sessionCookie(origin),
      links: isLocal
        ? createLoginLinks(origin, (link) => say(`Log in once with ${link}`))
        : null,
      linkUser: { actor: config.user, role: "operator" },
      oidc: config.oidc === null ? null : createOidc(config.oidc, origin, now),
    },
  };
  const app = createApp(deps);
  handler.fetch = (request, { remoteAddr }) =>
    app.fetch(request, { peer: remoteAddr.hostname });

  await Promise.all([
    freshness.keep(signal),
    keepStored(audit, systemClock, signal, say),
    stopWith(server, signal),
  ]);
  try {
    await audit.flush();
  } finally {
    // Last: the index tells whether the home is the one that it knows.
    catalog.close();
  }
}

/** @throws {RangeError} when another program holds the port, or the address is not this machine's. */
function listen(
  { host, port }: { host: string; port: number },
  handler: Deno.ServeHandler<Deno.NetAddr>,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({
      hostname: host.replace(/^\[|\]$/g, ""),
      port,
      onListen: () => {},
    }, handler);
  } catch (cause) {
    if (cause instanceof Deno.errors.AddrInUse) {
      throw new RangeError(
        `Cannot serve on port ${port}: another program does. Name another with --listen 127.0.0.1:<port>`,
        { cause },
      );
    }
    if (cause instanceof Deno.errors.AddrNotAvailable) {
      throw new RangeError(
        `Cannot serve on ${host}: this machine has no such address`,
        { cause },
      );
    }
    throw cause;
  }
}

async function keepStored(
  audit: DashboardDeps["audit"],
  clock: Clock,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  let isStuck = false;
  while (!signal.aborted) {
    await clock.sleep(FLUSH_MS, signal).catch(() => signal.aborted);
    try {
      await audit.flush();
      isStuck = false;
    } catch (error) {
      if (!isStuck) say(`The audit log waits for the store: ${String(error)}`);
      isStuck = true;
    }
  }
}

async function stopWith(
  server: Deno.HttpServer,
  signal: AbortSignal,
): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => stopped.resolve(), { once: true });
  if (signal.aborted) stopped.resolve();
  await stopped.promise;
  const late = AbortSignal.timeout(SHUTDOWN_MS);
  await Promise.race([
    server.shutdown(),
    new Promise((resolve) => late.addEventListener("abort", resolve)),
  ]);
}
