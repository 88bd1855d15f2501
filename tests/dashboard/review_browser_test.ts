/** @module The form of a review in a real browser: what goes with what, and drafts. */
import { expect } from "@std/expect";
import type { Page } from "playwright-core";
import {
  CASES,
  openCase,
  testCases,
  untilText,
} from "../support/case_browser.ts";

const FIRST = `${CASES}/scan%2001`;

async function openForm(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.waitForSelector("#help-button:not([hidden])");
}

async function formOf(page: Page): Promise<unknown> {
  return await page.$$eval(
    "#review :checked, #review textarea",
    (fields) =>
      fields.map((field) => (field as unknown as { value: string }).value),
  );
}

async function nDrafts(page: Page): Promise<number> {
  return await page.evaluate("sessionStorage.length") as number;
}

testCases(
  "a review that is not saved comes back, until it is saved or its reviewer logs out",
  { cases: 2 },
  async ({ page, origin, problems }) => {
    const url = `${origin}${FIRST}?sort=caseId`;
    await openForm(page, url);
    await page.keyboard.press("r");
    await page.keyboard.press("2");
    await page.keyboard.press("c");
    await page.keyboard.type("bladder, and");
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await page.waitForURL(/scan%2002/);
    await page.waitForSelector("#help-button:not([hidden])");
    expect(await formOf(page)).toEqual([""]);
    await page.keyboard.press("k");
    await page.waitForURL(/scan%2001/);
    await untilText(page, "#draft", "Draft restored.");
    expect(await formOf(page)).toEqual([
      "reject",
      "falseLesion",
      "bladder, and",
    ]);
    await page.keyboard.press("Enter");
    await page.waitForURL(/saved=/);
    expect(await nDrafts(page)).toBe(0);
    await openForm(page, url);
    expect(await formOf(page)).toEqual([""]);

    await page.keyboard.press("f");
    expect(await nDrafts(page)).toBe(1);
    // As if the session had ended, and another person had logged in in the same tab.
    await page.evaluate(`(() => {
      const key = sessionStorage.key(0);
      const person = document.querySelector("#person").textContent;
      sessionStorage.setItem(
        key.slice(0, -person.length) + "another",
        sessionStorage.getItem(key),
      );
      sessionStorage.removeItem(key);
    })()`);
    await openForm(page, url);
    expect(await formOf(page)).toEqual([""]);
    expect(await nDrafts(page)).toBe(1);
    await page.click('form[action="/logout"] button');
    await page.waitForURL(/login/);
    expect(await nDrafts(page)).toBe(0);
    expect(problems).toEqual([]);
  },
);

testCases(
  "a reason changes no verdict: beside Accept it is refused, beside none it is one to fix",
  { cases: 1 },
  async ({ page, origin, problems }) => {
    await openForm(page, `${origin}${FIRST}`);
    await page.keyboard.press("a");
    await page.keyboard.press("1");
    expect(await formOf(page)).toEqual(["accept", ""]);
    expect(await page.textContent("#reason-needed"))
      .toBe("Reasons belong to Fix and Reject");
    await page.keyboard.press("r");
    expect(await page.textContent("#reason-needed")).toBe("");
    await page.keyboard.press("1");
    expect(await formOf(page)).toEqual(["reject", "missedLesion", ""]);
    await page.keyboard.press("a");
    await page.keyboard.press("Enter");
    await page.waitForURL(/saved=/);
    await openForm(page, `${origin}${FIRST}`);
    expect(await page.textContent(".history li strong")).toBe("Accepted");
    await page.keyboard.press("3");
    expect((await formOf(page) as string[])[0]).toBe("fix");
    expect(problems).toEqual([]);
  },
);

testCases(
  "Enter saves after the mouse touched lesions and buttons, and still presses what Tab led to",
  { cases: 1 },
  async ({ page, origin, problems }) => {
    const url = `${origin}${FIRST}`;
    const focused = () => page.evaluate("document.activeElement.id");
    await openCase(page, url);
    await page.waitForSelector("#lesions tbody tr");
    for (
      const selector of ["#zoom-in", "#lesion-next", "#lesion-name"]
    ) {
      await page.click(selector);
      expect(await page.evaluate("document.activeElement.tagName")).toBe(
        "BODY",
      );
    }
    await page.focus("#zoom-in");
    await page.keyboard.press("Enter");
    expect(await focused()).toBe("zoom-in");
    await page.click("#lesions tbody button");
    await page.keyboard.press("a");
    await page.keyboard.press("Enter");
    await page.waitForURL(/saved=/);
    await openForm(page, url);
    expect(await page.textContent(".history li strong")).toBe("Accepted");
    expect(problems).toEqual([]);
  },
);
