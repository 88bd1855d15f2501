/** @module Reviews of what nobody saw: masks that are gone, other reviews that came meanwhile, reviews that are none. */
import { expect } from "@std/expect";
import { attemptKey } from "../../../shared/runs/keys.ts";
import { fillCaseHome, RUN_ID } from "../../support/case_home.ts";
import { bearer } from "../../support/dashboard.ts";
import { memoryStore } from "../../support/memory_store.ts";
import {
  ATTEMPT,
  dashboardWithCases,
  PATH,
} from "../../support/review_dashboard.ts";
import {
  fillHostileHome,
  NAMES,
  runIdOf,
} from "../../support/hostile_names.ts";
import { resultsDashboard } from "../../support/results_dashboard.ts";

const MASK = `runs/${RUN_ID}/${attemptKey("scan 01", ATTEMPT, "mask.nii.gz")}`;
const CAME = "2026-11-24T09:00:00.000Z";

for (const how of ["missing", "cut off"] as const) {
  Deno.test(`a mask that is ${how} can only be rejected, on the page and by the API`, async () => {
    const home = memoryStore();
    const { post, get, stored, request, tokens } = await dashboardWithCases(
      home,
    );
    expect(await get(PATH)).not.toContain("it can only be rejected");
    if (how === "missing") await home.delete(MASK);
    else await home.put(MASK, new Uint8Array(100));
    const form = await get(PATH);
    expect(form).toContain("it can only be rejected");
    const isOff = (verdict: string) =>
      new RegExp(`<input[^>]*value="${verdict}"[^>]*disabled`).test(form);
    expect(["accept", "fix", "reject"].map(isOff)).toEqual([true, true, false]);

    const accept = await post({ verdict: "accept", comment: "looks good" });
    expect(accept.status).toBe(409);
    const said = await accept.text();
    expect(said).toContain("nobody can judge it");
    expect(said).toContain("looks good</textarea>");
    expect((await post({ verdict: "fix", reason: "boundary" })).status)
      .toBe(409);
    const answer = await request(`/api/v1${PATH}/reviews`, {
      method: "POST",
      headers: {
        ...bearer(tokens.reviewer),
        "content-type": "application/json",
      },
      body: JSON.stringify({ attempt: ATTEMPT, verdict: "accept" }),
    });
    expect(answer.status).toBe(409);
    expect((await answer.json()).error.message).toContain("reject it");
    expect(await stored()).toEqual([]);
    expect((await post({ verdict: "reject", reason: "other" })).status)
      .toBe(303);
    expect(await stored()).toHaveLength(1);
  });
}

Deno.test("a review that came since the case was opened is told, and both are kept when it is saved anyway", async () => {
  const { post, get, stored, tokens } = await dashboardWithCases();
  expect(await get(PATH)).toContain('name="seen" value=""');
  await post({ verdict: "fix", reason: "boundary", seen: "" }, {
    token: tokens.operator,
  });
  const answer = await post({ verdict: "accept", comment: "fine", seen: "" });
  expect(answer.status).toBe(409);
  const html = await answer.text();
  expect(html).toContain("To be fixed, boundary wrong");
  expect(html).toContain("the operator");
  expect(html).toContain("Save anyway");
  expect(html).toContain(`name="seen" value="${CAME}"`);
  expect(await stored()).toHaveLength(1);
  // What the case's page says was seen is what counts.
  expect(await get(PATH)).toContain(`name="seen" value="${CAME}"`);
  expect((await post({ verdict: "accept", seen: CAME })).status).toBe(303);
  const verdicts = (await stored()).map(({ review }) => review.verdict);
  expect(verdicts.sort()).toEqual(["accept", "fix"]);
});

Deno.test("a review that is sent twice is stored once, and no stranger's", async () => {
  const { post, stored, tokens } = await dashboardWithCases();
  const same = { verdict: "accept", comment: "fine", seen: "" };
  const [first, second] = [await post(same), await post(same)];
  expect(second.status).toBe(303);
  expect(second.headers.get("location")).toBe(first.headers.get("location"));
  expect(await stored()).toHaveLength(1);
  expect((await post(same, { token: tokens.operator })).status).toBe(409);
});

Deno.test("a program learns of a review that it has not seen only if it says what it has seen", async () => {
  const { request, tokens, post, stored } = await dashboardWithCases();
  await post({ verdict: "fix", reason: "boundary" });
  const send = (body: Record<string, unknown>) =>
    request(`/api/v1${PATH}/reviews`, {
      method: "POST",
      headers: {
        ...bearer(tokens.reviewer),
        "content-type": "application/json",
      },
      body: JSON.stringify({ attempt: ATTEMPT, verdict: "accept", ...body }),
    });
  const refused = await send({ seen: null });
  expect(refused.status).toBe(409);
  expect((await refused.json()).error.message).toContain("seen");
  expect((await send({ seen: CAME })).status).toBe(201);
  expect((await send({})).status).toBe(201);
  expect(await stored()).toHaveLength(3);
});

Deno.test("pages say of no review but their reader's own, which stands in the store, that it is saved", async () => {
  const { post, get, tokens } = await dashboardWithCases();
  const there = (await post({ verdict: "accept", then: "/review" }))
    .headers.get("location")!;
  const own = "The review of scan 01 in run";
  expect(await get(there)).toContain(`${own} ${RUN_ID} is saved.`);
  expect(await get(there, tokens.operator)).not.toContain("is saved.");
  const marks = [
    "anything \u202e at all",
    "x".repeat(5000),
    `${RUN_ID}/scan 01/2026-11-24T09:00:00.001Z`,
    `${RUN_ID}/scan 02/${CAME}`,
    `${RUN_ID}/../${CAME}`,
    `nothing/scan 01/${CAME}`,
  ];
  for (const path of ["/review", `/runs/${RUN_ID}/cases`, PATH]) {
    for (const mark of marks) {
      const html = await get(`${path}?saved=${encodeURIComponent(mark)}`);
      expect(html).toContain('id="saved"');
      expect(html).not.toContain("is saved.");
    }
  }
});

Deno.test("cases of several runs that are called the same are told apart by their run", async () => {
  const home = memoryStore();
  const other = "20260102T030405Z-000009";
  await fillCaseHome(home, { cases: 1, runId: other });
  const { post, get } = await dashboardWithCases(home);
  const path = `/runs/${other}/cases/scan%2001`;
  const next = (await post({ verdict: "accept", then: path }))
    .headers.get("location")!;
  expect(await get(next)).toContain(
    `The review of scan 01 in run ${RUN_ID} is saved.`,
  );
  const heading = `Run ${other}, `;
  expect(await get(`${path}?queue=unreviewed`)).toContain(heading);
  expect(await get(`${path}?queue=unreviewed&in=${other}`))
    .not.toContain(heading);
});

Deno.test("names on a case's page can be read, whatever turns the direction of writing", async () => {
  const { text } = await resultsDashboard(fillHostileHome);
  const n = Object.keys(NAMES).indexOf("turned");
  const runId = runIdOf(n, "aaaaaa");
  const list = await text(`/runs/${runId}/cases`);
  const path = /href="(\/runs\/[^"?]*\/cases\/[^"?]+)/.exec(list)![1]!;
  const html = await text(path);
  expect(html).toContain("scan \ufffdgpj.exe");
  expect(html).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
});
