/** @module A real run from its start to its end, as a page that is left open shows it. */
import { expect } from "@std/expect";
import type { Page } from "playwright-core";
import { z } from "zod";
import { encodeNifti } from "../../shared/imaging/nifti/write.ts";
import { RESULTS, WORKERS } from "../../shared/runs/keys.ts";
import { FileStore } from "../../shared/storage/file_store.ts";
import { freezeTestRun } from "../support/batch.ts";
import {
  overflowPixels,
  takePicture,
  testWithBrowser,
} from "../support/browser.ts";
import { fillResultsHome, OPEN_RUN } from "../support/results_home.ts";
import { withFolder } from "../support/temporary_folder.ts";
import { compared, putResult } from "../shared/catalog/homes.ts";
import { withNanoCheckpoint } from "../support/command_line.ts";
import { PHANTOM, writeFiles } from "../support/datasets.ts";
import { operationsOf } from "../support/operations.ts";
import { wordsOf } from "../support/results_dashboard.ts";
import {
  untilIndexed,
  withServedDashboard,
} from "../support/serve_dashboard.ts";
import { startUptake } from "../support/uptake_process.ts";

const RUN_ID = "20260102T030405Z-000000";

/** A case of many windows: the deeper the scan, the longer it takes. */
function largeScan(depth: number): Uint8Array<ArrayBuffer> {
  const shape = [64, 64, depth] as const;
  return encodeNifti({
    data: Float32Array.from(
      { length: shape[0] * shape[1] * shape[2] },
      (_, n) => 1 + (n * 7919) % 13 / 2,
    ),
    shape,
    affine: [-4, 0, 0, 0, 0, -4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1],
  });
}

/** A run of two cases that are done quickly, one that takes its time and one that cannot be read. */
async function withRun(
  use: (folder: string, store: FileStore) => Promise<void>,
): Promise<void> {
  await withNanoCheckpoint(async (folder) => {
    await writeFiles(folder, {
      "scans/a.nii.gz": PHANTOM.image,
      "scans/b.nii.gz": PHANTOM.image,
      "scans/bad.nii.gz": "no image",
      // No worker is done with it before it is killed.
      "scans/large.nii.gz": largeScan(2048),
    });
    const store = new FileStore(`${folder}/home/runs/${RUN_ID}`);
    await freezeTestRun(store, folder, ["a", "b", "bad", "large"], {
      // Short, so that a dead worker's case is soon taken over, and windows are told of often.
      coordination: { kind: "claims", termSeconds: 6 },
      price: { perHour: 3600, currency: "EUR" },
      options: {
        overlap: 0.5,
        roi: [32, 32, 32],
        swBatch: 1,
        mode: "gaussian",
        tta: "mirror",
        minLesionMl: 0,
        saveProbabilities: false,
      },
    });
    await use(folder, store);
  });
}

/** What the page has shown since, each text once and in order; shifts that no press of a button explains. */
const seenSchema = z.object({
  leads: z.array(z.string()),
  /** Of the large case. */
  windows: z.array(z.string()),
  facts: z.record(z.string(), z.array(z.string())),
  live: z.array(z.string()),
  shift: z.number(),
});

const WATCH = `(() => {
  const seen = { leads: [], windows: [], facts: {}, live: [], shift: 0 };
  const add = (list, text) => {
    const plain = (text ?? "").replace(/\\s+/g, " ").trim();
    if (plain !== "" && list.at(-1) !== plain) list.push(plain);
  };
  const look = () => {
    add(seen.leads, document.querySelector("#progress .lead")?.textContent);
    for (const term of document.querySelectorAll("#progress dt")) {
      const name = term.textContent.trim();
      add(seen.facts[name] ??= [], term.nextElementSibling?.textContent);
    }
    for (const badge of document.querySelectorAll("#cases .badge.warn")) {
      const name = badge.closest("tr")?.querySelector("th")?.textContent;
      if (name === "large") add(seen.windows, badge.textContent);
    }
    add(seen.live, document.querySelector("#live")?.textContent);
  };
  look();
  new MutationObserver(look).observe(document.querySelector("main"), {
    subtree: true, childList: true, characterData: true,
  });
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput } of list.getEntries()) {
      if (!hadRecentInput) seen.shift += value;
    }
  }).observe({ type: "layout-shift" });
  window.uptakeSeen = seen;
})()`;

async function seen(page: Page) {
  return seenSchema.parse(await page.evaluate("uptakeSeen"));
}

/** Facts, and what they come to show. */
const SHOWN = [
  ["Rate", /\d cases\/h/],
  ["Time left", /\d|less than/],
  ["Worker time", /\d+ s/],
  ["Share spent computing", /\d+ %/],
  ["Cost", /[1-9]\d*\.\d\d EUR/],
  ["Workers", /1 of 1 at work .*0 of 1 at work/],
] as const;

async function backdate(path: string, seconds: number): Promise<void> {
  const past = new Date(Date.now() - 1000 * seconds);
  await Deno.utime(path, past, past);
}

async function untilLead(page: Page, text: RegExp): Promise<void> {
  await page.locator("#progress .lead").filter({ hasText: text }).waitFor();
}

async function until(
  page: Page,
  isSo: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadlineMs = performance.now() + 120_000;
  while (!await isSo() && performance.now() < deadlineMs) {
    await page.waitForTimeout(50);
  }
  expect(await isSo()).toBe(true);
}

