/** @module Reviews: saved once each, shown, exported. */
import { expect } from "@std/expect";
import {
  checkpoints,
  datasets,
} from "../../../shared/catalog/queries/lists.ts";
import { resultKey } from "../../../shared/runs/keys.ts";
import { encodeRecord, readRecord } from "../../../shared/runs/record_io.ts";
import { resultSchema } from "../../../shared/runs/records.ts";
import { reviewSchema } from "../../../shared/runs/reviews.ts";
import { fillCaseHome, RUN_ID } from "../../support/case_home.ts";
import { bearer, ORIGIN, testDashboard } from "../../support/dashboard.ts";
import { memoryStore } from "../../support/memory_store.ts";

/** Whose masks the home has. */
const ATTEMPT = "a1";
const PATH = `/runs/${RUN_ID}/cases/scan%2001`;

async function dashboardWithCases(home = memoryStore(), done = 2) {
  await fillCaseHome(home, { cases: Math.max(3, done), done });
  const dashboard = await testDashboard({
    home,
    changes: { open: () => home },
  });
  const { deps, tokens, request } = dashboard;
  await deps.indexer.refresh(deps.signal);
  const post = (
    fields: Record<string, string>,
    { path = PATH, token = tokens.reviewer } = {},
  ) =>
    request(`${path}/reviews`, {
      method: "POST",
      headers: {
        ...bearer(token),
        origin: ORIGIN,
        "sec-fetch-site": "same-origin",
      },
      body: new URLSearchParams({ attempt: ATTEMPT, ...fields }),
    });
  const get = async (path: string, token = tokens.reviewer) => {
    const answer = await request(path, {
      headers: { ...bearer(token), accept: "text/html" },
    });
    return await answer.text();
  };
  const stored = async () => {
    const objects = await Array.fromAsync(home.list(`runs/${RUN_ID}/reviews/`));
    return await Promise.all(objects.map(async ({ key }) => {
      const { body } = (await home.get(key))!;
      return {
        key,
        review: reviewSchema.parse(JSON.parse(new TextDecoder().decode(body))),
      };
    }));
  };
  return { ...dashboard, post, get, stored };
}

Deno.test("a review lands in the store under its case, time and reviewer, and leads on", async () => {
  const { post, stored } = await dashboardWithCases();
  const answer = await post({
    verdict: "fix",
    reason: "boundary",
    comment: " too tight ",
    then: "/review?kind=unreviewed",
  });
  expect(answer.status).toBe(303);
  expect(answer.headers.get("location")).toBe(
    "/review?kind=unreviewed&saved=scan+01",
  );
  expect(await stored()).toEqual([{
    key:
      `runs/${RUN_ID}/reviews/scan 01/20261124T090000.000Z-the reviewer.json`,
    review: {
      format: 1,
      runId: RUN_ID,
      caseId: "scan 01",
      attempt: "a1",
      reviewer: "the reviewer",
      reviewedAt: "2026-11-24T09:00:00.000Z",
      verdict: "fix",
      reason: "boundary",
      comment: "too tight",
    },
  }]);
});

Deno.test("two who review at once both keep their verdicts, as does one who repeats it", async () => {
  const { post, stored, get, tokens } = await dashboardWithCases();
  const reject = { verdict: "reject", reason: "missedLesion" };
  await Promise.all([
    post({ verdict: "accept" }),
    post(reject),
    post(reject, { token: tokens.operator }),
  ]);
  const kept = await stored();
  expect(kept.map(({ review }) => review.reviewer).sort()).toEqual([
    "the operator",
    "the reviewer",
    "the reviewer",
  ]);
  const page = await get(PATH);
  expect(page.match(/<li>/g)?.length).toBeGreaterThanOrEqual(3);
  expect(page).toContain("lesion missed");
});

Deno.test("a review that says too little or too much is refused, and nothing is stored", async () => {
  const { post, stored, tokens } = await dashboardWithCases();
  const refused: Record<string, string>[] = [
    {},
    { verdict: "perhaps" },
    { verdict: "reject" },
    { verdict: "fix", reason: "because" },
    { verdict: "accept", comment: "x".repeat(4001) },
  ];
  for (const fields of refused) {
    expect((await post(fields)).status).toBe(400);
  }
  const accept = { verdict: "accept" };
  expect((await post(accept, { token: tokens.viewer })).status).toBe(403);
  const openCase = `/runs/${RUN_ID}/cases/scan%2003`;
  expect((await post(accept, { path: openCase })).status).toBe(404);
  const noCase = `/runs/${RUN_ID}/cases/scan%2009`;
  expect((await post(accept, { path: noCase })).status).toBe(404);
  expect(await stored()).toEqual([]);
});

