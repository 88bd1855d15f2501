/** @module The dashboard as its users meet it: over HTTP, on a free port. */
import type { Page } from "playwright-core";
import { setTimeout as delay } from "node:timers/promises";
import { serve } from "../../dashboard/main.ts";
import { stateSchema } from "../../dashboard/routes/health.ts";
import type { Operations } from "../../shared/dispatch/operations.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { openStore } from "../../shared/storage/open_store.ts";

export interface ServedDashboard {
  /** Such as `http://127.0.0.1:40123`. */
  readonly origin: string;
  /** What it said on stderr so far. */
  readonly said: readonly string[];
  /** The newest login link. */
  link(): string;
}

/**
 * Serves a home until `use` has ended.
 *
 * @param catalog where the index is
 * @param open opens the home, and stores that records name
 */
export async function withServedDashboard<T>(
  home: string,
  use: (dashboard: ServedDashboard) => Promise<T>,
  operations?: Operations,
  catalog = ":memory:",
  open: (location: string) => ObjectStore = (location) => openStore(location),
): Promise<T> {
  const stop = new AbortController();
  const said: string[] = [];
  const isUp = Promise.withResolvers<void>();
  const linkOf = (line: string) => /Log in once with (\S+)/.exec(line)?.[1];
  const served = serve({
    home,
    listen: "127.0.0.1:0",
    catalog,
  }, {
    signal: stop.signal,
    say(line) {
      said.push(line);
      if (linkOf(line) !== undefined) isUp.resolve();
    },
    open,
    readVariable: () => undefined,
    // However slow the machine is, what was changed stands in the index.
    patience: () => new AbortController().signal,
  }, operations);
  const link = () => said.flatMap((line) => linkOf(line) ?? []).at(-1)!;
  try {
    await Promise.race([isUp.promise, served]);
    return await use({ origin: new URL(link()).origin, said, link });
  } finally {
    stop.abort();
    await served;
  }
}

/** Asked no more often than anybody may ask for long. */
const ASK_MS = 100;

/** Waits until pages show what is in the home; the page is logged in. */
export async function untilIndexed(page: Page): Promise<void> {
  await untilKnown(async () =>
    await page.evaluate(
      `fetch("/api/v1/state").then((answer) => answer.json())`,
    )
  );
}

/** As {@linkcode untilIndexed}, of whoever has this Cookie header. */
export async function untilIndexedFor(
  origin: string,
  cookie: string,
): Promise<void> {
  await untilKnown(async () => {
    const answer = await fetch(`${origin}/api/v1/state`, {
      headers: { cookie },
    });
    return await answer.json();
  });
}

async function untilKnown(ask: () => Promise<unknown>): Promise<void> {
  while (stateSchema.parse(await ask()).indexedAt === null) {
    await delay(ASK_MS);
  }
}
