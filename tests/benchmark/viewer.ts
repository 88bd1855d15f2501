/** @module How soon the dashboard shows a large scan, in headless Chromium with graphics by software. */
import { z } from "zod";
import { openStore } from "../../shared/storage/open_store.ts";
import { withBrowser } from "../support/browser.ts";
import { caseIdOf, fillCaseHome, RUN_ID } from "../support/case_home.ts";
import {
  untilIndexed,
  withServedDashboard,
} from "../support/serve_dashboard.ts";
import { withFolder } from "../support/temporary_folder.ts";
import type { Figure } from "./benchmark.ts";

const REPEATS = 3;

/** A page's own clock starts when it is asked for. */
const FIRST_SLICE =
  'performance.getEntriesByName("uptake:first-slice")[0].startTime';

/** 192x192x406 voxels of float32: 60 MB unpacked, 12 MB on the way. */
export async function viewer(): Promise<Figure[]> {
  return await withFolder(async (folder) => {
    await fillCaseHome(openStore(folder), {
      cases: 1,
      shape: [192, 192, 406],
      spacingMm: [3, 3, 3],
    });
    return await withServedDashboard(
      folder,
      ({ origin, link }) =>
        withBrowser(async ({ page }) => {
          await page.setViewportSize({ width: 1280, height: 800 });
          await page.goto(link());
          await untilIndexed(page);
          const firstMs: number[] = [];
          const wholeMs: number[] = [];
          for (let n = 0; n <= REPEATS; n++) {
            await page.goto(
              `${origin}/runs/${RUN_ID}/cases/${
                encodeURIComponent(caseIdOf(0))
              }`,
            );
            await page.waitForSelector("#viewer[data-state=ready]", {
              timeout: 120_000,
            });
            wholeMs.push(
              z.number().parse(
                await page.evaluate("performance.now()"),
              ),
            );
            firstMs.push(z.number().parse(await page.evaluate(FIRST_SLICE)));
          }
          const [cold] = firstMs;
          return [
            {
              name: "First slice of a 192x192x406 case",
              value: Math.min(...firstMs.slice(1)) / 1000,
              unit: "s",
              target: 4,
              repeats: REPEATS,
              remark: `the first time ${
                (cold! / 1000).toFixed(1)
              } s; graphics by software`,
            },
            {
              name: "The same with projection, mask and label",
              value: Math.min(...wholeMs.slice(1)) / 1000,
              unit: "s",
              repeats: REPEATS,
            },
          ];
        }),
    );
  });
}
