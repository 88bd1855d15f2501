/** @module The page of a run, its events, its buttons. */
import { expect } from "@std/expect";
import { readCancel } from "../../../shared/runs/cancel.ts";
import { readRunState } from "../../../shared/runs/run_state.ts";
import type { EvaluateRun } from "../../../shared/runs/records.ts";
import { encodeRecord } from "../../../shared/runs/record_io.ts";
import { substore } from "../../../shared/storage/substore.ts";
import type { Operations } from "../../../shared/dispatch/operations.ts";
import { operationsOf } from "../../support/operations.ts";
import { bearer } from "../../support/dashboard.ts";
import {
  type ResultsDashboard,
  resultsDashboard,
  wordsOf,
} from "../../support/results_dashboard.ts";
import {
  fillResultsHome,
  GOOD_RUN,
  OPEN_RUN,
} from "../../support/results_home.ts";
import { workerRecordOf } from "../../support/runs.ts";
import {
  compared,
  put,
  putFailure,
  putResult,
} from "../../shared/catalog/homes.ts";

Deno.test("GET /runs/:runId shows progress, cost, failures with their sentence, and provenance", async () => {
  const { text } = await resultsDashboard();
  const words = wordsOf(await text(`/runs/${OPEN_RUN}`));
  expect(words).toContain("2 of 6 cases done, 1 failed , 3 open");
  expect(words).toContain("Cost 0.20 EUR");
  expect(words).toContain("1 unreadable The file cannot be read");
  expect(words).toContain("Cannot read case &quot;open-3&quot;: it is cut off");
  expect(words).toContain("Window 3 of 12");
  expect(words).toContain("Its digest " + "a".repeat(64));
  expect(words).toContain("Price of a worker 1.20 EUR/h");
});

Deno.test("GET /runs/:runId narrows, sorts and pages its cases by the address alone", async () => {
  const { text } = await resultsDashboard();
  const casesIn = async (query: string) =>
    [...(await text(`/runs/${GOOD_RUN}?${query}`)).matchAll(
      /\/cases\/(CHUM-\d+)"/g,
    )].map(([, caseId]) => caseId);
  expect(await casesIn("search=chum-00")).toHaveLength(9);
  expect((await casesIn("sort=caseId&direction=descending"))[0])
    .toBe("CHUM-024");
  expect(await casesIn("page=2")).toEqual([]);
  expect(await casesIn("state=failed&search=")).toEqual([]);
});

Deno.test("GET /runs/:runId refuses a question that has no answer", async () => {
  const { request, tokens } = await resultsDashboard();
  for (const query of ["sort=name", "page=0", "state=lost"]) {
    const answer = await request(`/runs/${GOOD_RUN}?${query}`, {
      headers: bearer(tokens.viewer),
    });
    expect(answer.status).toBe(400);
    await answer.body?.cancel();
  }
});

Deno.test("GET /runs/:runId shows what was indexed where the store does not answer", async () => {
  const dashboard = await resultsDashboard();
  dashboard.home.list = () => {
    throw new Error("no route to host");
  };
  const words = wordsOf(await dashboard.text(`/runs/${OPEN_RUN}`));
  expect(words).toContain("2 of 6 cases done");
  expect(dashboard.logged.join()).toContain("no route to host");
});

Deno.test("a viewer sees no buttons that only an operator may press", async () => {
  const { request, tokens, text } = await resultsDashboard();
  const answer = await request(`/runs/${OPEN_RUN}`, {
    headers: bearer(tokens.viewer),
  });
  expect(await answer.text()).not.toContain("/retry");
  expect(await text(`/runs/${OPEN_RUN}`)).toContain("/retry");
});

