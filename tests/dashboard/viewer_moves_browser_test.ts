/** @module Going about in the viewer in a real browser: where it starts, what lesions lead to, windows and zoom. */
import { expect } from "@std/expect";
import { decode } from "fast-png";
import type { Page } from "playwright-core";
import {
  CASES,
  countLike,
  openCase,
  pixelsOf,
  testCases,
  untilText,
} from "../support/case_browser.ts";

const FIRST = `${CASES}/scan%2001`;
const BLACK = [0, 0, 0];

async function openWithLesions(page: Page, url: string): Promise<void> {
  await openCase(page, url);
  await page.waitForSelector("#lesions tbody tr[aria-current]");
}

async function crosshairMm(page: Page): Promise<[number, number, number]> {
  const text = await page.textContent("#position");
  const [, x, y, z] = /R (-?\d+), A (-?\d+), S (-?\d+)/.exec(text!)!;
  return [Number(x), Number(y), Number(z)];
}

/** The middle of what is missed, in pixels of a picture of the planes. */
async function redMiddle(page: Page): Promise<readonly [number, number]> {
  const { data, channels, width } = decode(
    await page.locator("#planes").screenshot(),
  );
  let [n, sumX, sumY] = [0, 0, 0];
  for (let at = 0; at < data.length / channels; at++) {
    if (!isRed([...data.subarray(at * channels, at * channels + 3)])) continue;
    n++;
    sumX += at % width;
    sumY += Math.floor(at / width);
  }
  expect(n).toBeGreaterThan(20);
  return [sumX / n, sumY / n];
}

function isRed([r, g, b]: number[]): boolean {
  return r! - g! > 60 && r! - b! > 60;
}

testCases(
  "the crosshair starts at the largest error, and stands on voxels only",
  { cases: 1 },
  async ({ page, origin, made, problems }) => {
    await openWithLesions(page, `${origin}${FIRST}`);
    // What the mask has too much is larger than what it lacks.
    const [missed, wrong] = await page.$$eval(
      "#lesions tbody tr",
      (rows) => rows.map((row) => row.textContent),
    );
    expect(missed).toMatch(/^1Missed/);
    expect(wrong).toMatch(/^2False/);
    expect(await page.textContent("#lesions tr[aria-current]")).toBe(wrong);
    expect(await page.textContent("#position")).toMatch(/ · in the mask$/);
    expect(await page.textContent("#lesion-name"))
      .toMatch(/^Lesion 2 of \d+, false$/);
    const { affine } = made[0]!.image;
    const box = (await page.locator("#planes").boundingBox())!;
    const places = new Set<string>();
    for (const share of [0.13, 0.17, 0.22, 0.29, 0.31]) {
      await page.mouse.click(
        box.x + box.width * share,
        box.y + box.height * share,
      );
      const mm = await crosshairMm(page);
      places.add(mm.join());
      // The voxels' axes are the world's.
      mm.forEach((at, axis) => {
        const voxel = (at - affine[4 * axis + 3]!) / affine[5 * axis]!;
        expect(Math.abs(voxel - Math.round(voxel))).toBeLessThan(0.06);
      });
    }
    expect(places.size).toBeGreaterThan(2);
    expect(problems).toEqual([]);
  },
);

testCases(
  "whatever leads to a lesion shows it, on wide and narrow pages",
  { cases: 1 },
  async ({ page, origin, problems }) => {
    await page.emulateMedia({ reducedMotion: "reduce" });
    for (const [width, height] of [[1280, 900], [390, 844]] as const) {
      await page.setViewportSize({ width, height });
      await openWithLesions(page, `${origin}${FIRST}`);
      const seen = async () => {
        const { y, height: tall } = (await page.locator("#stage")
          .boundingBox())!;
        return y >= 0 && y + tall <= height;
      };
      const last = page.locator("#lesions tbody button").last();
      await last.scrollIntoViewIfNeeded();
      expect(await seen()).toBe(false);
      await last.press("Enter");
      const count = await page.locator("#lesions tbody tr").count();
      await untilText(page, "#lesion-name", `Lesion ${count} of ${count}, `);
      expect(await seen()).toBe(true);
      // Who goes through the table by keys goes on there.
      expect(await last.evaluate((button) => button.matches(":focus")))
        .toBe(true);
      await page.locator("#lesion-name").click();
      expect(await seen()).toBe(false);
      await page.keyboard.press("n");
      await untilText(page, "#lesion-name", "Lesion 1 of ");
      expect(await seen()).toBe(true);
      await page.click("#lesion-next");
      await untilText(page, "#lesion-name", "Lesion 2 of ");
    }
    expect(problems).toEqual([]);
  },
);