Deno.test("a review leads nowhere but within the dashboard", async () => {
  const { post } = await dashboardWithCases();
  for (
    const then of ["https://evil.example/", "//evil.example", "javascript:1"]
  ) {
    const answer = await post({ verdict: "accept", then });
    expect(answer.headers.get("location")).toMatch(/^\/[^/]*\?saved=/);
  }
});

Deno.test("the reason of an accepted mask is dropped", async () => {
  const { post, stored } = await dashboardWithCases();
  await post({ verdict: "accept", reason: "boundary" });
  expect((await stored())[0]?.review.reason).toBeNull();
});

Deno.test("the queue holds what nobody has reviewed, and a reviewed case leaves it at once", async () => {
  const { post, get } = await dashboardWithCases();
  for (const kind of ["lowest-dice", "volume-error", "unreviewed"]) {
    const html = await get(`/review?kind=${kind}&run=${RUN_ID}`);
    expect(html).toContain("scan 01</span></a>");
    expect(html).toContain("scan 02</span></a>");
    expect(html).not.toContain("scan 03</span></a>");
    expect(html).toContain("Start reviewing");
  }
  await post({ verdict: "accept" });
  const left = await get("/review");
  expect(left).not.toContain("scan 01</span></a>");
  await post({ verdict: "accept" }, {
    path: `/runs/${RUN_ID}/cases/scan%2002`,
  });
  expect(await get("/review")).toContain("Nothing left to review");
});

Deno.test("a case in a queue leads to the next one of the queue", async () => {
  const { get } = await dashboardWithCases();
  const html = await get(`${PATH}?queue=unreviewed&in=${RUN_ID}`);
  const links = [...html.matchAll(/rel="(?:next|prev)" href="([^"]*)"/g)]
    .map(([, url]) => url!.replaceAll("&amp;", "&"));
  expect(links).toEqual([
    `/runs/${RUN_ID}/cases/scan%2002?queue=unreviewed&in=${RUN_ID}&at=1`,
  ]);
});

Deno.test("a queue is narrowed to a dataset, a checkpoint and a run, and stays so from case to case", async () => {
  const { get, deps } = await dashboardWithCases();
  const [dataset] = datasets(deps.catalog).items;
  const [checkpoint] = checkpoints(deps.catalog).items;
  const query = new URLSearchParams({
    in: RUN_ID,
    dataset: dataset!.key,
    checkpoint: checkpoint!.key,
  });
  const html = await get(
    `/review?kind=unreviewed&${query}`.replace("&in=", "&run="),
  );
  expect(html).toContain("scan 01</span></a>");
  expect(html).toContain(`value="${RUN_ID}"`);
  const [, start] = /href="([^"]*)"[^>]*>Start reviewing/.exec(html)!;
  const first = start!.replaceAll("&amp;", "&");
  expect(first).toBe(
    `/runs/${RUN_ID}/cases/scan%2001?queue=unreviewed&${query}&at=0`,
  );
  const page = await get(first);
  expect(page).toContain(
    `/runs/${RUN_ID}/cases/scan%2002?queue=unreviewed&${query}&at=1`
      .replaceAll("&", "&amp;"),
  );
  expect(await get("/review?dataset=none")).toContain("Show all that wait");
});

Deno.test("who may not review is offered to look, not to review", async () => {
  const { get, tokens } = await dashboardWithCases();
  const list = `/runs/${RUN_ID}/cases`;
  const queue = await get("/review", tokens.viewer);
  expect(queue).toContain("Look through them");
  expect(queue).not.toContain("Start reviewing");
  expect(await get("/review")).toContain("Start reviewing");
  const button = `/review?run=${RUN_ID}`;
  expect(await get(list, tokens.viewer)).not.toContain(button);
  expect(await get(list)).toContain(button);
});

