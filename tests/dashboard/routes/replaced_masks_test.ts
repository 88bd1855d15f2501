/** @module Reviews of masks that were replaced, damaged or removed meanwhile. */
import { expect } from "@std/expect";
import { resultKey } from "../../../shared/runs/keys.ts";
import { encodeRecord, readRecord } from "../../../shared/runs/record_io.ts";
import { resultSchema } from "../../../shared/runs/records.ts";
import { RUN_ID } from "../../support/case_home.ts";
import { bearer } from "../../support/dashboard.ts";
import { memoryStore } from "../../support/memory_store.ts";
import {
  ATTEMPT,
  dashboardWithCases,
  PATH,
} from "../../support/review_dashboard.ts";

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
