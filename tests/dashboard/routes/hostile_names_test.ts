/** @module Names as nobody should give them, on every page and answer that shows them. */
import { expect } from "@std/expect";
import { z } from "zod";
import { overviewPageSchema } from "../../../shared/catalog/queries/overview.ts";
import { runPageSchema } from "../../../shared/catalog/queries/runs.ts";
import { casePageSchema } from "../../../shared/catalog/queries/cases.ts";
import { comparisonSchema } from "../../../shared/metrics/compare.ts";
import {
  fillHostileHome,
  NAMES,
  runIdOf,
} from "../../support/hostile_names.ts";
import { resultsDashboard } from "../../support/results_dashboard.ts";

/** What turns the direction of writing or ends a line where none should end. */
const UNSEEN_NEAR =
  /.{0,60}(?:(?![\t\n])\p{Cc}|[\u2028\u202a-\u202e\u2066-\u2069]).{0,20}/u;
const KEYS = Object.keys(NAMES);

/** Nothing of a name has become markup, or stands there as it cannot be seen. */
function expectHarmless(path: string, html: string): void {
  expect(html).not.toContain("<script>alert");
  expect(html).not.toContain("<img src=x");
  const tags = [...html.matchAll(/<[a-z][^>]*>/g)]
    .map(([tag]) => tag.replace(/"[^"]*"/g, ""));
  expect(tags.filter((tag) => /["']|\son\w+=/.test(tag))).toEqual([]);
  // A field holds what was typed, as it was typed.
  const shown = html.replace(/<input[^>]*>/g, "");
  expect([path, UNSEEN_NEAR.exec(shown)?.[0]]).toEqual([path, undefined]);
  expect(html).not.toMatch(/href="[^"]*\/\.\.\//);
  // What a link is called can be seen.
  const links = [...html.matchAll(/<a [^>]*>([^]*?)<\/a>/g)]
    .filter(([link]) => !link.includes('aria-hidden="true"'));
  for (const [link, inner = ""] of links) {
    const words = inner.replace(/<img[^>]*>/, "image").replace(/<[^>]*>/g, "");
    expect([link, words.trim() === ""]).toEqual([link, false]);
  }
}

Deno.test("names add no markup to the overview, runs and comparisons, and can be read", async () => {
  const { text } = await resultsDashboard(fillHostileHome);
  const paths = [
    "/",
    "/?page=2",
    "/?isLabelled=false",
    "/?sort=dice",
    "/runs",
    "/runs?sort=meanDice",
    "/compare",
    `/compare?before=${runIdOf(50, "cccccc")}&after=${runIdOf(50, "dddddd")}`,
    `/compare?before=${runIdOf(50, "cccccc")}&after=${runIdOf(0, "aaaaaa")}`,
    ...KEYS.flatMap((_, n) => [
      `/runs/${runIdOf(n, "aaaaaa")}`,
      `/compare?before=${runIdOf(n, "aaaaaa")}&after=${runIdOf(n, "bbbbbb")}`,
    ]),
    `/runs/${runIdOf(50, "cccccc")}`,
    `/runs/${runIdOf(50, "cccccc")}/cases`,
    ...Object.values(NAMES).flatMap((name) => {
      const search = encodeURIComponent(name.slice(0, 200).toWellFormed());
      return [`/?search=${search}`, `/runs?search=${search}`];
    }),
  ];
  for (const path of paths) expectHarmless(path, await text(path));
});

Deno.test("names come back from the API as they were given", async () => {
  const { json } = await resultsDashboard(fillHostileHome);
  const given = new Set(
    Object.values(NAMES).map((name) => name.toWellFormed()),
  );
  const runs = await json("/api/v1/runs?limit=200", runPageSchema);
  const labelled = runs.items.filter(({ runId }) => runId.endsWith("aaaaaa"));
  expect(new Set(labelled.map(({ dataset }) => dataset.name))).toEqual(given);
  expect(new Set(labelled.map(({ checkpoint }) => checkpoint.name)))
    .toEqual(given);
  const overview = await json("/api/v1/overview?limit=200", overviewPageSchema);
  expect(new Set(overview.items.map(({ dataset }) => dataset.name)))
    .toEqual(new Set([...given, "scans"]));
  const compared = await json(
    `/api/v1/comparison?before=${runIdOf(50, "cccccc")}&after=${
      runIdOf(50, "dddddd")
    }`,
    comparisonSchema,
  );
  const { items } = await json(
    `/api/v1/runs/${runIdOf(50, "cccccc")}/cases?limit=200`,
    casePageSchema,
  );
  const done = items.filter(({ state, caseId }) =>
    state === "done" && !/[\p{Cc}/\\]/u.test(caseId)
  );
  expect(compared.classes[0]?.n)
    .toBe(items.filter(({ state }) => state === "done").length);
  // No address holds the others: they would look like folders in it.
  for (const { caseId } of done) {
    const found = await json(
      `/api/v1/runs/${runIdOf(50, "cccccc")}/cases/${
        encodeURIComponent(caseId)
      }`,
      z.looseObject({ caseId: z.string() }),
    );
    expect(found.caseId).toBe(caseId);
  }
});