Deno.test("POST /runs/:runId/cancel asks the workers to stop, retry takes it back and opens failed cases", async () => {
  const { home, post, audited, text } = await resultsDashboard();
  const store = substore(home, `runs/${OPEN_RUN}`);
  const cancelled = await post(`/runs/${OPEN_RUN}/cancel`, {
    reason: "wrong\u202e data\u200bset ",
  });
  expect(cancelled.status).toBe(303);
  expect((await readCancel(store))?.reason).toBe("wrong dataset");
  expect(wordsOf(await text(`/runs/${OPEN_RUN}`))).toContain(
    "Asked to stop: wrong dataset",
  );
  expect([...(await readRunState(store)).failed]).toEqual(["open-3"]);
  const retried = await post(`/runs/${OPEN_RUN}/retry`);
  expect(retried.headers.get("location")).toBe(
    `/runs/${OPEN_RUN}?told=retried`,
  );
  expect(await readCancel(store)).toBe(null);
  expect([...(await readRunState(store)).failed]).toEqual([]);
  const changes = (await audited()).filter(({ action }) => action === "change");
  expect(changes.map(({ route, params }) => [route, params.runId])).toEqual([
    ["/runs/:runId/cancel", OPEN_RUN],
    ["/runs/:runId/retry", OPEN_RUN],
  ]);
});

/** A run whose worker has died, and what was asked to restart. */
async function waitingRun(
  restart?: Operations["restart"],
): Promise<ResultsDashboard & { asked: string[] }> {
  const asked: string[] = [];
  const dashboard = await resultsDashboard(
    fillResultsHome,
    restart === undefined ? {} : {
      operations: {
        ...operationsOf("/nowhere"),
        restart(runId) {
          asked.push(runId);
          return restart(runId);
        },
      },
    },
  );
  await dashboard.home.put(
    `runs/${OPEN_RUN}/workers/host-1.json`,
    encodeRecord(
      workerRecordOf("host-1", { runId: OPEN_RUN, state: "stopped" }),
    ),
  );
  await dashboard.refresh();
  return { ...dashboard, asked };
}

const startsOne = () =>
  Promise.resolve({
    done: { started: "1 worker on this machine", problem: null },
  });

Deno.test("POST /runs/:runId/retry starts workers where none is at work", async () => {
  const { post, text, home, asked } = await waitingRun(startsOne);
  const answer = await post(`/runs/${OPEN_RUN}/retry`);
  expect(answer.headers.get("location")).toBe(
    `/runs/${OPEN_RUN}?told=started`,
  );
  expect(asked).toEqual([OPEN_RUN]);
  const state = await readRunState(substore(home, `runs/${OPEN_RUN}`));
  expect([...state.failed]).toEqual([]);
  expect(wordsOf(await text(`/runs/${OPEN_RUN}?told=started`)))
    .toContain("workers are starting");
});

Deno.test("for 30 seconds after workers were asked for a run says that they are starting, then that there is none", async () => {
  const { post, text, clock } = await waitingRun(startsOne);
  const state = async () =>
    /Progress (.*?) \d+ of 6 cases done/.exec(
      wordsOf(await text(`/runs/${OPEN_RUN}`)),
    )?.[1]?.trim();
  expect(await state()).toBe("No worker is at it");
  await post(`/runs/${OPEN_RUN}/retry`);
  clock.advance(29_000);
  expect(await state()).toBe("Workers are starting");
  expect(await text(`/runs/${OPEN_RUN}`)).not.toContain("Start workers");
  clock.advance(1000);
  expect(await state()).toBe("No worker is at it");
  expect(await text(`/runs/${OPEN_RUN}`)).toContain("Start workers");
});

Deno.test("POST /runs/:runId/retry starts none where workers are at work", async () => {
  const asked: string[] = [];
  const { post } = await resultsDashboard(fillResultsHome, {
    operations: {
      ...operationsOf("/nowhere"),
      restart(runId) {
        asked.push(runId);
        return startsOne();
      },
    },
  });
  const answer = await post(`/runs/${OPEN_RUN}/retry`);
  expect(answer.headers.get("location")).toContain("told=retried");
  expect(asked).toEqual([]);
});

