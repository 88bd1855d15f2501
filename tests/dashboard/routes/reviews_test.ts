/** @module Reviews: saved once each, shown, exported. */
import { expect } from "@std/expect";
import { RUN_ID } from "../../support/case_home.ts";
import { bearer } from "../../support/dashboard.ts";
import { memoryStore } from "../../support/memory_store.ts";
import {
  ATTEMPT,
  dashboardWithCases,
  PATH,
} from "../../support/review_dashboard.ts";

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
    `/review?kind=unreviewed&saved=${RUN_ID}%2Fscan+01%2F2026-11-24T09%3A00%3A00.000Z`,
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
