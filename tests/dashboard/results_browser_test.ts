/** @module The pages of results in a real browser. */
import { expect } from "@std/expect";
import type { Page } from "playwright-core";
import { z } from "zod";
import { encodeRecord } from "../../shared/runs/record_io.ts";
import type { WorkerRecord } from "../../shared/runs/records.ts";
import { FileStore } from "../../shared/storage/file_store.ts";
import {
  overflowPixels,
  seriousFindings,
  takePicture,
  testWithBrowser,
  THEMES,
  WIDTHS,
} from "../support/browser.ts";
import {
  BAD_RUN,
  fillResultsHome,
  GOOD_RUN,
  OPEN_RUN,
} from "../support/results_home.ts";
import { workerRecordOf } from "../support/runs.ts";
import {
  untilIndexed,
  withServedDashboard,
} from "../support/serve_dashboard.ts";
import { withFolder } from "../support/temporary_folder.ts";
import { compared, putResult } from "../shared/catalog/homes.ts";

/** Serves a home with results, logged in, once it is indexed. */
async function withResults(
  page: Page,
  use: (at: { origin: string; store: FileStore }) => Promise<void>,
): Promise<void> {
  await withFolder(async (home) => {
    const store = new FileStore(home);
    await fillResultsHome(store);
    await withServedDashboard(home, async ({ origin, link }) => {
      await page.goto(link());
      await untilIndexed(page);
      await use({ origin, store });
    });
  });
}

/** In both themes and widths: nothing serious for axe-core, no scrolling sideways. */
async function look(page: Page, name: string): Promise<void> {
  for (const theme of THEMES) {
    for (const width of WIDTHS) {
      await takePicture(page, name, theme, width);
      expect(await seriousFindings(page)).toEqual([]);
      expect(await overflowPixels(page)).toBe(0);
    }
  }
}

/** Pixels of a canvas that are not empty. */
async function drawnPixels(page: Page, selector: string): Promise<number> {
  return z.number().parse(
    await page.evaluate(`(() => {
      const canvas = document.querySelector(${JSON.stringify(selector)});
      const { width, height } = canvas;
      const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
      let drawn = 0;
      for (let at = 3; at < data.length; at += 4) if (data[at] > 0) drawn++;
      return drawn;
    })()`),
  );
}

/** How far parts of the page have moved by themselves: the sum of the browser's layout shift scores. */
const LAYOUT_SHIFT = `new Promise((resolve) => {
  new PerformanceObserver((list) =>
    resolve(list.getEntries().reduce((sum, { value }) => sum + value, 0))
  ).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(0), 500);
})`;

const NOT_DRAWN = ".chart[data-kind]:not([data-drawn])";

const BOXES = ".chart[data-kind=boxes][data-drawn]";

testWithBrowser(
  "the overview draws its charts, and looks right in both themes and widths",
  async ({ page, problems }) => {
    await withResults(page, async ({ origin }) => {
      await page.goto(`${origin}/`);
      await page.waitForSelector(BOXES);
      expect(await page.evaluate(LAYOUT_SHIFT)).toBeLessThan(0.05);
      expect(await drawnPixels(page, `${BOXES} canvas`)).toBeGreaterThan(5000);
      for (const chart of await page.locator(".chart[data-kind]").all()) {
        await chart.scrollIntoViewIfNeeded();
      }
      await page.locator(NOT_DRAWN).first().waitFor({ state: "detached" });
      await look(page, "overview");
      expect(problems).toEqual([]);
    });
  },
);