Deno.test("POST /runs/:runId/retry says that the workers did not start, and why; the cases are open", async () => {
  const problem = "Cannot start workers: the queue is closed";
  const { post, home, logged } = await waitingRun(() =>
    Promise.resolve({ done: { started: null, problem } })
  );
  const answer = await post(`/runs/${OPEN_RUN}/retry`);
  expect(answer.status).toBe(502);
  const html = await answer.text();
  expect(wordsOf(html)).toContain("The workers did not start");
  expect(wordsOf(html)).toContain(problem);
  expect(html).toContain(`href="/runs/${OPEN_RUN}"`);
  expect(logged.join()).toContain(problem);
  const state = await readRunState(substore(home, `runs/${OPEN_RUN}`));
  expect([...state.failed]).toEqual([]);
});

Deno.test("the page of a run without workers says the command that starts some, or has a button for it", async () => {
  const none = await waitingRun();
  const answer = await none.post(`/runs/${OPEN_RUN}/retry`);
  expect(answer.headers.get("location")).toContain("told=reopened");
  const html = await none.text(`/runs/${OPEN_RUN}?told=reopened`);
  expect(wordsOf(html)).toContain("Workers must be started for it");
  expect(wordsOf(html)).toContain(
    `uptake retry --run ${none.home.location}/runs/${OPEN_RUN}`,
  );
  expect(html).not.toContain("Start workers<");

  const able = await waitingRun(startsOne);
  await able.post(`/runs/${OPEN_RUN}/retry`);
  able.clock.advance(30_000);
  const page = await able.text(`/runs/${OPEN_RUN}`);
  expect(page).toContain("Start workers<");
  expect(page).not.toContain("uptake retry");
});

Deno.test("POST /runs/:runId/cancel leaves a finished run as it is, and says so", async () => {
  const { home, post, text } = await resultsDashboard();
  const answer = await post(`/runs/${GOOD_RUN}/cancel`, { reason: "late" });
  const place = answer.headers.get("location") ?? "";
  expect(place).toBe(`/runs/${GOOD_RUN}?told=finished`);
  expect(await readCancel(substore(home, `runs/${GOOD_RUN}`))).toBeNull();
  expect(wordsOf(await text(place))).toContain("nothing to cancel");
});

Deno.test("GET /runs/:runId/events says that a page is outdated which has other columns than its run now", async () => {
  const { request, tokens, text } = await resultsDashboard();
  expect(await text(`/runs/${OPEN_RUN}`)).toContain("labelled=yes");
  const answer = await request(`/runs/${OPEN_RUN}/events?labelled=no`, {
    headers: bearer(tokens.viewer),
  });
  expect(await answer.text()).toContain("event: outdated");
});

Deno.test("the page of an evaluation of masks tells where they are, and has no workers to ask", async () => {
  const runId = "20260201T030405Z-000009";
  const run: EvaluateRun = {
    format: 1,
    kind: "evaluate",
    runId,
    createdAt: "2026-02-01T03:04:05.000Z",
    codeVersion: "0.0.0",
    masks: "s3://others/masks",
    labels: "s3://others/labels",
    classes: ["background", "tumour"],
    cases: [{
      caseId: "c1",
      label: { store: "s3://others/labels", key: "c1.nii.gz" },
      unit: "unknown",
    }],
  };
  const { text, post } = await resultsDashboard((home) =>
    put(home, `runs/${runId}/run.json`, run)
  );
  const html = await text(`/runs/${runId}`);
  expect(wordsOf(html)).toContain("Masks s3://others/masks");
  expect(html).not.toContain("/retry");
  const statuses = await Promise.all(
    ["retry", "cancel"].map(async (what) =>
      (await post(`/runs/${runId}/${what}`)).status
    ),
  );
  expect(statuses).toEqual([404, 404]);
});

interface Event {
  readonly name: string;
  readonly id: string | undefined;
  readonly data: string;
}

/** Events as they come; a comment is an event without a name. */
async function* eventsOf(
  { request, tokens }: ResultsDashboard,
  headers: Record<string, string> = {},
): AsyncGenerator<Event> {
  const answer = await request(`/runs/${OPEN_RUN}/events`, {
    headers: { ...bearer(tokens.viewer), ...headers },
  });
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  let text = "";
  for await (
    const piece of answer.body!.pipeThrough(new TextDecoderStream())
  ) {
    text += piece;
    let end: number;
    while ((end = text.indexOf("\n\n")) !== -1) {
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const all = (name: string) =>
        lines.filter((line) => line.startsWith(`${name}: `))
          .map((line) => line.slice(name.length + 2));
      yield {
        name: all("event")[0] ?? "",
        id: all("id")[0],
        data: all("data").join("\n"),
      };
    }
  }
}

