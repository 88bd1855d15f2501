/** @module Tables that have many columns, on a wide page and on a narrow one. */
import { expect } from "@std/expect";
import type { Page } from "playwright-core";
import { z } from "zod";
import type { ComparedMetrics } from "../../shared/metrics/case_metrics.ts";
import { FileStore } from "../../shared/storage/file_store.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import {
  compared,
  putCheckpoint,
  putResult,
  putRun,
  putSummary,
} from "../shared/catalog/homes.ts";
import {
  overflowPixels,
  seriousFindings,
  takePicture,
  testWithBrowser,
  THEMES,
  WIDTHS,
} from "../support/browser.ts";
import { CASES, openCase, testCases } from "../support/case_browser.ts";
import { caseIdOf } from "../support/case_home.ts";
import { caseOf } from "../support/runs.ts";
import {
  untilIndexed,
  withServedDashboard,
} from "../support/serve_dashboard.ts";
import { withFolder } from "../support/temporary_folder.ts";

const DICE = [0.61, 0.42, 0, 0.83, 0.97, 0.55, 0.12, 0.9];

/** Figures as wide as they get: two classes, thousands of millilitres, a case without tumour, long names. */
export async function fillWideHome(store: ObjectStore): Promise<void> {
  const names = ["ma3dseg-hecktor", "uxnet3d_hecktor_all_folds_2026-01-09"];
  for (const [n, name] of names.entries()) {
    const runId = `2026011${n}T030405Z-00000${n}`;
    const sha256 = String(n).repeat(64);
    await putRun(store, runId, {
      classes: ["background", "tumour", "lymph node"],
      dataset: { name: "HECKTOR 2022", location: "s3://scans/hecktor2022" },
      checkpoints: [{
        name,
        location: `s3://home/checkpoints/${name}.safetensors`,
        sha256,
      }],
      cases: DICE.map((_, at) => ({ ...caseOf(`CHUM-${at}`), fold: at % 2 })),
    });
    const metrics = DICE.map(wideCase);
    for (const [at, one] of metrics.entries()) {
      await putResult(store, runId, `CHUM-${at}`, one);
    }
    await putSummary(store, runId, metrics);
    await putCheckpoint(store, name, sha256, {
      fold: 0,
      dataset: "HECKTOR 2022",
    });
  }
}

function wideCase(dice: number, at: number): ComparedMetrics {
  const [plain] = compared(dice).classes;
  const one = {
    ...plain!,
    ...(at === 6 && { outcome: "falseAlarm" as const }),
    hd95Mm: at === 2 || at === 6 ? null : 987.6 * dice,
    rvd: 17.25 * at,
    lesions: {
      ...plain!.lesions,
      falsePositiveMl: 9876.5 * dice,
      falseNegativeMl: 8765.4 * (1 - dice),
    },
  };
  return {
    ...compared(dice),
    classes: ["tumour", "lymph node"].map((name) => ({ ...one, name })),
  };
}

/** By how many pixels the content of an element is wider than its frame. */
async function hiddenPixels(page: Page, selector: string): Promise<number> {
  return z.number().parse(
    await page.evaluate(`(() => {
      const frame = document.querySelector(${JSON.stringify(selector)});
      return frame.scrollWidth - frame.clientWidth;
    })()`),
  );
}

const RESULTS = '[aria-label="Results on HECKTOR 2022"]';

testWithBrowser(
  "the overview's metrics stand side by side at 1280 pixels, and beside their checkpoint at 390",
  async ({ page, problems }) => {
    await withFolder(async (home) => {
      await fillWideHome(new FileStore(home));
      await withServedDashboard(home, async ({ origin, link }) => {
        await page.goto(link());
        await untilIndexed(page);
        await page.goto(`${origin}/`);
        await page.waitForSelector(".chart[data-kind=boxes][data-drawn]");
        for (const theme of THEMES) {
          for (const width of WIDTHS) {
            await takePicture(page, "overview-wide", theme, width);
            expect(await overflowPixels(page)).toBe(0);
            expect(await seriousFindings(page)).toEqual([]);
          }
        }
        await page.setViewportSize({ width: 1280, height: 800 });
        expect(await page.locator(`${RESULTS} thead th`).count()).toBe(12);
        expect(await hiddenPixels(page, RESULTS)).toBe(0);
        await page.setViewportSize({ width: 390, height: 844 });
        expect(await hiddenPixels(page, RESULTS)).toBeGreaterThan(0);
        const frame = page.locator(RESULTS);
        await frame.evaluate((table) => table.scrollLeft = 10_000);
        const left = async (selector: string) =>
          (await frame.locator(selector).first().boundingBox())?.x ?? NaN;
        for (const head of ["thead th", "tbody th"]) {
          const from = (await frame.boundingBox())?.x ?? NaN;
          expect(Math.abs(await left(head) - from)).toBeLessThan(2);
        }
        expect(problems).toEqual([]);
      });
    });
  },
);

testCases(
  "all that is known of a lesion fits beside it at 390 pixels",
  { cases: 1 },
  async ({ page, origin }) => {
    await openCase(
      page,
      `${origin}${CASES}/${encodeURIComponent(caseIdOf(0))}`,
    );
    const table = page.locator("#lesions table");
    await table.waitFor();
    for (const theme of THEMES) {
      await takePicture(page, "lesions", theme, 390);
      expect(await seriousFindings(page)).toEqual([]);
    }
    expect(await table.locator("thead th").count()).toBe(6);
    expect(await hiddenPixels(page, "#lesions .table")).toBe(0);
    expect(await overflowPixels(page)).toBe(0);
  },
);
