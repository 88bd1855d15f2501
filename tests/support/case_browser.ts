/** @module Pages of cases in a real browser: a home of phantoms, served, and what its canvases show. */
import { decode } from "fast-png";
import type { Page } from "playwright-core";
import { openStore } from "../../shared/storage/open_store.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { testWithBrowser, type WatchedPage } from "./browser.ts";
import {
  type CaseHomeOptions,
  fillCaseHome,
  type PhantomCase,
  RUN_ID,
} from "./case_home.ts";
import { untilIndexed, withServedDashboard } from "./serve_dashboard.ts";
import { withFolder } from "./temporary_folder.ts";

export const CASES = `/runs/${RUN_ID}/cases`;

/** Registers a test that gets a logged-in page of 1280 x 800, and the cases. */
export function testCases(
  name: string,
  options: CaseHomeOptions,
  use: (
    watched: WatchedPage & {
      readonly origin: string;
      readonly home: ObjectStore;
      readonly made: readonly PhantomCase[];
    },
  ) => Promise<void>,
): void {
  testWithBrowser(name, async (watched) => {
    await withFolder(async (folder) => {
      const home = openStore(folder);
      const made = await fillCaseHome(home, options);
      await withServedDashboard(folder, async ({ origin, link }) => {
        const { page } = watched;
        await page.setViewportSize({ width: 1280, height: 800 });
        await page.goto(link());
        await untilIndexed(page);
        await use({ ...watched, origin, home, made });
      });
    });
  });
}

export async function openCase(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.waitForSelector("#viewer[data-state=ready]");
}

/** The pixels of a canvas as it shows on the page: red, green and blue of each. */
export async function pixelsOf(
  page: Page,
  selector: string,
): Promise<number[][]> {
  const { data, channels } = decode(
    await page.locator(selector).screenshot({ animations: "disabled" }),
  );
  return Array.from(
    { length: data.length / channels },
    (_, n) => [...data.subarray(n * channels, n * channels + 3)],
  );
}

export function countLike(
  pixels: readonly number[][],
  colour: readonly number[],
  tolerance = 30,
): number {
  return pixels.filter((pixel) =>
    pixel.every((value, n) => Math.abs(value - colour[n]!) <= tolerance)
  ).length;
}

export async function untilText(
  page: Page,
  selector: string,
  text: string,
): Promise<void> {
  await page.locator(selector, { hasText: text }).waitFor();
}