Deno.test("GET /runs/:runId/events sends what changes, and ends when the run is over", async () => {
  const dashboard = await resultsDashboard();
  const events = eventsOf(dashboard);
  const next = async () => (await events.next()).value!;
  expect(wordsOf((await next()).data)).toContain("2 of 6 cases done");
  expect(wordsOf((await next()).data)).toContain("open-4 Window 3 of 12");
  for (const caseId of ["open-4", "open-5", "open-6"]) {
    await putResult(dashboard.home, OPEN_RUN, caseId, compared(0.5));
  }
  await dashboard.home.put(
    `runs/${OPEN_RUN}/workers/host-1.json`,
    encodeRecord(workerRecordOf("host-1", { runId: OPEN_RUN, state: "ended" })),
  );
  const rest = await Array.fromAsync(events);
  const last = (name: string) =>
    wordsOf(rest.findLast((event) => event.name === name)?.data ?? "");
  expect(last("progress")).toContain("5 of 6 cases done");
  expect(last("cases")).toContain("open-6 Done");
  expect(rest.at(-1)?.name).toBe("end");
});

Deno.test("GET /runs/:runId/events brings operators the button that a failure calls for, and viewers none", async () => {
  const dashboard = await resultsDashboard(async (home) => {
    await fillResultsHome(home);
    await home.delete(`runs/${OPEN_RUN}/failures/open-3/0.json`);
  });
  const actionsFor = async (token: string) => {
    const answer = await dashboard.request(`/runs/${OPEN_RUN}/events`, {
      headers: bearer(token),
    });
    const reader = answer.body!.pipeThrough(new TextDecoderStream())
      .getReader();
    let told = "";
    return {
      until: async (wanted: string) => {
        while (!told.includes(wanted)) {
          told += (await reader.read()).value ?? "";
        }
        return told;
      },
      end: () => reader.cancel(),
    };
  };
  const operator = await actionsFor(dashboard.tokens.operator);
  expect(await operator.until("event: actions")).not.toContain("/retry");
  await putFailure(dashboard.home, OPEN_RUN, "open-3");
  expect(await operator.until("/retry")).toContain("Retry failed cases");
  await operator.end();
  const viewer = await actionsFor(dashboard.tokens.viewer);
  expect(await viewer.until("event: actions")).not.toContain("/retry");
  await viewer.end();
});

Deno.test("GET /runs/:runId/events ends with the dashboard", async () => {
  const stop = new AbortController();
  const dashboard = await resultsDashboard(fillResultsHome, {
    signal: stop.signal,
  });
  const events = eventsOf(dashboard);
  await events.next();
  stop.abort();
  const rest = await Array.fromAsync(events);
  expect(rest.length).toBeLessThan(3);
});

Deno.test("GET /runs/:runId/events sends nothing again to who comes back", async () => {
  const dashboard = await resultsDashboard();
  const events = eventsOf(dashboard);
  await events.next();
  await events.next();
  const { id } = (await events.next()).value!;
  await events.return(undefined);
  const again = eventsOf(dashboard, { "last-event-id": id });
  expect((await again.next()).value!.name).toBe("");
  await putResult(dashboard.home, OPEN_RUN, "open-4", compared(0.5));
  expect((await again.next()).value!.name).toBe("progress");
  await again.return(undefined);
});

Deno.test("GET /runs/:runId says no more that workers are starting once the run has finished", async () => {
  const { text } = await resultsDashboard();
  const told = (runId: string) => text(`/runs/${runId}?told=started`);
  expect(await told(OPEN_RUN)).toContain("workers are starting.");
  expect(await told(GOOD_RUN)).not.toContain("workers are starting.");
});
