/** @module Where a case stands in a list that it is looked at in. */
import { expect } from "@std/expect";
import {
  placeInQueue,
  QUEUES,
  type QueueScope,
} from "../../../dashboard/cases/case_context.ts";
import { caseOf } from "../../support/runs.ts";
import {
  comparedClasses,
  emptyHome,
  putResult,
  putRun,
} from "../../shared/catalog/homes.ts";

const RUN = "20260101T000000Z-aaaaaa";

Deno.test("the way through a queue meets each case of a run with several classes once", async () => {
  const { store, catalog, refresh } = emptyHome();
  const dice = [[0.9, 0.2], [0.1, 0.8], [0.5, 0.3]] as const;
  await putRun(store, RUN, {
    classes: ["background", "tumour", "node"],
    cases: dice.map((_, n) => caseOf(`c${n + 1}`)),
  });
  for (const [n, [tumour, node]] of dice.entries()) {
    const metrics = comparedClasses({ tumour, node });
    await putResult(store, RUN, `c${n + 1}`, metrics);
  }
  await refresh();
  const walk = (queue: typeof QUEUES[number], within: QueueScope) => {
    const met: string[] = [];
    let caseId: string | undefined = queue === "lowest-dice" ? "c2" : "c1";
    while (caseId !== undefined && met.length < 10) {
      met.push(caseId);
      const { nextUrl, position, total } = placeInQueue(
        catalog,
        queue,
        within,
        { runId: RUN, caseId },
      );
      expect([position, total]).toEqual([met.length, 3]);
      caseId = /cases\/(c\d)/.exec(nextUrl ?? "")?.[1];
    }
    return met;
  };
  for (const within of [{}, { in: RUN }]) {
    expect(walk("lowest-dice", within)).toEqual(["c2", "c1", "c3"]);
    expect(walk("unreviewed", within)).toEqual(["c1", "c2", "c3"]);
  }
});