Deno.test("a queue is searched by case, and stays so from case to case", async () => {
  const { get } = await dashboardWithCases();
  const html = await get("/review?kind=unreviewed&search=AN+02");
  expect(html).toContain("scan 02</span></a>");
  expect(html).not.toContain("scan 01</span></a>");
  const query = "queue=unreviewed&search=AN+02&at=0";
  expect(html).toContain(`scan%2002?${query.replaceAll("&", "&amp;")}`);
  const page = await get(`/runs/${RUN_ID}/cases/scan%2002?${query}`);
  expect(page).toContain("1 of 1");
  expect(page).toContain("/review?kind=unreviewed&amp;search=AN+02");
});

Deno.test("the queue keeps its place when a case has left it, whoever reviewed it", async () => {
  const { post, get } = await dashboardWithCases(memoryStore(), 4);
  const at = (n: number) => `/runs/${RUN_ID}/cases/scan%200${n}`;
  const linksOf = async (n: number, place: number) => {
    const html = await get(
      `${at(n)}?queue=unreviewed&in=${RUN_ID}&at=${place}`,
    );
    return Object.fromEntries(
      [...html.matchAll(/rel="(next|prev)" href="[^"]*scan%200(\d)/g)]
        .map(([, rel, id]) => [rel, id]),
    );
  };
  expect(await linksOf(3, 2)).toEqual({ prev: "2", next: "4" });
  await post({ verdict: "accept" }, { path: at(3) });
  expect(await linksOf(3, 2)).toEqual({ prev: "2", next: "4" });
  await post({ verdict: "accept" }, { path: at(4) });
  expect(await linksOf(4, 3)).toEqual({ prev: "2" });
});

Deno.test("reviews come as CSV and as JSON, formulas disarmed", async () => {
  const { post, request, tokens } = await dashboardWithCases();
  await post({
    verdict: "reject",
    reason: "other",
    comment: '=HYPERLINK("https://evil.example")',
  });
  const headers = bearer(tokens.viewer);
  const csv = await request(`/runs/${RUN_ID}/reviews.csv`, { headers });
  expect(csv.headers.get("content-disposition")).toBe(
    `attachment; filename="${RUN_ID}-reviews.csv"`,
  );
  expect((await csv.text()).split("\r\n")).toEqual([
    "runId,caseId,reviewer,reviewedAt,verdict,reason,comment,attempt,isOfThisMask",
    `${RUN_ID},scan 01,the reviewer,2026-11-24T09:00:00.000Z,reject,other,"'=HYPERLINK(""https://evil.example"")",a1,true`,
    "",
  ]);
  const json = await request(`/api/v1/runs/${RUN_ID}/reviews`, { headers });
  expect(await json.json()).toMatchObject({
    total: 1,
    items: [{ caseId: "scan 01", verdict: "reject" }],
  });
});

Deno.test("programs review by the API", async () => {
  const { request, tokens, stored } = await dashboardWithCases();
  const answer = await request(`/api/v1${PATH}/reviews`, {
    method: "POST",
    headers: {
      ...bearer(tokens.reviewer),
      "content-type": "application/json",
    },
    body: JSON.stringify({
      attempt: ATTEMPT,
      verdict: "accept",
      comment: "good",
    }),
  });
  expect(answer.status).toBe(201);
  expect((await stored())[0]?.review).toEqual(await answer.json());
});

Deno.test("what nobody sees does not get into a comment, and lines end alike", async () => {
  const { post, stored } = await dashboardWithCases();
  await post({
    verdict: "accept",
    comment:
      "\u200b one\r\ntwo\tthree \u202erof\u202c \u2066x\u2069 \u0007\u001b[31m\u0085four\ufeff\u{e0041} ",
  });
  expect((await stored())[0]?.review.comment).toBe(
    "one\ntwo\tthree rof x [31m\nfour",
  );
  // A browser sends two characters for each line's end.
  const long = "x\r\n".repeat(1999) + "xx";
  expect((await post({ verdict: "accept", comment: long })).status).toBe(303);
  expect((await post({ verdict: "accept", comment: `${long}xx` })).status)
    .toBe(400);
});

Deno.test("who reviews is who is logged in, whatever the form says", async () => {
  const { post, stored, request, tokens } = await dashboardWithCases();
  const forged = { reviewer: "eve", actor: "eve", reviewedAt: "2020-01-01" };
  await post({ verdict: "accept", ...forged });
  const answer = await request(`/api/v1${PATH}/reviews`, {
    method: "POST",
    headers: { ...bearer(tokens.reviewer), "content-type": "application/json" },
    body: JSON.stringify({ attempt: ATTEMPT, verdict: "accept", ...forged }),
  });
  expect(answer.status).toBe(400);
  const kept = await stored();
  expect(kept.map(({ review }) => review.reviewer)).toEqual(["the reviewer"]);
  expect(kept[0]?.review.reviewedAt).toBe("2026-11-24T09:00:00.000Z");
});

