/** @module Cases in a real browser: what the viewer draws, and reviewing by the keyboard alone. */
import { expect } from "@std/expect";
import type { Page } from "playwright-core";
import { reviewSchema } from "../../shared/runs/reviews.ts";
import {
  overflowPixels,
  seriousFindings,
  takePicture,
  THEMES,
  WIDTHS,
} from "../support/browser.ts";
import {
  CASES,
  countLike,
  openCase,
  pixelsOf,
  testCases,
  untilText,
} from "../support/case_browser.ts";
import { RUN_ID } from "../support/case_home.ts";

const MASK_COLOUR = [230, 120, 0];

testCases(
  "the viewer shows the scan, the mask at its place, and what was missed",
  { cases: 1 },
  async ({ page, origin, problems }) => {
    await openCase(page, `${origin}${CASES}/scan%2001`);
    const planes = await pixelsOf(page, "#planes");
    const greys = new Set(
      planes.filter(([r, g, b]) => r === g && g === b).map(([r]) => r),
    );
    expect(greys.size).toBeGreaterThan(50);
    const mip = await pixelsOf(page, "#mip");
    expect(countLike(mip, [0, 0, 0], 10)).toBeGreaterThan(100);
    expect(countLike(mip, MASK_COLOUR)).toBeGreaterThan(20);

    // Filled, and without the label, the crosshair's lesion has the mask's colour in all planes.
    await page.waitForSelector("#lesions tbody tr");
    await page.keyboard.press("o");
    await page.uncheck("#show-label");
    const rows = page.locator("#lesions tbody tr");
    await rows.filter({ hasText: "False" }).first().click();
    await untilText(page, "#position", "in the mask");
    const withMask = await pixelsOf(page, "#planes");
    await page.uncheck("#show-mask");
    const without = await pixelsOf(page, "#planes");
    const changed = withMask.filter((pixel, n) =>
      pixel.some((value, at) => Math.abs(value - without[n]![at]!) > 20)
    );
    expect(changed.length).toBeGreaterThan(50);
    // The mask's orange lies over the greys: more red than blue.
    expect(changed.every(([r, , b]) => r! > b!)).toBe(true);
    expect(changed.filter(([r, , b]) => r! - b! > 60).length)
      .toBeGreaterThan(50);

    // In the difference a missed lesion is red.
    await page.check("#show-mask");
    await page.check("#show-label");
    await page.keyboard.press("d");
    await rows.filter({ hasText: "Missed" }).first().click();
    await untilText(page, "#position", "in the label");
    const red = (await pixelsOf(page, "#planes")).filter(([r, g, b]) =>
      r! - g! > 60 && r! - b! > 60
    );
    expect(red.length).toBeGreaterThan(20);
    expect(await page.textContent("#legend")).toBe("MissedFalseAgreement");
    expect(problems).toEqual([]);
  },
);

testCases(
  "a click on the projection, and the lesion keys, move the crosshair",
  { cases: 1 },
  async ({ page, origin, problems }) => {
    await openCase(page, `${origin}${CASES}/scan%2001`);
    await page.waitForSelector("#lesions tbody tr");
    const position = async () => (await page.textContent("#position"))!;
    const start = await position();
    await page.keyboard.press("n");
    await untilOther(page, start);
    const first = await position();
    await page.keyboard.press("n");
    await untilOther(page, first);
    await page.keyboard.press("p");
    await untilText(page, "#position", first);
    const box = (await page.locator("#mip").boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await untilOther(page, first);
    expect(await position()).toMatch(
      /^R -?\d+, A -?\d+, S -?\d+ mm · SUV \d+\.\d{1,2}/,
    );
    expect(problems).toEqual([]);
  },
);

testCases(
  "a review by the keyboard alone lands in the store, and the next case follows",
  { cases: 3 },
  async ({ page, origin, home, problems }) => {
    await page.goto(`${origin}/review?kind=unreviewed&run=${RUN_ID}`);
    await page.waitForSelector("#start:focus");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/cases\/scan%2001\?queue=unreviewed/);
    await page.waitForSelector("#help-button:not([hidden])");
    await page.keyboard.press("?");
    expect(await page.locator("#help").isVisible()).toBe(true);
    await page.keyboard.press("Escape");
    // Not accepted, but why?
    await page.keyboard.press("r");
    await page.keyboard.press("Enter");
    await untilText(page, "#reason-needed", "Choose one");
    await page.keyboard.press("2");
    await page.keyboard.press("c");
    await page.keyboard.type("bladder");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/cases\/scan%2002\?/);
    expect(await page.textContent("#saved")).toBe(
      "The review of scan 01 is saved.",
    );
    await page.waitForSelector("#help-button:not([hidden])");
    await page.keyboard.press("j");
    await page.waitForURL(/\/cases\/scan%2003\?/);
    await page.waitForSelector("#help-button:not([hidden])");
    await page.keyboard.press("a");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/review\?/);
    const keys: string[] = [];
    for await (const { key } of home.list(`runs/${RUN_ID}/reviews/`)) {
      keys.push(key);
    }
    const reviews = await Promise.all(keys.map(async (key) => {
      const { body } = (await home.get(key))!;
      return reviewSchema.parse(JSON.parse(new TextDecoder().decode(body)));
    }));
    expect(
      reviews.map(({ caseId, verdict, reason, comment }) => [
        caseId,
        verdict,
        reason,
        comment,
      ]),
    ).toEqual([
      ["scan 01", "reject", "falseLesion", "bladder"],
      ["scan 03", "accept", null, ""],
    ]);
    expect(problems).toEqual([]);
  },
);

testCases(
  "pages of cases fit and read well in both themes and widths",
  { cases: 4, done: 3, shape: [64, 64, 100], spacingMm: [7, 7, 9] },
  async ({ page, origin, problems }) => {
    await page.goto(`${origin}${CASES}`);
    await everyLook(page, "cases");
    await page.goto(`${origin}/review`);
    await everyLook(page, "review");
    await openCase(page, `${origin}${CASES}/scan%2001`);
    await page.waitForSelector("#lesions tbody tr");
    await page.keyboard.press("n");
    await everyLook(page, "case");
    await page.goto(`${origin}${CASES}/scan%2004`);
    await everyLook(page, "case-open");
    expect(problems).toEqual([]);
  },
);

testCases(
  "an image that cannot be shown gives a message instead of a blank canvas",
  { cases: 2, done: 0 },
  async ({ page, origin, home, problems }) => {
    await home.put("scans/scan 01.nii.gz", new Uint8Array(1000).fill(7));
    await page.goto(`${origin}${CASES}/scan%2001`);
    expect(await page.textContent("#stage-text")).toContain("cannot be read");
    await home.delete("scans/scan 02.nii.gz");
    await page.goto(`${origin}${CASES}/scan%2002`);
    expect(await page.textContent("#stage-text")).toBe(
      "The image is not where the record says.",
    );
    expect(problems).toEqual([]);
  },
);

/** Waits until the crosshair is somewhere else. */
async function untilOther(page: Page, text: string): Promise<void> {
  await page.locator(`#position:not(:text-is(${JSON.stringify(text)}))`)
    .waitFor();
}

async function everyLook(page: Page, name: string): Promise<void> {
  for (const theme of THEMES) {
    for (const width of WIDTHS) {
      await takePicture(page, name, theme, width);
      expect(await seriousFindings(page)).toEqual([]);
      expect(await overflowPixels(page)).toBe(0);
    }
  }
}