testWithBrowser(
  "the overview's boxes show another metric, and follow the theme",
  async ({ page, problems }) => {
    await withResults(page, async ({ origin }) => {
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.goto(`${origin}/?search=hecktor`);
      const note = page.locator(".chart[data-kind=boxes] .chart-note");
      await note.getByText("48 cases with a value.").waitFor();
      const light = await page.locator("canvas").first().screenshot();
      await page.locator(".chart-tools select").selectOption("hd95Mm");
      // The missed case has no distance.
      await note.getByText("47 cases with a value.").waitFor();
      const distances = await page.locator("canvas").first().screenshot();
      expect(distances).not.toEqual(light);
      await takePicture(page, "overview-hd95", "light", 1280);
      await page.locator(".chart[data-kind=boxes]").evaluate((chart) =>
        chart.removeAttribute("data-drawn")
      );
      await page.selectOption("#theme", "dark");
      await page.waitForSelector(BOXES);
      const dark = await page.locator("canvas").first().screenshot();
      expect(dark).not.toEqual(distances);
      expect(problems).toEqual([]);
    });
  },
);

testWithBrowser(
  "a dot of the overview opens its case",
  async ({ page, problems }) => {
    await withResults(page, async ({ origin }) => {
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.goto(`${origin}/`);
      const chart = page.locator(".chart[data-kind=boxes]").last();
      await chart.scrollIntoViewIfNeeded();
      const canvas = chart.locator("canvas");
      await chart.and(page.locator(BOXES)).waitFor();
      await canvas.focus();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowRight");
      const tip = chart.locator(".chart-tip");
      const text = await tip.textContent();
      expect(text).toMatch(/^CHUM-\d{3}: 0\.\d{3}$/);
      const [x, y] = await Promise.all(
        ["data-x", "data-y"].map((name) => tip.getAttribute(name)),
      );
      await canvas.hover({ position: { x: Number(x), y: Number(y) } });
      expect(await tip.textContent()).toBe(text);
      await canvas.click({ position: { x: Number(x), y: Number(y) } });
      await page.waitForURL(/\/cases\//);
      const caseId = text?.split(":")[0];
      expect(
        [GOOD_RUN, BAD_RUN].map((runId) =>
          `${origin}/runs/${runId}/cases/${caseId}`
        ),
      ).toContain(page.url());
      expect(problems.filter((problem) => !problem.includes("404"))).toEqual(
        [],
      );
    });
  },
);

/** What the open run's worker tells of itself. */
async function putWorker(
  store: FileStore,
  current: NonNullable<WorkerRecord["current"]>,
): Promise<void> {
  const record = workerRecordOf("host-1", { runId: OPEN_RUN, current });
  await store.put(
    `runs/${OPEN_RUN}/workers/host-1.json`,
    encodeRecord(record),
  );
}

testWithBrowser(
  "a run's page shows what its records say while it is open",
  async ({ page, problems }) => {
    await withResults(page, async ({ origin, store }) => {
      // Heard of just now, however long it took to come here.
      await putWorker(store, {
        caseId: "open-4",
        windows: 3,
        totalWindows: 12,
      });
      await page.goto(`${origin}/runs/${OPEN_RUN}`);
      await page.waitForSelector("text=2 of 6 cases done");
      await page.waitForSelector("text=Window 3 of 12");
      await look(page, "run-open");
      await putWorker(store, { caseId: "open-5", windows: 7, totalWindows: 9 });
      await putResult(store, OPEN_RUN, "open-4", compared(0.77));
      await page.waitForSelector("text=3 of 6 cases done");
      await page.waitForSelector("text=Window 7 of 9");
      await page.waitForSelector("#cases >> text=0.770");
      expect(problems).toEqual([]);
    });
  },
);

testWithBrowser(
  "runs, a finished run, a comparison and diagnostics look right",
  async ({ page, problems }) => {
    await withResults(page, async ({ origin }) => {
      for (
        const [name, path] of [
          ["runs", "/runs"],
          ["run-finished", `/runs/${BAD_RUN}`],
          ["compare", `/compare?before=${GOOD_RUN}&after=${BAD_RUN}`],
          ["diagnostics", "/diagnostics"],
        ] as const
      ) {
        await page.goto(`${origin}${path}`);
        await look(page, name);
      }
      expect(problems).toEqual([]);
    });
  },
);
