/** @module Names as nobody should give them, on every page and answer that shows them. */
import { expect } from "@std/expect";
import { z } from "zod";
import { overviewPageSchema } from "../../../shared/catalog/queries/overview.ts";
import { runPageSchema } from "../../../shared/catalog/queries/runs.ts";
import { casePageSchema } from "../../../shared/catalog/queries/cases.ts";
import { comparisonSchema } from "../../../shared/metrics/compare.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import {
  compared,
  measured,
  putFinishedRun,
  putResult,
  putRun,
} from "../../shared/catalog/homes.ts";
import { resultsDashboard } from "../../support/results_dashboard.ts";
import { caseOf } from "../../support/runs.ts";

const NAMES: Readonly<Record<string, string>> = {
  script: "<script>alert(1)</script>",
  attribute: `"><img src=x onerror='alert(1)'>`,
  path: "../../etc/passwd",
  template: "${1+1} {{7*7}} `x` &amp; &lt;b&gt;",
  long: "long ".repeat(60),
  unbroken: "W".repeat(300),
  turned: "scan \u202egpj.exe \u2066isolated",
  emoji: "👩‍⚕️🧠 naïve ÅΩ 患者",
  blank: " \u200b\u00a0",
  lines: "one\r\ntwo\u2028three\u0007",
  surrogate: "half \ud800 pair",
  sql: "'; DROP TABLE runs; -- %_\\",
  prototype: "__proto__",
};

/** What turns the direction of writing or ends a line where none should end. */
const UNSEEN_NEAR =
  /.{0,60}(?:(?![\t\n])\p{Cc}|[\u2028\u202a-\u202e\u2066-\u2069]).{0,20}/u;
const KEYS = Object.keys(NAMES);

const runIdOf = (n: number, kind: string) =>
  `20260101T0000${String(n).padStart(2, "0")}Z-${kind}`;

async function fill(home: ObjectStore): Promise<void> {
  for (const [n, name] of Object.values(NAMES).entries()) {
    const change = {
      dataset: { name, location: `s3://scans/${name}` },
      checkpoints: [{
        name,
        location: `file:///${name}`,
        sha256: n.toString(16).padStart(64, "0"),
      }],
    };
    await putFinishedRun(home, runIdOf(n, "aaaaaa"), [0.5, 0.6], change);
    await putFinishedRun(home, runIdOf(n, "bbbbbb"), [0.7, 0.6], change);
  }
  const ids = Object.values(NAMES).filter((name) => name.length <= 200);
  for (const [n, kind] of ["cccccc", "dddddd"].entries()) {
    await putRun(home, runIdOf(50, kind), {
      cases: ids.map((id) => caseOf(id)),
    });
    for (const id of ids.filter((id) => id.isWellFormed())) {
      await putResult(home, runIdOf(50, kind), id, compared(0.5 + n / 10));
    }
  }
  await putRun(home, runIdOf(51, "eeeeee"), {
    cases: ids.map((id) => caseOf(id)),
  });
  for (const [n, id] of ids.filter((id) => id.isWellFormed()).entries()) {
    await putResult(
      home,
      runIdOf(51, "eeeeee"),
      id,
      measured(n === 0 ? 500 : n, n),
    );
  }
}

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
  const { text } = await resultsDashboard(fill);
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
  const { json } = await resultsDashboard(fill);
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
