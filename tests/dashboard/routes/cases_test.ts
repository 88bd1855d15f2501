/** @module The list of cases and the page of one, without a browser. */
import { expect } from "@std/expect";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import {
  type CaseHomeOptions,
  caseIdOf,
  fillCaseHome,
  RUN_ID,
} from "../../support/case_home.ts";
import { bearer, testDashboard } from "../../support/dashboard.ts";
import { memoryStore } from "../../support/memory_store.ts";
import { putReview } from "../../shared/catalog/homes.ts";
import { storageError } from "../../../shared/storage/storage_error.ts";

const LIST = `/runs/${RUN_ID}/cases`;

async function dashboardWith(
  options: CaseHomeOptions = {},
  open?: (home: ObjectStore) => ObjectStore,
) {
  const home = memoryStore();
  const made = await fillCaseHome(home, options);
  const dashboard = await testDashboard({
    home,
    changes: { open: () => open?.(home) ?? home },
  });
  const { deps, tokens, request } = dashboard;
  await deps.indexer.refresh(deps.signal);
  const get = async (path: string) => {
    const answer = await request(path, {
      headers: { ...bearer(tokens.viewer), accept: "text/html" },
    });
    return { status: answer.status, html: await answer.text() };
  };
  return { ...dashboard, home, made, get };
}

/** The cases that a list links to, in its order. */
function listed(html: string): string[] {
  return [
    ...html.matchAll(
      /<th scope="row" class="name"><a href="[^"]*"><span class="[^"]*">([^<]*)/g,
    ),
  ]
    .map(([, caseId]) => caseId!);
}

Deno.test("the list of cases shows the worst first, with pictures that load when they are seen", async () => {
  const { get } = await dashboardWith({ cases: 4, done: 3 });
  const { status, html } = await get(LIST);
  expect(status).toBe(200);
  const dices = [...html.matchAll(/<td class="number">([01]\.\d{3})<\/td>/g)]
    .map(([, dice]) => Number(dice));
  expect(dices.length).toBeGreaterThanOrEqual(3);
  expect(listed(html).at(-1)).toBe("scan 04");
  expect(html.match(/<img class="thumbnail"[^>]*loading="lazy"/g)?.length)
    .toBe(3);
  const sorted = await get(`${LIST}?sort=caseId&direction=ascending`);
  expect(listed(sorted.html)).toEqual([0, 1, 2, 3].map(caseIdOf));
});

Deno.test("the list of cases filters, searches, and says when nothing is like that", async () => {
  const { get } = await dashboardWith({ cases: 3, done: 2 });
  expect(listed((await get(`${LIST}?state=open`)).html)).toEqual(["scan 03"]);
  expect(listed((await get(`${LIST}?search=02`)).html)).toEqual(["scan 02"]);
  // Forms send what is not asked for as empty.
  expect(listed((await get(`${LIST}?search=&state=&verdict=`)).html).length)
    .toBe(3);
  const none = await get(`${LIST}?verdict=reject`);
  expect(none.html).toContain("No such cases");
  expect((await get(`${LIST}?state=nonsense`)).status).toBe(400);
  expect((await get("/runs/nothing/cases")).status).toBe(404);
});

Deno.test("the page of a case leads to its neighbours in the list it was opened from", async () => {
  const { get } = await dashboardWith({ cases: 3 });
  const query = "sort=caseId&direction=descending";
  const { html } = await get(`${LIST}/scan%2002?${query}`);
  const link = (rel: string) =>
    new RegExp(`rel="${rel}" href="([^"]*)"`).exec(html)?.[1]
      ?.replaceAll("&amp;", "&");
  expect(link("prev")).toBe(`${LIST}/scan%2003?${query}`);
  expect(link("next")).toBe(`${LIST}/scan%2001?${query}`);
  expect(html).toContain("2 of 3");
});

