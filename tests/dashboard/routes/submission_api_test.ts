/** @module Planning and starting runs as programs do it, by the real operations over a folder. */
import { expect } from "@std/expect";
import { createToken } from "../../../dashboard/auth/tokens.ts";
import { RATES } from "../../../dashboard/security/guard.ts";
import { bearer, ORIGIN } from "../../support/dashboard.ts";
import { readJson } from "../../support/datasets.ts";
import { withDataset } from "../../support/operations.ts";
import {
  type OperationsDashboard,
  operationsDashboard,
  registered,
  runsIn,
} from "../../support/operations_dashboard.ts";

/** What a program asks for: quickly planned, as no window is measured. */
async function asking(folder: string, dashboard: OperationsDashboard) {
  const { dataset, checkpoint } = await registered(folder, dashboard);
  return {
    dataset,
    checkpoints: [checkpoint],
    options: { overlap: 0.25, secondsPerWindow: 1 },
  };
}

async function message(answer: Response): Promise<string> {
  return `${answer.status} ${(await answer.json()).error.message}`;
}

Deno.test("a program plans, looks at the plan, starts it once and gets the same answer again", async () => {
  await withDataset(async (folder) => {
    const dashboard = await operationsDashboard(folder);
    const { send, get } = dashboard;
    const asked = await asking(folder, dashboard);
    const planned = await send("/api/v1/plans", asked);
    expect(planned.status).toBe(201);
    const plan = await planned.json();
    expect(plan.runs).toMatchObject([{
      matched: 2,
      labelled: 1,
      unmatched: { count: 1 },
      unreadable: { count: 1 },
    }]);
    expect(plan.options.overlap).toBe("0.25");
    const href = planned.headers.get("location")!;
    expect(await (await get(href)).json()).toEqual(plan);
    expect(runsIn(folder)).toEqual([]);

    const answers = await Promise.all(
      [1, 2].map(() => send("/api/v1/runs", { plan: plan.id })),
    );
    const [first, second] = await Promise.all(
      answers.map((answer) => answer.json()),
    );
    const [runId, ...others] = runsIn(folder);
    expect(others).toEqual([]);
    expect(first).toEqual({
      runs: [{
        runId,
        href: `/api/v1/runs/${runId}`,
        page: `/runs/${runId}`,
      }],
      problem: null,
    });
    expect(second).toEqual(first);
    expect(answers[0]!.headers.get("location")).toBe(`/api/v1/runs/${runId}`);
    expect((await get(`/api/v1/runs/${runId}`)).status).toBe(200);
    expect((await get(href)).status).toBe(404);
    const run = await readJson(`${folder}/home/runs/${runId}/run.json`);
    expect(run.options.overlap).toBe(0.25);
  });
});

Deno.test("runs are planned and started at once, once per Idempotency-Key", async () => {
  await withDataset(async (folder) => {
    const dashboard = await operationsDashboard(folder);
    const { send, clock, tokens, request } = dashboard;
    const asked = await asking(folder, dashboard);
    const key = { "idempotency-key": "night-1" };
    const start = async (body: unknown, headers = {}) => {
      const answer = await send("/api/v1/runs", body, headers);
      return answer.status === 201
        ? (await answer.json()).runs[0].runId
        : await message(answer);
    };
    const first = await start(asked, key);
    expect(await start(asked, key)).toBe(first);
    expect(await start({ ...asked, folds: 1 }, key)).toBe(
      "422 Another request had this Idempotency-Key",
    );
    expect(runsIn(folder)).toEqual([first]);
    const started = (await dashboard.audited()).find(({ route, outcome }) =>
      route === "/api/v1/runs" && outcome === "done"
    );
    expect(started?.details).toEqual({
      plan: expect.stringMatching(/^[0-9a-f-]{36}$/),
      runIds: first,
    });
    // Another person's key is another key.
    const { authorization } = bearer(tokens.viewer);
    const other = await request("/api/v1/runs", {
      method: "POST",
      headers: { authorization, ...key, "content-type": "application/json" },
      body: JSON.stringify(asked),
    });
    expect(other.status).toBe(403);
    await other.body?.cancel();
    const second = await start(asked);
    expect(second).not.toBe(first);
    clock.advance(25 * 3_600_000);
    expect([first, second]).not.toContain(await start(asked, key));
    expect(runsIn(folder)).toHaveLength(3);
  });
});

