/** @module The dashboard over a home in a bucket, whose server goes away and comes back. */
import { expect } from "@std/expect";
import { setTimeout as delay } from "node:timers/promises";
import { REVIEWS } from "../../shared/runs/reviews.ts";
import { resultKey } from "../../shared/runs/keys.ts";
import type { EvaluateRun } from "../../shared/runs/records.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { openStore } from "../../shared/storage/open_store.ts";
import { fillCaseHome, RUN_ID } from "../support/case_home.ts";
import { wordsOf } from "../support/results_dashboard.ts";
import { resultOf } from "../support/runs.ts";
import { S3FaultProxy } from "../support/s3_fault_proxy.ts";
import { testWithS3 } from "../support/s3_server.ts";
import { testStore } from "../support/s3_store.ts";
import { withServedDashboard } from "../support/serve_dashboard.ts";
import {
  compared,
  put,
  putResult,
  putSummary,
} from "../shared/catalog/homes.ts";

const EVALUATED = "20260103T030405Z-000001";

/** Masks that somebody made elsewhere: the first of two cases is done. */
async function fillEvaluation(home: ObjectStore): Promise<void> {
  const run: EvaluateRun = {
    format: 1,
    kind: "evaluate",
    runId: EVALUATED,
    createdAt: "2026-01-03T03:04:05.000Z",
    codeVersion: "0.0.0",
    masks: "s3://others/masks",
    labels: "s3://others/labels",
    classes: ["background", "tumour"],
    cases: ["e1", "e2"].map((caseId) => ({
      caseId,
      label: { store: "s3://others/labels", key: `${caseId}.nii.gz` },
      unit: "unknown",
    })),
  };
  const folder = `runs/${EVALUATED}`;
  await put(home, `${folder}/run.json`, run);
  await put(
    home,
    `${folder}/${resultKey("e1")}`,
    resultOf("e1", "a", { runId: EVALUATED, metrics: compared(0.75) }),
  );
}

/** Asks until the answer is as it should be, or for two minutes. */
async function until<T>(
  ask: () => Promise<T>,
  isIt: (answer: T) => boolean,
): Promise<T> {
  const endsMs = performance.now() + 120_000;
  while (true) {
    const answer = await ask();
    if (isIt(answer)) return answer;
    if (performance.now() > endsMs) {
      throw new Error(`It stays ${JSON.stringify(answer)}`);
    }
    await delay(100);
  }
}

testWithS3(
  "a dashboard over a bucket shows runs, files and reviews, stands an outage, and catches up",
  async (server) => {
    await using gateway = new S3FaultProxy(server.endpoint);
    const prefix = `tests/${crypto.randomUUID()}`;
    const direct = testStore(server, {}, prefix);
    const [scan] = await fillCaseHome(direct, {
      cases: 2,
      shape: [24, 24, 32],
      spacingMm: [20, 20, 30],
    });
    await fillEvaluation(direct);
    const env = {
      AWS_ENDPOINT_URL: gateway.endpoint,
      AWS_ACCESS_KEY_ID: server.accessKey,
      AWS_SECRET_ACCESS_KEY: server.secretKey,
      AWS_MAX_ATTEMPTS: "2",
    };
    const reviews = () =>
      Array.fromAsync(direct.list(`runs/${RUN_ID}/${REVIEWS}`));

    await withServedDashboard(
      direct.location,
      async ({ origin, link, said }) => {
        const login = await fetch(link(), { redirect: "manual" });
        await login.body?.cancel();
        const cookie = login.headers.getSetCookie()[0]!.split(";")[0]!;
        const get = (path: string, headers: Record<string, string> = {}) =>
          fetch(origin + path, {
            headers: { cookie, accept: "text/html", ...headers },
          });
        const words = async (path: string) =>
          wordsOf(await (await get(path)).text());
        const state = async () => await (await get("/api/v1/state")).json();
        await until(state, ({ indexedAt }) => indexedAt !== null);

        const list = await words("/runs");
        expect(list).toContain("Phantoms");
        expect(list).toContain("labels");
        expect(await words(`/runs/${RUN_ID}`)).toContain("2 of 2 cases done");
        expect(await words(`/runs/${EVALUATED}`)).toContain(
          "1 of 2 cases done, 0 failed , 1 open",
        );

        const casePath = `/runs/${RUN_ID}/cases/${
          encodeURIComponent(scan!.caseId)
        }`;
        expect((await get(casePath)).status).toBe(200);
        const whole = await (await get(`${casePath}/mask`)).bytes();
        const part = await get(`${casePath}/mask`, {
          range: "bytes=10-19",
        });
        expect(part.status).toBe(206);
        expect(part.headers.get("content-range"))
          .toBe(`bytes 10-19/${whole.length}`);
        expect(await part.bytes()).toEqual(whole.slice(10, 20));

        const comment = "The lesion of the liver is missing";
        const review = (verdict: string) =>
          fetch(`${origin}${casePath}/reviews`, {
            method: "POST",
            redirect: "manual",
            headers: {
              cookie,
              origin,
              accept: "text/html",
              "sec-fetch-site": "same-origin",
            },
            body: new URLSearchParams({
              attempt: "a1",
              verdict,
              reason: "missedLesion",
              comment,
            }),
          });
        const saved = await review("fix");
        expect(saved.status).toBe(303);
        await saved.body?.cancel();
        expect(await reviews()).toHaveLength(1);

        gateway.onRequest = () => ({ kind: "refuse" });
        await until(state, ({ isStuck }) => isStuck === true);
        for (const path of ["/", "/runs", `/runs/${RUN_ID}`, casePath]) {
          const answer = await get(path);
          expect(`${path} ${answer.status}`).toBe(`${path} 200`);
          expect(wordsOf(await answer.text())).toMatch(
            /The store does not answer\. As of \d+ (s|min) ago/,
          );
        }
        expect(await words(`/runs/${EVALUATED}`)).toContain(
          "1 of 2 cases done, 0 failed , 1 open",
        );
        const refused = await review("reject");
        expect(refused.status).toBe(503);
        const page = await refused.text();
        expect(wordsOf(page)).toContain(
          "is not saved: the store does not answer",
        );
        // All that was said stands in a form that can be sent again.
        expect(page).toContain(`>${comment}</textarea>`);
        expect(page).toContain('name="attempt" value="a1"');
        expect(page).toContain('name="verdict" value="reject"');
        expect(page).toContain('name="reason" value="missedLesion"');
        expect(said.join("\n")).toContain("is not saved");

        // Before the store answers again: the first look that succeeds sees it.
        await putResult(direct, EVALUATED, "e2", compared(0.25));
        await putSummary(direct, EVALUATED, [compared(0.75), compared(0.25)]);
        gateway.onRequest = () => ({ kind: "pass" });
        const again = await review("reject");
        expect(again.status).toBe(303);
        await again.body?.cancel();
        expect(await reviews()).toHaveLength(2);
        await until(state, ({ isStuck }) => isStuck === false);
        expect(await words(`/runs/${EVALUATED}`)).toContain(
          "Finished 2 of 2 cases done, 0 failed , 0 open",
        );
        expect(await words(casePath)).toContain("Rejected");
      },
      undefined,
      ":memory:",
      (location) => openStore(location, { env }),
    );
  },
);