Deno.test("the page of a case has figures with units, and tells what the viewer needs", async () => {
  const { get, made } = await dashboardWith({ cases: 1 });
  const { html } = await get(`${LIST}/scan%2001`);
  expect(html).toMatch(
    /HD95<\/th><td class="number">[\d.]+ <span class="muted">mm/,
  );
  const data = JSON.parse(
    /data-case="([^"]*)"/.exec(html)![1]!.replaceAll("&quot;", '"'),
  );
  const { shape, affine } = made[0]!.image;
  const file = (name: string, bytesPerVoxel: number) => ({
    url: `${LIST}/scan%2001/${name}`,
    bytes: 352 + shape[0] * shape[1] * shape[2] * bytesPerVoxel,
    affine,
    slope: 1,
    intercept: 0,
  });
  expect(data).toEqual({
    unit: "SUV",
    classes: ["tumour"],
    image: file("image", 4),
    label: file("label", 1),
    mask: file("mask", 1),
    lesions: `/api/v1/runs/${RUN_ID}/cases/scan%2001/lesions`,
  });
  expect(html).not.toMatch(/<script>|<script nonce|onclick=|style="/);
});

Deno.test("the page of a case says what is missing", async () => {
  const { get, home } = await dashboardWith({ cases: 2, done: 1 });
  const open = await get(`${LIST}/scan%2002`);
  expect(open.status).toBe(200);
  expect(open.html).toContain("There is no mask yet.");
  await home.delete("scans/scan 01_label.nii.gz");
  await home.delete(`runs/${RUN_ID}/attempts/scan 01/a1/mask.nii.gz`);
  const { html } = await get(`${LIST}/scan%2001`);
  expect(html).toContain("The label is not where the record says.");
  expect(html).toContain("The mask is not where the record says.");
  const unlabelled = await dashboardWith({ cases: 1, isLabelled: false });
  expect((await unlabelled.get(`${LIST}/scan%2001`)).html).toContain(
    "This case has no label.",
  );
});

Deno.test("the page of a case stands while the scans' store does not answer", async () => {
  const { get } = await dashboardWith({ cases: 1 }, (home) => ({
    ...home,
    peek: (key) =>
      Promise.reject(
        storageError(
          { operation: "read", location: home.location, key },
          "storage",
          "no answer",
        ),
      ),
  }));
  const { status, html } = await get(`${LIST}/scan%2001`);
  expect(status).toBe(200);
  expect(html).toContain("The store of the image does not answer.");
  expect(html).toContain("HD95");
});

Deno.test("a case's name cannot add markup to its pages", async () => {
  const { get, home, deps } = await dashboardWith({ cases: 1 });
  const key = `runs/${RUN_ID}/run.json`;
  const run = JSON.parse(new TextDecoder().decode((await home.get(key))!.body));
  const evil = '<img src=x onerror="alert(1)">';
  run.runId = "20260102T030406Z-000001";
  run.cases[0].caseId = evil;
  await home.put(
    "runs/20260102T030406Z-000001/run.json",
    new TextEncoder().encode(JSON.stringify(run)),
  );
  await deps.indexer.refresh(deps.signal);
  const path = "/runs/20260102T030406Z-000001/cases";
  for (const one of [path, `${path}/${encodeURIComponent(evil)}`]) {
    const { status, html } = await get(one);
    expect(status).toBe(200);
    expect(html).not.toContain("<img src=x");
    expect(html).toContain("&lt;img src=x");
  }
});

Deno.test("the lesions of a case come with their places, and are measured once", async () => {
  const reads: string[] = [];
  const { request, tokens, made } = await dashboardWith(
    { cases: 1 },
    (home) => ({
      ...home,
      get: (key, options) => {
        reads.push(key);
        return home.get(key, options);
      },
    }),
  );
  const ask = async () => {
    const answer = await request(
      `/api/v1/runs/${RUN_ID}/cases/scan%2001/lesions`,
      { headers: bearer(tokens.viewer) },
    );
    return { status: answer.status, json: await answer.json() };
  };
  const { status, json } = await ask();
  expect(status).toBe(200);
  expect(made.length).toBe(1);
  const kinds = json.lesions.map(({ kind }: { kind: string }) => kind);
  expect(kinds[0]).toBe("missed");
  expect(kinds).toContain("false");
  const [missed] = json.lesions;
  expect(missed.suvMax).toBeGreaterThan(missed.suvMean);
  const before = reads.length;
  expect((await ask()).json).toEqual(json);
  expect(reads.length).toBe(before);
});

