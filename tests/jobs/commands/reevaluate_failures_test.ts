/** @module `uptake reevaluate` on the nights after a case failed. */
import { expect } from "@std/expect";
import type { FailureKind } from "../../../shared/case_error.ts";
import { commitFailure } from "../../../shared/runs/commit.ts";
import { resultKey } from "../../../shared/runs/keys.ts";
import { writeRunSummary } from "../../../shared/runs/summarise.ts";
import { FileStore } from "../../../shared/storage/file_store.ts";
import { PHANTOM, readJson, writeDataset } from "../../support/datasets.ts";
import {
  evaluationsOf,
  LABELLED,
  namesIn,
  night,
  register,
  withLabelledData,
} from "../../support/homes.ts";
import { failureOf } from "../evaluation/reevaluate/evaluations.ts";

/** A night in which the case `b` failed; the run's folder. */
async function nightWithFailure(
  folder: string,
  kind: FailureKind,
): Promise<{ runId: string; run: string }> {
  await register(folder, "v1", "good");
  await night(folder, ["data"]);
  const runId = namesIn(`${folder}/home/runs`)[0]!;
  const run = `${folder}/home/runs/${runId}`;
  const store = new FileStore(run);
  await store.delete(resultKey("b"));
  await commitFailure(store, failureOf("b", kind, { runId }));
  await writeRunSummary(store, runId, ["a", "b"]);
  return { runId, run };
}

Deno.test("reevaluate says each night which cases failed, why, where, and how to try them again", async () => {
  await withLabelledData(async (folder) => {
    await writeDataset(`${folder}/data`, {
      a: LABELLED,
      bad: { ...LABELLED, image: PHANTOM.image.slice(0, 2000) },
    });
    await register(folder, "v1", "good");
    const first = await night(folder, ["data"]);
    const [runId] = namesIn(`${folder}/home/runs`);
    const location = `file://${folder}/home/runs/${runId}`;
    const told =
      `1 case failed: bad (unreadable)\n  uptake retry --run ${location} --failed`;
    expect(first.code).toBe(3);
    expect(first.out).toContain(`Failed: v1 on data: ${told}`);

    const second = await night(folder, ["data"]);
    expect(second.code).toBe(3);
    expect(second.out).toContain(`Failed: v1 on data: ${told}`);
    expect(second.out).toContain("0 evaluations made, 1 known");
    // It would fail alike: nobody tries it again by itself.
    expect(second.events).toEqual([]);
    expect(namesIn(`${folder}/home/runs/${runId}/retries`)).toEqual([]);

    const plan = await night(folder, ["data"], ["--dry-run"]);
    expect(plan.code).toBe(3);
    expect(plan.out).toBe(
      `Known: v1 on data: 2 labelled cases, may have seen these, run ${runId}\n  ${told}`,
    );
    const json = await night(folder, ["data"], ["--json"]);
    expect(evaluationsOf(json)).toMatchObject([{
      location,
      failures: [{ caseId: "bad", kind: "unreadable" }],
    }]);
  });
});

Deno.test("reevaluate tries a failure that may pass again at the next night", async () => {
  await withLabelledData(async (folder) => {
    const { runId, run } = await nightWithFailure(folder, "timeout");
    const plan = await night(folder, ["data"], ["--dry-run"]);
    expect(plan.code).toBe(0);
    expect(plan.out).toMatch(
      new RegExp(
        `^Try again: v1 on data: .*, run ${runId}, 1 failed case again\n {2}1 case failed: b \\(timeout\\)\n`,
      ),
    );
    expect(namesIn(`${run}/retries`)).toEqual([]);

    const next = await night(folder, ["data"], ["--json"]);
    expect(next.code).toBe(0);
    expect(evaluationsOf(next)).toMatchObject([{ runId, n: 2, isNew: true }]);
    expect((await readJson(`${run}/retries/1.json`)).cases).toEqual(["b"]);

    const last = await night(folder, ["data"]);
    expect(last.code).toBe(0);
    expect(last.events).toEqual([]);
    expect(namesIn(`${run}/retries`)).toEqual(["1.json"]);
  });
});

Deno.test("reevaluate opens a failed case once where two nights find it", async () => {
  await withLabelledData(async (folder) => {
    const { run } = await nightWithFailure(folder, "workerDied");
    const before = namesIn(`${run}/attempts/b`).length;
    const both = await Promise.all([1, 2].map(() => night(folder, ["data"])));
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(namesIn(`${run}/retries`)).toEqual(["1.json"]);
    expect(namesIn(`${run}/attempts/b`)).toHaveLength(before + 1);
  });
});

Deno.test("reevaluate goes on with cases that somebody else has opened again", async () => {
  await withLabelledData(async (folder) => {
    const { run } = await nightWithFailure(folder, "unreadable");
    const store = new FileStore(run);
    await store.create(
      "retries/1.json",
      new TextEncoder().encode(
        '{"createdAt": "2026-01-02T03:04:05Z", "cases": ["b"]}',
      ),
    );
    const next = await night(folder, ["data"], ["--json"]);
    expect(next.code).toBe(0);
    expect(evaluationsOf(next)).toMatchObject([{ n: 2, isNew: true }]);
  });
});
