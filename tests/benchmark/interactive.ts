/** @module How soon the first page of a large home can be used, in headless Chromium with nothing in its cache. */
import { join } from "node:path";
import type { BrowserContext } from "playwright-core";
import { z } from "zod";
import { createIndexer } from "../../shared/catalog/indexer.ts";
import { openCatalog } from "../../shared/catalog/open_catalog.ts";
import { FileStore } from "../../shared/storage/file_store.ts";
import { withBrowser } from "../support/browser.ts";
import {
  untilIndexed,
  withServedDashboard,
} from "../support/serve_dashboard.ts";
import { withFolder } from "../support/temporary_folder.ts";
import type { Figure } from "./benchmark.ts";
import { makeLarge, runIdOf, RUNS, writeRun } from "./large_home.ts";

const REPEATS = 5;

/** Notes when charts have been painted, and when tasks end that keep people's input waiting (50 ms and longer). */
const WATCH = `
  globalThis.watched = { drawnMs: 0, busyUntilMs: 0 };
  new MutationObserver(() =>
    requestAnimationFrame(() => setTimeout(() =>
      watched.drawnMs = performance.now()))
  ).observe(document, {
    subtree: true, attributes: true, attributeFilter: ["data-drawn"],
  });
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      watched.busyUntilMs = Math.max(watched.busyUntilMs, startTime + duration);
    }
  }).observe({ type: "longtask", buffered: true });
`;

/** Charts in view, and the next below, are drawn at once. */
const IN_VIEW_DRAWN = `[...document.querySelectorAll(".chart[data-kind]")]
  .filter((chart) => chart.getBoundingClientRect().top < innerHeight)
  .every((chart) => "drawn" in chart.dataset)`;

const MEASURED = `(() => {
  const [{ domContentLoadedEventEnd }] =
    performance.getEntriesByType("navigation");
  const scripts = performance.getEntriesByType("resource")
    .filter(({ name }) => name.endsWith(".js"));
  return {
    interactiveMs: Math.max(
      watched.drawnMs, watched.busyUntilMs, domContentLoadedEventEnd),
    scriptBytes: scripts.reduce((sum, one) => sum + one.decodedBodySize, 0),
  };
})()`;

const measuredSchema = z.object({
  interactiveMs: z.number(),
  scriptBytes: z.number(),
});

/** Quiet for so long: no late task will follow. */
const QUIET_MS = 1000;

export async function interactive(): Promise<Figure[]> {
  return await withFolder(async (folder) => {
    const home = join(folder, "home");
    const index = await makeIndex(folder, home);
    return await withServedDashboard(
      home,
      ({ origin, link }) =>
        withBrowser(async ({ page, context }) => {
          await page.goto(link());
          await untilIndexed(page);
          const { cookies } = await context.storageState();
          // Its own charts would be drawn beside the first visit's.
          await page.close();
          const visits: z.infer<typeof measuredSchema>[] = [];
          for (let n = 0; n < REPEATS; n++) {
            const fresh = await context.browser()!.newContext();
            await fresh.addCookies(cookies);
            visits.push(await visit(fresh, origin));
            await fresh.close();
          }
          const times = visits.map(({ interactiveMs }) => interactiveMs / 1000)
            .sort((a, b) => a - b);
          const about = `${
            RUNS.toLocaleString("en")
          } runs of as many cases; nothing in the cache`;
          return [
            {
              name: "First page interactive, its charts drawn: median",
              value: times[Math.floor(REPEATS / 2)]!,
              unit: "s",
              target: 1.5,
              repeats: REPEATS,
              remark:
                `${about}; from navigation to the end of the last task of ` +
                "50 ms and the last chart in view",
            },
            {
              name: "The same: worst",
              value: times.at(-1)!,
              unit: "s",
              repeats: REPEATS,
              remark: about,
            },
            {
              name: "Script of the first page",
              value: visits[0]!.scriptBytes / 1000,
              unit: "kB",
              target: 300,
              remark: "not compressed",
            },
          ];
        }),
      undefined,
      index,
    );
  });
}

async function visit(context: BrowserContext, origin: string) {
  const page = await context.newPage();
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.addInitScript(WATCH);
  await page.goto(origin);
  while (await page.evaluate(IN_VIEW_DRAWN) !== true);
  await page.waitForTimeout(QUIET_MS);
  return measuredSchema.parse(await page.evaluate(MEASURED));
}

/** A large index, and a home in which its runs are found: what is finished is not read again. */
async function makeIndex(folder: string, home: string): Promise<string> {
  await writeRun(home, 0);
  const small = join(folder, "small.sqlite");
  const catalog = openCatalog(small);
  const { refresh } = createIndexer({
    catalog,
    home: new FileStore(home),
    now: () => new Date(),
  });
  await refresh(new AbortController().signal);
  catalog.close();
  for (let run = 1; run < RUNS; run++) {
    const path = join(home, "runs", runIdOf(run));
    await Deno.mkdir(path);
    await Deno.writeTextFile(join(path, "run.json"), "{}");
  }
  const large = join(folder, "large.sqlite");
  await makeLarge(small, large);
  return large;
}
