/**
 * A real browser for the tests: Debian's Chromium, driven by playwright-core. Where there is none the tests
 * are skipped with the reason; with `CI=true` it is installed, or they fail.
 * @module
 */
import axe from "axe-core";
import {
  type Browser,
  type BrowserContext,
  chromium,
  type Page,
} from "playwright-core";
import { z } from "zod";
import type { Requirement } from "./requires.ts";

/** Names the browser's program. */
const CHROMIUM = "UPTAKE_TEST_CHROMIUM";
const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** Graphics by software, no sandbox (tests run as root in containers), and no requests of the browser's own. */
const FLAGS = [
  "--no-sandbox",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

/** So long is waited for what comes in the end, as slow as the machine may be. */
const PATIENCE_MS = 120_000;

/** Screenshots land here; git ignores it. */
const OUTPUT = new URL("../output/screenshots/", import.meta.url);

export const THEMES = ["light", "dark"] as const;
export const WIDTHS = [1280, 390] as const;

/** A page, with everything that goes wrong in it. */
export interface WatchedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of scripts, console errors, failed requests and violations of the content security policy. */
  readonly problems: string[];
}

const isCi = Deno.env.get("CI") === "true";
const found = await findChromium();

/** Registers a test that gets a fresh page in a browser of its own, or is skipped with the reason. */
export function testWithBrowser(
  name: string,
  fn: (watched: WatchedPage) => Promise<void>,
): void {
  if ("missing" in found && !isCi) {
    Deno.test({
      name: `${name} [skipped: ${found.missing}]`,
      ignore: true,
      fn: () => {},
    });
    return;
  }
  Deno.test({
    name,
    // playwright-core keeps timers and a pipe until its process has ended.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => withBrowser(fn),
  });
}

/**
 * Calls `use` with a fresh page in a browser of its own.
 *
 * @throws {Error} where there is no browser.
 */
export async function withBrowser<T>(
  use: (watched: WatchedPage) => Promise<T>,
): Promise<T> {
  if ("missing" in found) throw new Error(found.missing);
  const browser = await chromium.launch({
    executablePath: found.path,
    args: FLAGS,
  });
  try {
    return await use(await openPage(browser));
  } finally {
    await browser.close();
  }
}

async function openPage(browser: Browser): Promise<WatchedPage> {
  const context = await browser.newContext({ reducedMotion: "reduce" });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()}`);
  });
  page.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText ?? "";
    // Leaving a page ends its requests.
    if (reason !== "net::ERR_ABORTED") {
      problems.push(`request: ${request.url()} ${reason}`);
    }
  });
  await page.exposeFunction(
    "uptakeViolation",
    (text: string) => problems.push(`policy: ${text}`),
  );
  await page.addInitScript(`
    document.addEventListener("securitypolicyviolation", (event) =>
      uptakeViolation(event.violatedDirective + " " + event.blockedURI));
  `);
  return { page, context, problems };
}

/** Shows the page in a theme and width, and keeps a picture of all of it; returns its path. */
export async function takePicture(
  page: Page,
  name: string,
  theme: typeof THEMES[number],
  width: number,
): Promise<string> {
  await page.emulateMedia({ colorScheme: theme });
  await page.setViewportSize({ width, height: width < 600 ? 844 : 800 });
  const path = new URL(`${name}-${theme}-${width}.png`, OUTPUT).pathname;
  await page.screenshot({ path, fullPage: true });
  return path;
}

const axeSchema = z.object({
  violations: z.array(z.object({
    id: z.string(),
    impact: z.string().nullish(),
    help: z.string(),
    nodes: z.array(z.object({ html: z.string() })),
  })),
});

/** What axe-core finds wrong for people with disabilities, from `serious` up; one line each. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = axeSchema.parse(
    await page.evaluate("axe.run(document)"),
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, help, nodes }) =>
      `${id}: ${help}: ${nodes.map(({ html }) => html).join(" ")}`
    );
}

/** How many pixels the page is wider than the window; it must not scroll sideways. */
export async function overflowPixels(page: Page): Promise<number> {
  return z.number().parse(
    await page.evaluate(
      "Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)",
    ),
  );
}

async function findChromium(): Promise<Requirement> {
  const named = Deno.env.get(CHROMIUM);
  const path = await firstFile(named ? [named] : PLACES);
  if (path !== null) return { path };
  const missing = named
    ? `${CHROMIUM} names ${named}, which is not there`
    : "no Chromium: apt-get install chromium";
  if (!isCi || named) return { missing };
  const problem = await install();
  const installed = await firstFile(PLACES);
  return installed === null
    ? { missing: `${missing} did not work: ${problem}` }
    : { path: installed };
}

async function firstFile(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    try {
      if ((await Deno.stat(path)).isFile) return path;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return null;
}

/** Returns what went wrong; empty: nothing. */
async function install(): Promise<string> {
  const { success, stderr } = await new Deno.Command("sh", {
    args: [
      "-c",
      "apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium",
    ],
    env: { DEBIAN_FRONTEND: "noninteractive" },
    stdout: "null",
    stderr: "piped",
  }).output();
  return success ? "" : new TextDecoder().decode(stderr).trim();
}