Deno.test("reviews at the same millisecond are all kept, also where a store creates nothing conditionally", async () => {
  const plain = memoryStore();
  const home = {
    ...plain,
    create: () => Promise.reject(new Deno.errors.NotSupported("no conditions")),
  };
  for (const store of [memoryStore(), home]) {
    const { post, stored } = await dashboardWithCases(store);
    const answers = await Promise.all(
      ["one", "two", "three", "four"].map((comment) =>
        post({ verdict: "accept", comment })
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303, 303]);
    const comments = (await stored()).map(({ review }) => review.comment);
    expect(comments.sort()).toEqual(["four", "one", "three", "two"]);
  }
});

/** Replaces the mask of the first case by that of another attempt, of which the index knows nothing yet. */
async function replaceMask(home: ReturnType<typeof memoryStore>) {
  const key = `runs/${RUN_ID}/${resultKey("scan 01")}`;
  const result = await readRecord(home, key, resultSchema);
  await home.put(key, encodeRecord({ ...result, attempt: "a2" }));
}

Deno.test("a review of a mask that was replaced meanwhile is refused, and its words are kept", async () => {
  const home = memoryStore();
  const { post, get, stored, tokens } = await dashboardWithCases(home);
  const form = () => get(PATH, tokens.reviewer);
  expect(await form()).toContain('name="attempt" value="a1"');
  await replaceMask(home);
  const answer = await post({
    verdict: "fix",
    reason: "boundary",
    comment: "too <tight>",
  });
  expect(answer.status).toBe(409);
  const html = await answer.text();
  expect(html).toContain("was replaced after you looked at it");
  expect(html).toContain("To be fixed, boundary wrong");
  expect(html).toContain("too &lt;tight&gt;</textarea>");
  expect(html).toContain(`href="${PATH}"`);
  expect(await stored()).toEqual([]);
  // The case's page is of the new mask at once.
  expect(await form()).toContain('name="attempt" value="a2"');
  expect((await post({ attempt: "a2", verdict: "accept" })).status).toBe(303);
  expect((await stored()).map(({ review }) => review.attempt)).toEqual(["a2"]);
});

Deno.test("a program that reviews a mask which was replaced meanwhile is told so, as is one that names none", async () => {
  const home = memoryStore();
  const { request, tokens, stored } = await dashboardWithCases(home);
  await replaceMask(home);
  const send = (body: Record<string, string>) =>
    request(`/api/v1${PATH}/reviews`, {
      method: "POST",
      headers: {
        ...bearer(tokens.reviewer),
        "content-type": "application/json",
      },
      body: JSON.stringify({ verdict: "accept", ...body }),
    });
  const answer = await send({ attempt: ATTEMPT });
  expect(answer.status).toBe(409);
  expect(await answer.json()).toMatchObject({
    error: { message: expect.stringContaining("was replaced") },
  });
  expect((await send({})).status).toBe(400);
  expect(await stored()).toEqual([]);
});

Deno.test("a mask whose record is damaged or gone cannot be reviewed", async () => {
  const home = memoryStore();
  const { post, stored } = await dashboardWithCases(home);
  const key = `runs/${RUN_ID}/${resultKey("scan 01")}`;
  await home.put(key, new TextEncoder().encode("{"));
  expect((await post({ verdict: "accept" })).status).toBe(409);
  await home.delete(key);
  const other = await dashboardWithCases(home);
  await home.delete(key);
  expect((await other.post({ verdict: "accept" })).status).toBe(409);
  expect(await stored()).toEqual([]);
});

Deno.test("a review of an earlier mask is shown as one, and the case waits for another", async () => {
  const home = memoryStore();
  const { post, get, deps } = await dashboardWithCases(home);
  await post({ verdict: "accept" });
  expect(await get(PATH)).not.toContain("Of an earlier mask");
  await replaceMask(home);
  await deps.indexer.refreshRun(RUN_ID, deps.signal);
  const html = await get(PATH);
  expect(html).toContain("Of an earlier mask");
  expect(html).toContain("<strong>Accepted</strong>");
  expect(await get("/review")).toContain("/cases/scan%2001?queue=");
});