testCases(
  "a window of one's own is typed, and a named one fills the fields",
  { cases: 1 },
  async ({ page, origin, problems }) => {
    await openWithLesions(page, `${origin}${FIRST}`);
    await page.selectOption("#mode", "none");
    const dark = async () => countLike(await pixelsOf(page, "#planes"), BLACK);
    expect(await page.inputValue("#window-to")).toBe("5");
    const atFive = await dark();
    await page.selectOption("#window", "SUV 0 to 30");
    expect(await page.inputValue("#window-to")).toBe("30");
    const atThirty = await dark();
    expect(atFive).toBeGreaterThan(atThirty);
    // A digit that is typed is no reason.
    await page.fill("#window-to", "");
    await page.locator("#window-to").pressSequentially("1");
    await page.keyboard.press("Enter");
    expect(await page.inputValue("#window")).toBe("own");
    expect(await page.locator("#review :checked").count()).toBe(0);
    expect(await dark()).toBeGreaterThan(atFive);
    await page.fill("#window-from", "3");
    await page.keyboard.press("Tab");
    expect(await page.locator("#window-to:invalid").count()).toBe(1);
    await page.selectOption("#window", "SUV 0 to 30");
    expect(await page.locator("#window-to:invalid").count()).toBe(0);
    expect(await dark()).toBe(atThirty);
    expect(problems).toEqual([]);
  },
);

testCases(
  "zoom goes around the crosshair by keys, wheel and buttons; drags shift; page keys go through the plane",
  { cases: 1 },
  async ({ page, origin, problems }) => {
    await openWithLesions(page, `${origin}${FIRST}`);
    await page.selectOption("#mode", "difference");
    await page.keyboard.press("p");
    await untilText(page, "#lesion-name", "missed");
    const red = async () =>
      (await pixelsOf(page, "#planes")).filter(isRed).length;
    const place = await page.textContent("#position");
    const far = await red();
    expect(far).toBeGreaterThan(0);
    await page.keyboard.press("+");
    await page.keyboard.press("+");
    // Enlarged 2.25 times, it is about 5 times as large; some may lie beyond the edge.
    expect(await red()).toBeGreaterThan(2.5 * far);
    await page.keyboard.press("-");
    await page.keyboard.press("0");
    expect(await red()).toBe(far);
    await page.click("#zoom-in");
    expect(await red()).toBeGreaterThan(far);
    await page.click("#zoom-reset");

    const box = (await page.locator("#planes").boundingBox())!;
    const [x, y] = [box.x + box.width * 0.2, box.y + box.height * 0.2];
    await page.mouse.move(x, y);
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -240);
    await page.keyboard.up("Control");
    expect(await red()).toBeGreaterThan(far);
    expect(await page.textContent("#position")).toBe(place);
    await page.keyboard.press("0");
    expect(await red()).toBe(far);

    await page.selectOption("#view", "coronal");
    for (const button of ["right", "middle"] as const) {
      const from = await redMiddle(page);
      await page.mouse.move(x, y);
      await page.mouse.down({ button });
      await page.mouse.move(x + 60, y + 40, { steps: 4 });
      await page.mouse.up({ button });
      const to = await redMiddle(page);
      expect(Math.abs(to[0] - from[0] - 60)).toBeLessThan(4);
      expect(Math.abs(to[1] - from[1] - 40)).toBeLessThan(4);
      expect(await page.textContent("#position")).toBe(place);
    }
    await page.keyboard.press("0");

    // The voxels are 10 x 10 x 12 mm.
    const [r, a, s] = await crosshairMm(page);
    const wanted = {
      axial: [r, a, s + 12],
      coronal: [r, a + 10, s + 12],
      sagittal: [r + 10, a + 10, s + 12],
    };
    for (const [view, mm] of Object.entries(wanted)) {
      await page.selectOption("#view", view);
      await page.focus("#planes");
      await page.keyboard.press("PageUp");
      expect(await crosshairMm(page)).toEqual(mm);
    }
    // Without Ctrl the wheel goes through the slices: a notch, a slice.
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.wheel(0, 120);
    await untilText(page, "#position", `R ${r}, A ${a + 10}, S ${s + 12} mm`);
    expect(problems).toEqual([]);
  },
);
