/** @module The viewer by the keyboard alone, in a real browser. */
import { expect } from "@std/expect";
import { CASES, openCase, testCases } from "../support/case_browser.ts";
import { caseIdOf } from "../support/case_home.ts";

const CASE = `${CASES}/${encodeURIComponent(caseIdOf(0))}`;

testCases(
  "everything in the viewer can be done by keys, and the focus shows",
  { cases: 2 },
  async ({ page, origin, problems }) => {
    await openCase(page, `${origin}${CASE}?sort=caseId`);
    await page.waitForSelector("#lesions tbody tr");
    const { keyboard } = page;
    const legend = () => page.textContent("#legend");
    expect(await page.inputValue("#mode")).toBe("outline");
    await keyboard.press("o");
    expect(await page.inputValue("#mode")).toBe("fill");
    expect(await legend()).toBe("MaskLabelBoth");
    await keyboard.press("d");
    expect(await legend()).toBe("MissedFalseAgreement");
    await keyboard.press("h");
    expect(await legend()).toBe("");
    await keyboard.press("h");
    await keyboard.press("l");
    expect(await legend()).toBe("Mask");
    await keyboard.press("m");
    expect(await legend()).toBe("");
    for (
      const name of [
        "SUV 0 to 10",
        "SUV 0 to 15",
        "SUV 0 to 20",
        "SUV 0 to 30",
        "99.9th percentile",
        "All values",
        "SUV 0 to 5",
      ]
    ) {
      await keyboard.press("w");
      expect(await page.inputValue("#window")).toBe(name);
    }
    await keyboard.press("i");
    expect(await page.getAttribute("#viewer", "class")).toContain(
      "white-on-dark",
    );
    const row = page.locator("#lesions tr[aria-current]");
    expect(await row.textContent()).toMatch(/^2False/);
    await keyboard.press("n");
    expect(await row.textContent()).toMatch(/^3/);
    await keyboard.press("p");
    await keyboard.press("p");
    expect(await row.textContent()).toMatch(/^1Missed/);
    const place = () => page.textContent("#position");
    const [, x, z] = /R (-?\d+), A -?\d+, S (-?\d+)/.exec((await place())!)!;

    // Tab goes through the toolbar into the planes, and shows where it is.
    await page.focus("#window");
    const reached: unknown[] = [];
    while (reached.at(-1) !== "planes") {
      await keyboard.press("Tab");
      const [id, outline] = await page.evaluate(FOCUSED) as string[];
      reached.push(id);
      expect(outline).toBe("solid 3px");
    }
    expect(reached).toEqual([
      "window-from",
      "window-to",
      "view",
      "mode",
      "show-mask",
      "show-label",
      "planes",
    ]);
    // The voxels are 10 mm wide and 12 mm high: left is the patient's right.
    await keyboard.press("ArrowLeft");
    await page.locator("#position", { hasText: `R ${Number(x) + 10}, ` })
      .waitFor();
    await keyboard.press("ArrowDown");
    await page.locator("#position", { hasText: `S ${Number(z) - 12} mm` })
      .waitFor();
    // A letter is the page's there, too, and no key of the planes.
    const before = await place();
    await keyboard.press("d");
    expect(await page.inputValue("#mode")).toBe("difference");
    expect(await place()).toBe(before);

    await keyboard.press("?");
    expect(await page.textContent("#help")).toContain("Outlines or fills");
    await keyboard.press("Escape");
    await keyboard.press("j");
    await page.waitForURL(/scan%2002/);
    await page.waitForSelector("#help-button:not([hidden])");
    await keyboard.press("k");
    await page.waitForURL(/scan%2001/);
    expect(problems).toEqual([]);
  },
);

const FOCUSED = `(() => {
  const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
  return [document.activeElement.id, outlineStyle + " " + outlineWidth];
})()`;
