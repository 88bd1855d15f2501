/** @module Names as nobody should give them, in a real browser: they break no page. */
import { expect } from "@std/expect";
import { FileStore } from "../../shared/storage/file_store.ts";
import {
  overflowPixels,
  seriousFindings,
  takePicture,
  testWithBrowser,
  WIDTHS,
} from "../support/browser.ts";
import { fillHostileHome, runIdOf } from "../support/hostile_names.ts";
import {
  untilIndexed,
  withServedDashboard,
} from "../support/serve_dashboard.ts";
import { withFolder } from "../support/temporary_folder.ts";

testWithBrowser(
  "hostile names keep the overview, runs and comparisons within the window",
  async ({ page, problems }) => {
    await withFolder(async (home) => {
      await fillHostileHome(new FileStore(home));
      await withServedDashboard(home, async ({ origin, link }) => {
        await page.goto(link());
        await untilIndexed(page);
        const [before, after] = ["cccccc", "dddddd"].map((kind) =>
          runIdOf(50, kind)
        );
        const paths = {
          overview: "/",
          runs: "/runs",
          compare: `/compare?before=${before}&after=${after}`,
          long: `/compare?before=${runIdOf(5, "aaaaaa")}&after=${
            runIdOf(5, "bbbbbb")
          }`,
          run: `/runs/${runIdOf(5, "aaaaaa")}`,
        };
        for (const [name, path] of Object.entries(paths)) {
          await page.goto(`${origin}${path}`);
          for (const width of WIDTHS) {
            await takePicture(page, `hostile-${name}`, "light", width);
            expect([path, width, await overflowPixels(page)])
              .toEqual([path, width, 0]);
          }
          expect([path, await seriousFindings(page)]).toEqual([path, []]);
        }
        expect(problems).toEqual([]);
      });
    });
  },
);
