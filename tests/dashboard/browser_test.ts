/** @module The frame of the dashboard in a real browser. */
import { expect } from "@std/expect";
import { z } from "zod";
import { createToken } from "../../dashboard/auth/tokens.ts";
import { NAVIGATION } from "../../dashboard/views/layout.tsx";
import { openStore } from "../../shared/storage/open_store.ts";
import {
  overflowPixels,
  seriousFindings,
  takePicture,
  testWithBrowser,
  THEMES,
  WIDTHS,
} from "../support/browser.ts";
import { withServedDashboard } from "../support/serve_dashboard.ts";
import { withFolder } from "../support/temporary_folder.ts";

testWithBrowser(
  "a login link opens the overview, in both themes and widths",
  async ({ page, context, problems }) => {
    await withFolder((home) =>
      withServedDashboard(home, async ({ origin, link }) => {
        await page.goto(link());
        expect(page.url()).toBe(`${origin}/`);
        expect(await page.title()).toBe("Overview · Uptake");
        expect(await page.textContent("h1")).toBe("Overview");
        const [cookie] = await context.cookies();
        expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict" });
        const grounds = new Set<unknown>();
        for (const theme of THEMES) {
          for (const width of WIDTHS) {
            await takePicture(page, "overview-empty", theme, width);
            expect(await seriousFindings(page)).toEqual([]);
            expect(await overflowPixels(page)).toBe(0);
            grounds.add(await page.evaluate(GROUND));
          }
        }
        expect(grounds.size).toBe(2);
        await expect(page.textContent("#index-age")).resolves.toMatch(
          /^As of \d+ s ago$|^Indexing$/,
        );
        expect(problems).toEqual([]);
      })
    );
  },
);

testWithBrowser(
  "whoever has no session gets the login page, and comes in by a token",
  async ({ page, problems }) => {
    await withFolder((home) =>
      withServedDashboard(home, async ({ origin }) => {
        await page.goto(`${origin}/runs`);
        expect(await page.textContent("h1")).toBe("Log in");
        // The browser itself reports that the answer was a refusal.
        expect(problems.splice(0).join()).toContain("401");
        for (const theme of THEMES) {
          for (const width of WIDTHS) {
            await takePicture(page, "login", theme, width);
            expect(await seriousFindings(page)).toEqual([]);
            expect(await overflowPixels(page)).toBe(0);
          }
        }
        await page.fill("input[name=token]", "uptake_wrong");
        await page.keyboard.press("Enter");
        await page.waitForSelector("[role=alert]");
        expect(await page.textContent("[role=alert]")).toBe(
          "These credentials are not accepted.",
        );
        const { token } = await createToken(
          openStore(home),
          { name: "anna", role: "viewer", days: 1 },
          new Date(),
        );
        await page.goto(`${origin}/`);
        await page.fill("input[name=token]", token);
        await page.click("button.button");
        await page.waitForURL(`${origin}/`);
        await page.waitForSelector("nav");
        expect(await page.textContent(".bottom form")).toContain(
          "anna, viewer",
        );
        problems.length = 0;
        await page.click("button.link");
        await page.waitForURL(`${origin}/login`);
        expect(problems).toEqual([]);
      })
    );
  },
);

testWithBrowser(
  "the theme switch works at once, and is kept without a flash",
  async ({ page, problems }) => {
    await withFolder((home) =>
      withServedDashboard(home, async ({ link }) => {
        await page.emulateMedia({ colorScheme: "light" });
        await page.goto(link());
        const light = await page.evaluate(GROUND);
        await page.selectOption("#theme", "dark");
        const dark = await page.evaluate(GROUND);
        expect(dark).not.toBe(light);
        await page.reload({ waitUntil: "commit" });
        expect(await page.getAttribute("html", "data-theme")).toBe("dark");
        await page.waitForLoadState();
        expect(await page.evaluate(GROUND)).toBe(dark);
        expect(await page.inputValue("#theme")).toBe("dark");
        expect(problems).toEqual([]);
      })
    );
  },
);

testWithBrowser(
  "the keyboard reaches the content, the navigation and the switch",
  async ({ page, problems }) => {
    await withFolder((home) =>
      withServedDashboard(home, async ({ link }) => {
        await page.goto(link());
        await page.waitForSelector("label.theme:not([hidden])");
        const expected = [
          "Skip to the content",
          "Uptake",
          ...NAVIGATION.map(({ name }) => name),
          "theme",
        ];
        const reached: unknown[] = [];
        for (const _ of expected) {
          await page.keyboard.press("Tab");
          const { name, outline } = focusedSchema.parse(
            await page.evaluate(FOCUSED),
          );
          reached.push(name);
          expect(outline).toBe("solid 3px");
        }
        expect(reached).toEqual(expected);
        await page.focus(".skip");
        await page.keyboard.press("Enter");
        // The browser moves the focus with its next frame.
        await page.waitForSelector("#content:focus");
        expect(problems).toEqual([]);
      })
    );
  },
);

const GROUND = "getComputedStyle(document.documentElement).backgroundColor";
const FOCUSED = `(() => {
  const element = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  return {
    name: element.id || element.textContent.trim(),
    outline: outlineStyle + " " + outlineWidth,
  };
})()`;
const focusedSchema = z.object({ name: z.string(), outline: z.string() });