testWithBrowser(
  "a page that is left open follows a real run: windows, rate, cost, a failure, a worker that dies, its successor, the end",
  async ({ page, problems }) => {
    await withRun((folder, store) =>
      withServedDashboard(`${folder}/home`, async ({ origin, link }) => {
        await page.goto(link());
        await untilIndexed(page);
        await page.goto(`${origin}/runs/${RUN_ID}`);
        await untilLead(page, /No worker is at it 0 of 4 cases done/);
        await page.evaluate(WATCH);

        const worker = startUptake(folder, [
          ...["work", "--run", `home/runs/${RUN_ID}`],
        ]);
        await untilLead(page, /Running 2 of 4 cases done, 1 failed, 1 open/);
        // As if it had been done a minute before the other.
        await backdate(`${folder}/home/runs/${RUN_ID}/results/a.json`, 60);
        await page.locator("#progress dd", { hasText: /\d cases\/h/ })
          .waitFor();
        await page.locator("#cases .badge.warn", { hasText: /Window [1-9]/ })
          .waitFor();

        worker.kill("SIGKILL");
        await worker.output();
        for await (const { key } of store.list(WORKERS)) {
          // As if a minute had passed since.
          await backdate(`${folder}/home/runs/${RUN_ID}/${key}`, 61);
        }
        await page.locator("td:text-matches('^silent for ')").waitFor();
        await untilLead(page, /No worker is at it/);
        const first = await seen(page);
        expect(first.leads[0]).toContain("0 of 4 cases done, 0 failed, 4 open");
        expect(first.leads.at(-1)).toContain("1 failed, 1 open");
        for (const [name, number] of SHOWN) {
          expect(first.facts[name]?.join(" ")).toMatch(number);
        }
        expect(wordsOf(await page.innerHTML("#progress"))).toContain(
          "1 unreadable The file cannot be read",
        );
        // Less than browsers' makers call good.
        expect(first.shift).toBeLessThan(0.1);

        await writeFiles(folder, {
          "scans/bad.nii.gz": PHANTOM.image,
          // The next worker ends, but not before a page has told of it a few times.
          "scans/large.nii.gz": largeScan(384),
        });
        await page.click("button:text-is('Retry failed cases')");
        await page.locator("[role=status]", { hasText: "starting" }).waitFor();
        await page.evaluate(WATCH);
        await until(page, async () => (await seen(page)).windows.length >= 2);
        const second = await seen(page);
        const windows = second.windows.map((text) =>
          Number(/^Window (\d+) of \d+$/.exec(text)?.[1])
        );
        expect(windows).toEqual(windows.toSorted((a, b) => a - b));
        expect(second.shift).toBeLessThan(0.1);
        // Only now: a page in another width is another page, and all of it shifts.
        await takePicture(page, "run-live", "light", 1280);
        await takePicture(page, "run-live", "dark", 390);
        expect(await overflowPixels(page)).toBe(0);
        await page.locator(".badge:text-is('Finished')").first().waitFor();
        const done = await Array.fromAsync(store.list(RESULTS));
        expect(done.map(({ key }) => key)).toEqual(
          ["a", "b", "bad", "large"].map((id) => `results/${id}.json`),
        );
        expect(problems).toEqual([]);
      }, operationsOf(folder, { workers: 1 }))
    );
  },
);

/** What the page gets at first: a stream that breaks off at once. */
const CUT = {
  contentType: "text/event-stream",
  body: "retry: 10\nid: one-two\nevent: progress\ndata: <p>old</p>\n\n",
};

testWithBrowser(
  "a page that is left open connects again where the server refuses for a while, and goes on where it was",
  async ({ page, problems }) => {
    await withFolder(async (home) => {
      const store = new FileStore(home);
      await fillResultsHome(store);
      await withServedDashboard(home, async ({ origin, link }) => {
        await page.goto(link());
        await untilIndexed(page);
        const asked: (string | null)[] = [];
        await page.route("**/events?*", async (route) => {
          const { searchParams } = new URL(route.request().url());
          asked.push(searchParams.get("seen"));
          if (asked.length === 1) await route.fulfill(CUT);
          else if (asked.length === 2) await route.fulfill({ status: 503 });
          else await route.continue();
        });
        await page.goto(`${origin}/runs/${OPEN_RUN}`);
        await untilLead(page, /2 of 6 cases done/);
        await until(page, () => asked.length >= 3);
        expect(asked).toEqual([null, null, "one-two"]);
        // Empty once the answer has come.
        await page.locator("#live", { hasText: /^$/ }).waitFor({
          state: "attached",
        });
        await putResult(store, OPEN_RUN, "open-4", compared(0.5));
        await untilLead(page, /3 of 6 cases done/);
        expect(problems.filter((one) => !one.includes("503"))).toEqual([]);
      });
    });
  },
);

testWithBrowser(
  "a page that is left open tells who is logged out that it is not live any more",
  async ({ page, context }) => {
    await withFolder(async (home) => {
      await fillResultsHome(new FileStore(home));
      await withServedDashboard(home, async ({ origin, link }) => {
        await page.goto(link());
        await untilIndexed(page);
        await page.route("**/events?*", async (route) => {
          await context.clearCookies();
          await route.fulfill({ status: 401 });
        });
        await page.goto(`${origin}/runs/${OPEN_RUN}`);
        await page.locator("#live", { hasText: "Logged out" }).waitFor();
        // What it has is still there.
        expect(await page.textContent("#progress .lead"))
          .toContain("2 of 6 cases done");
      });
    });
  },
);