Deno.test("an Idempotency-Key of a token is none of a person whom it is called after", async () => {
  await withDataset(async (folder) => {
    const dashboard = await operationsDashboard(folder);
    const { request, home, deps } = dashboard;
    const asked = await asking(folder, dashboard);
    const { actor, role } = deps.auth.linkUser;
    const { token } = await createToken(
      home,
      { name: actor, role, days: 1 },
      deps.now(),
    );
    const cookie = await dashboard.logIn();
    const start = async (headers: Record<string, string>) => {
      const answer = await request("/api/v1/runs", {
        method: "POST",
        headers: {
          ...headers,
          "content-type": "application/json",
          "idempotency-key": "night-1",
        },
        body: JSON.stringify(asked),
      });
      return String((await answer.json()).runs[0].runId);
    };
    const ofToken = await start(bearer(token));
    const ofPerson = await start({ cookie, origin: ORIGIN });
    expect(ofPerson).not.toBe(ofToken);
    expect(await start(bearer(token))).toBe(ofToken);
  });
});

Deno.test("a refused request may be tried again with its Idempotency-Key", async () => {
  await withDataset(async (folder) => {
    const dashboard = await operationsDashboard(folder);
    const asked = await asking(folder, dashboard);
    const key = { "idempotency-key": "night-1" };
    const wanting = `${folder}/data-later`;
    await Deno.rename(`${folder}/data`, wanting);
    const refused = await dashboard.send("/api/v1/runs", asked, key);
    expect(refused.status).toBe(422);
    await refused.body?.cancel();
    await Deno.rename(wanting, `${folder}/data`);
    const started = await dashboard.send("/api/v1/runs", asked, key);
    expect(started.status).toBe(201);
    await started.body?.cancel();
  });
});

Deno.test("a program is told what is wrong with its request", async () => {
  await withDataset(async (folder) => {
    const dashboard = await operationsDashboard(folder);
    const asked = await asking(folder, dashboard);
    for (
      const [change, sentence] of [
        [
          { options: { overlap: "0.5" } },
          "400 ✖ Invalid input: expected number",
        ],
        [{ options: { overlap: 1 } }, "422 overlap must be less than 1"],
        [{ options: { tta: "twice" } }, "400 ✖ Invalid option"],
        [{ options: { workers: 9 } }, '400 ✖ Unrecognized key: "workers"'],
        [{ checkpoints: [] }, "400 ✖ Too small"],
        [{ checkpoints: ["nano"] }, "400 ✖ Invalid string"],
        [{ checkpoints: ["0".repeat(64)] }, "422 A checkpoint is not one"],
        [{ folds: "some" }, "400 ✖ Invalid input"],
        [{ folds: 3 }, "422 Cannot plan"],
        [{ dataset: "" }, "400 ✖ Too small"],
        [{ dataset: "s3://other/data" }, "422 Cannot read a dataset"],
        [{ dispatch: "kubernetes" }, "422 Workers cannot run on kubernetes"],
        [{ dispatch: "moon" }, "400 ✖ Invalid option"],
        [{ secret: 1 }, '400 ✖ Unrecognized key: "secret"'],
      ] as const
    ) {
      const answer = await dashboard.send("/api/v1/plans", {
        ...asked,
        ...change,
      });
      const text = await message(answer);
      expect(`${JSON.stringify(change)} ${text}`).toContain(
        `${JSON.stringify(change)} ${sentence}`,
      );
    }
    for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
      const answer = await dashboard.send("/api/v1/plans", asked, {
        "content-type": type,
      });
      expect(answer.status).toBe(415);
      await answer.body?.cancel();
    }
    const broken = await dashboard.request("/api/v1/runs", {
      method: "POST",
      headers: {
        ...bearer(dashboard.tokens.operator),
        "content-type": "application/json",
      },
      body: "{",
    });
    expect(await message(broken)).toBe("400 Malformed JSON in request body");
    expect(runsIn(folder)).toEqual([]);
  });
});

