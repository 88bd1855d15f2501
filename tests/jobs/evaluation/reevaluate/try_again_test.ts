import { expect } from "@std/expect";
import { readFailedCases } from "../../../../jobs/evaluation/reevaluate/failed_cases.ts";
import { tryAgain } from "../../../../jobs/evaluation/reevaluate/try_again.ts";
import { FAILURE_KINDS } from "../../../../shared/case_error.ts";
import { readCancel, requestCancel } from "../../../../shared/runs/cancel.ts";
import { commitFailure } from "../../../../shared/runs/commit.ts";
import { readRunState } from "../../../../shared/runs/run_state.ts";
import { memoryStore } from "../../../support/memory_store.ts";
import { runOf } from "../../../support/runs.ts";
import { failureOf } from "./evaluations.ts";

const { runId } = runOf();

Deno.test("readFailedCases() gives those another try that tell of machine, hour or store", async () => {
  const run = memoryStore();
  for (const kind of FAILURE_KINDS) {
    await commitFailure(run, failureOf(kind, kind));
  }
  const { cases } = await readFailedCases(run, runId, FAILURE_KINDS);
  expect(cases.map(({ caseId, kind }) => [caseId, kind]))
    .toEqual(FAILURE_KINDS.map((kind) => [kind, kind]));
  expect(
    cases.filter(({ isTriedAgain }) => isTriedAgain)
      .map(({ kind }) => kind).sort(),
  ).toEqual(["engine", "outOfMemory", "storage", "timeout", "workerDied"]);
});

Deno.test("tryAgain() opens a round each night until the case has failed three times", async () => {
  const run = memoryStore();
  const rounds = [];
  for (let night = 0; night < 5; night++) {
    const { retries } = await readRunState(run);
    await commitFailure(run, failureOf("a", "timeout", { round: retries }));
    const found = await readFailedCases(run, runId, ["a"]);
    rounds.push((await tryAgain(run, found)).retries);
  }
  expect(rounds).toEqual([1, 2, 2, 2, 2]);
});

Deno.test("tryAgain() leaves what another night has tried since this one looked around", async () => {
  const run = memoryStore();
  await commitFailure(run, failureOf("a", "timeout"));
  const [one, other] = await Promise.all(
    [1, 2].map(() => readFailedCases(run, runId, ["a"])),
  );
  await Promise.all([tryAgain(run, one!), tryAgain(run, other!)]);
  expect((await readRunState(run)).retries).toBe(1);
  await commitFailure(run, failureOf("a", "timeout", { round: 1 }));
  expect((await tryAgain(run, other!)).retries).toBe(1);
});

Deno.test("tryAgain() goes on with a run that its first case has stopped, and leaves one that somebody cancelled", async () => {
  const failure = failureOf("a", "outOfMemory");
  const after = async (reason: string) => {
    const run = memoryStore();
    await commitFailure(run, failure);
    await requestCancel(run, runId, reason);
    await tryAgain(run, await readFailedCases(run, runId, ["a", "b"]));
    const { retries } = await readRunState(run);
    return [retries, (await readCancel(run))?.reason ?? null];
  };
  expect(
    await after(
      `The first case failed as every other would (${failure.message})`,
    ),
  ).toEqual([1, null]);
  expect(await after("too dear")).toEqual([0, "too dear"]);
});
