/** @module The queue of reviews in a real browser, by the keyboard alone. */
import { expect } from "@std/expect";
import { openStore } from "../../../shared/storage/open_store.ts";
import {
  overflowPixels,
  seriousFindings,
  takePicture,
  testWithBrowser,
  THEMES,
  WIDTHS,
} from "../../support/browser.ts";
import { fillCaseHome } from "../../support/case_home.ts";
import {
  untilIndexed,
  withServedDashboard,
} from "../../support/serve_dashboard.ts";
import { withFolder } from "../../support/temporary_folder.ts";

testWithBrowser(
  "the queue's order, its cases and what it is narrowed to are reached by the keyboard",
  async ({ page, problems }) => {
    await withFolder(async (folder) => {
      await fillCaseHome(openStore(folder), { cases: 3 });
      await withServedDashboard(folder, async ({ origin, link }) => {
        await page.goto(link());
        await untilIndexed(page);
        await page.goto(`${origin}/review`);
        await page.waitForSelector("#start:focus");
        await page.keyboard.press("2");
        await page.waitForURL(/kind=volume-error/);
        await page.waitForSelector("#start:focus");
        const focused = () => page.locator(":focus").textContent();
        const names = await page.locator(".cases th.name a").allTextContents();
        const steps: unknown[] = [];
        for (const key of ["j", "j", "j", "j", "k"]) {
          await page.keyboard.press(key);
          steps.push(await focused());
        }
        expect(steps).toEqual([...names, names[2], names[1]]);
        await page.keyboard.press("Enter");
        await page.waitForURL(/queue=volume-error&at=1$/);

        await page.goto(`${origin}/review`);
        await page.focus("select[name=dataset]");
        await page.keyboard.press("p");
        await page.keyboard.press("Tab");
        await page.keyboard.press("Tab");
        await page.keyboard.press("Tab");
        await page.keyboard.press("Enter");
        await page.waitForURL(/dataset=[0-9a-f]+/);
        expect(
          await page.locator("select[name=dataset] option:checked")
            .textContent(),
        ).toBe("Phantoms");
        for (const theme of THEMES) {
          for (const width of WIDTHS) {
            await takePicture(page, "review-narrowed", theme, width);
            expect(await seriousFindings(page)).toEqual([]);
            expect(await overflowPixels(page)).toBe(0);
          }
        }
        expect(problems).toEqual([]);
      });
    });
  },
);