Deno.test("a token changes things from anywhere, a cookie only from the dashboard's own pages", async () => {
  await withDataset(async (folder) => {
    const dashboard = await operationsDashboard(folder);
    const asked = await asking(folder, dashboard);
    const cookie = await dashboard.logIn();
    const ask = async (headers: Record<string, string>) => {
      const answer = await dashboard.request("/api/v1/plans", {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(asked),
      });
      await answer.body?.cancel();
      return answer.status;
    };
    const { operator, reviewer } = dashboard.tokens;
    expect(await ask(bearer(operator))).toBe(201);
    expect(await ask(bearer(reviewer))).toBe(403);
    expect(await ask({ cookie })).toBe(403);
    expect(await ask({ cookie, origin: "https://evil.example" })).toBe(403);
    expect(await ask({ cookie, origin: ORIGIN })).toBe(201);
    // A page elsewhere that has found a token is still a page elsewhere.
    expect(
      await ask({ ...bearer(operator), origin: "https://evil.example" }),
    ).toBe(403);
    const lines = (await dashboard.audited())
      .filter(({ route }) => route === "/api/v1/plans");
    expect(lines.map(({ actor, action, outcome, reason }) => [
      actor,
      action,
      outcome,
      reason,
    ])).toEqual([
      ["the operator", "change", "done", undefined],
      ["the reviewer", "change", "refused", "role"],
      [null, "change", "refused", "foreign"],
      [null, "change", "refused", "foreign"],
      ["local", "change", "done", undefined],
      [null, "change", "refused", "foreign"],
    ]);
  });
});

Deno.test("planning and starting is slowed down like all that is heavy", async () => {
  await withDataset(async (folder) => {
    const { send } = await operationsDashboard(folder);
    const statuses: number[] = [];
    for (let n = 0; n <= RATES.heavy.burst; n++) {
      const answer = await send(n % 2 ? "/api/v1/plans" : "/api/v1/runs", {});
      await answer.body?.cancel();
      statuses.push(answer.status);
    }
    expect(new Set(statuses.slice(0, -1))).toEqual(new Set([400]));
    expect(statuses.at(-1)).toBe(429);
  });
});

Deno.test("nothing starts without --allow-submit, and without operations nothing is planned", async () => {
  await withDataset(async (folder) => {
    const dashboard = await operationsDashboard(folder, { allowSubmit: false });
    const asked = await asking(folder, dashboard);
    const answer = await dashboard.send("/api/v1/runs", asked);
    expect(await message(answer)).toContain("without --allow-submit");
    expect(runsIn(folder)).toEqual([]);
    const choices = await (await dashboard.get("/api/v1/choices")).json();
    expect(choices).toMatchObject({ maySubmit: false, datasetRoots: [] });
  });
});

Deno.test("runs whose workers do not start are told with the reason, and stay", async () => {
  await withDataset(async (folder) => {
    const dashboard = await operationsDashboard(folder);
    const asked = await asking(folder, dashboard);
    const { operations } = dashboard.deps;
    const away = await operationsDashboard(folder, {}, {
      submit: async (id) => {
        const made = await operations!.submit(id);
        return "done" in made
          ? { done: { ...made.done, problem: "the queue is closed" } }
          : made;
      },
      plan: (asked) => operations!.plan(asked),
    });
    const answer = await away.send("/api/v1/runs", asked);
    expect(answer.status).toBe(201);
    const { runs, problem } = await answer.json();
    expect(problem).toBe("the queue is closed");
    expect(runsIn(folder)).toEqual([runs[0].runId]);
    expect(away.logged).toEqual([
      `Workers of ${runs[0].runId} did not start: the queue is closed`,
    ]);

    const form = {
      dataset: asked.dataset,
      checkpoint: asked.checkpoints,
      secondsPerWindow: "1",
    };
    const planned = await away.post("/submit", form);
    const plan = planned.headers.get("location")!.split("plan=")[1]!;
    const page = await away.post("/submit/start", { plan });
    expect(page.status).toBe(502);
    const text = await page.text();
    expect(text).toContain("The workers did not start");
    expect(text).toContain("the queue is closed");
    const [runId] = runsIn(folder).filter((id) => id !== runs[0].runId);
    expect(text).toContain(`href="/runs/${runId}"`);
  });
});

Deno.test("a run that started is told so where the index cannot be brought up to date", async () => {
  await withDataset(async (folder) => {
    const dashboard = await operationsDashboard(folder);
    const asked = await asking(folder, dashboard);
    dashboard.deps.indexer.refreshRun = () =>
      Promise.reject(new Error("the store is away"));
    const answer = await dashboard.send("/api/v1/runs", asked);
    expect(answer.status).toBe(201);
    await answer.body?.cancel();
    expect(dashboard.logged.at(-1)).toContain("the store is away");
  });
});