Deno.test("other requests are answered while the lesions of a case are measured", async () => {
  const order: string[] = [];
  const health = Promise.withResolvers<void>();
  const { request, tokens } = await dashboardWith(
    { cases: 1 },
    (home) => ({
      ...home,
      get(key, options) {
        // The image is read last: what comes now is the measuring.
        if (key === "scans/scan 01.nii.gz") {
          setTimeout(async () => {
            order.push(`health ${(await request("/healthz")).status}`);
            health.resolve();
          });
        }
        return home.get(key, options);
      },
    }),
  );
  const { status } = await request(
    `/api/v1/runs/${RUN_ID}/cases/scan%2001/lesions`,
    { headers: bearer(tokens.viewer) },
  );
  order.push(`lesions ${status}`);
  await health.promise;
  expect(order).toEqual(["health 200", "lesions 200"]);
});

Deno.test("the lesions of a case whose mask is not what was committed are none", async () => {
  const { request, tokens, home } = await dashboardWith({ cases: 1 });
  const key = `runs/${RUN_ID}/attempts/scan 01/a1/mask.nii.gz`;
  const { body } = (await home.get(key))!;
  body[body.length - 1]! ^= 1;
  await home.put(key, body);
  const answer = await request(
    `/api/v1/runs/${RUN_ID}/cases/scan%2001/lesions`,
    { headers: bearer(tokens.viewer) },
  );
  expect(answer.status).toBe(409);
  expect(await answer.json()).toEqual({
    reason: "The mask is not what the run committed",
  });
});

Deno.test("the lesions of a case whose image cannot be read have no SUVs, with the reason", async () => {
  const { request, tokens, home } = await dashboardWith({ cases: 1 });
  await home.put("scans/scan 01.nii.gz", new Uint8Array(1000).fill(7));
  const answer = await request(
    `/api/v1/runs/${RUN_ID}/cases/scan%2001/lesions`,
    { headers: bearer(tokens.viewer) },
  );
  expect(answer.status).toBe(200);
  const { lesions, problem } = await answer.json();
  expect(lesions[0]).toMatchObject({ kind: "missed", suvMax: null });
  expect(problem).toMatch(/^The image cannot be read: it is no NIfTI file/);
});

Deno.test("the lesions of a case with too large an image have no SUVs, with the reason", async () => {
  const { request, tokens } = await dashboardWith({ cases: 1 }, (home) => ({
    ...home,
    get: (key, options) =>
      home.get(key, {
        ...options,
        ...(key === "scans/scan 01.nii.gz" && { maxBytes: 100 }),
      }),
  }));
  const answer = await request(
    `/api/v1/runs/${RUN_ID}/cases/scan%2001/lesions`,
    { headers: bearer(tokens.viewer) },
  );
  expect((await answer.json()).problem).toBe(
    "The image is too large to be measured here",
  );
});

Deno.test("the lesions of a case without a mask are none, with the reason", async () => {
  const { request, tokens } = await dashboardWith({ cases: 1, done: 0 });
  const answer = await request(
    `/api/v1/runs/${RUN_ID}/cases/scan%2001/lesions`,
    { headers: bearer(tokens.viewer) },
  );
  expect(answer.status).toBe(409);
  expect(await answer.json()).toEqual({ reason: "There is no mask" });
});

Deno.test("where reviewers differ no verdict is shown as the case's, and the list finds it", async () => {
  const { home, deps, get } = await dashboardWith({ cases: 2 });
  const at = (minute: number) => `2027-02-01T00:0${minute}:00.000Z`;
  const review = { runId: RUN_ID, caseId: caseIdOf(0) };
  await putReview(home, {
    ...review,
    reviewer: "ada",
    reviewedAt: at(1),
    verdict: "fix",
  });
  await putReview(home, {
    ...review,
    reviewer: "bo",
    reviewedAt: at(2),
    verdict: "accept",
  });
  await deps.indexer.refreshRun(RUN_ID, deps.signal);
  const { html } = await get(`${LIST}?verdict=disputed`);
  expect(listed(html)).toEqual([caseIdOf(0)]);
  for (const path of [LIST, `${LIST}/${encodeURIComponent(caseIdOf(0))}`]) {
    const page = await get(path);
    expect(page.html).toContain('<span class="badge warn">Reviewers differ');
    expect(page.html).toContain("2 reviews, the newest: Accepted");
    expect(page.html).not.toContain('<span class="badge good">Accepted');
  }
});
