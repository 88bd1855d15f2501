/** @module Registering a checkpoint, planning and starting a run in a real browser. */
import { expect } from "@std/expect";
import type { Page } from "playwright-core";
import type { Schedule } from "../../shared/runs/home/records.ts";
import { writeRecord } from "../../shared/runs/record_io.ts";
import { FileStore } from "../../shared/storage/file_store.ts";
import {
  overflowPixels,
  seriousFindings,
  takePicture,
  testWithBrowser,
  THEMES,
  WIDTHS,
} from "../support/browser.ts";
import { operationsOf, withDataset } from "../support/operations.ts";
import { withServedDashboard } from "../support/serve_dashboard.ts";

const NIGHTLY: Schedule = {
  format: 1,
  name: "nightly",
  keptBy: "process",
  cron: "0 2 * * *",
  timeZone: "Europe/Berlin",
  datasets: ["s3://bucket/ecpc-ids", "s3://bucket/hecktor-2022"],
  nextAt: "2026-01-02T01:00:00.000Z",
  lastStartedAt: "2026-01-01T01:00:00.000Z",
  lastEndedAt: "2026-01-01T02:30:00.000Z",
  lastExitCode: 4,
};

/** Its job was killed: it began, and did not end by its next time. */
const CRON_JOB: Schedule = {
  ...NIGHTLY,
  name: "weekly-of-the-cluster",
  keptBy: "elsewhere",
  cron: "cron(0 2 ? * MON *)",
  lastStartedAt: "2026-01-01T02:31:00.000Z",
};

/** In both themes and widths: nothing serious for axe-core, no scrolling sideways. */
async function look(page: Page, name: string): Promise<void> {
  for (const theme of THEMES) {
    for (const width of WIDTHS) {
      await takePicture(page, name, theme, width);
      expect(await seriousFindings(page)).toEqual([]);
      expect(await overflowPixels(page)).toBe(0);
    }
  }
}

testWithBrowser(
  "an operator registers a checkpoint, plans a run, starts it and arrives at its page, where workers end it",
  async ({ page, problems }) => {
    await withDataset((folder) =>
      withServedDashboard(`${folder}/home`, async ({ origin, link }) => {
        await page.goto(link());
        await page.click("text=Checkpoints");
        await look(page, "checkpoints-empty");

        const garbage = `${folder}/garbage.safetensors`;
        await Deno.writeTextFile(garbage, "no checkpoint at all");
        await page.setInputFiles("input[type=file]", garbage);
        await page.click("#upload button");
        await page.locator("#upload-state.bad").waitFor();
        expect(await page.textContent("#upload-state")).toContain(
          "The safetensors file has another format",
        );
        await look(page, "checkpoints-refused");
        // The browser itself reports that the answer was a refusal.
        expect(problems.splice(0).join()).toContain("422");

        await page.setInputFiles(
          "input[type=file]",
          `${folder}/nano.safetensors`,
        );
        await page.fill("input[name=family]", "tiny");
        await page.click("#upload button");
        await page.locator("th a:has-text('nano')").waitFor();
        await look(page, "checkpoints");

        await page.click("th a:has-text('nano')");
        expect(await page.isChecked("input[name=checkpoint]")).toBe(true);
        await page.selectOption(
          "select[name=dataset]",
          `file://${folder}/data`,
        );
        await page.click("summary:text-is('Options')");
        await page.fill("input[name=overlap]", "0.25");
        await look(page, "submit");
        await page.click("button:text-is('Plan')");
        await page.waitForURL(/\/submit\?plan=/);
        expect(await page.textContent("main")).toContain(
          "imagesTr/missing.nii.gz",
        );
        await look(page, "plan");

        await page.click("button:text-is('Start')");
        await page.waitForURL(new RegExp(`^${origin}/runs/`));
        const runId = page.url().split("/").at(-1)!;
        await page.locator(".badge:text-is('Finished')").first().waitFor();
        const masks = Deno.readDirSync(`${folder}/home/runs/${runId}/masks`);
        expect([...masks].map(({ name }) => name).sort()).toEqual([
          "a.nii.gz",
          "b.nii.gz",
        ]);

        await writeRecord(
          new FileStore(`${folder}/home`),
          "schedules/nightly.json",
          NIGHTLY,
        );
        await writeRecord(
          new FileStore(`${folder}/home`),
          "schedules/cron-job.json",
          CRON_JOB,
        );
        await page.click("nav >> text=Schedules");
        await page.locator(".badge:text-is('Missed')").waitFor();
        await page.locator(".badge:text-is('Overdue')").waitFor();
        await look(page, "schedules");
        expect(problems).toEqual([]);
      }, operationsOf(folder, { workers: 1, datasetRoots: [folder] }))
    );
  },
);
