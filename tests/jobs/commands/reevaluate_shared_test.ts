/** @module `uptake reevaluate` that others began or share, and from bucket to bucket. */
import { expect } from "@std/expect";
import { openStore } from "../../../shared/storage/open_store.ts";
import { uptake, withNanoCheckpoint } from "../../support/command_line.ts";
import { PHANTOM } from "../../support/datasets.ts";
import {
  evaluationsOf,
  namesIn,
  night,
  register,
  withLabelledData,
} from "../../support/homes.ts";
import { testWithS3 } from "../../support/s3_server.ts";

Deno.test("reevaluate goes on with what an earlier night began", async () => {
  await withLabelledData(async (folder) => {
    await register(folder, "v1", "good");
    const stop = new AbortController();
    const stopped = await night(folder, ["data"], [], {
      signal: stop.signal,
      onEvent: ({ type }) => {
        if (type === "caseEnd") stop.abort(new Error("stopped"));
      },
    });
    expect(stopped.code).toBe(130);
    const [runId] = namesIn(`${folder}/home/runs`);
    const results = `${folder}/home/runs/${runId}/results`;
    expect(namesIn(results)).toEqual(["a.json"]);
    const first = await Deno.readTextFile(`${results}/a.json`);

    const plan = await night(folder, ["data"], ["--dry-run"]);
    expect(plan.out).toBe(
      `Go on with: v1 on data: 2 labelled cases, may have seen these, run ${runId}`,
    );
    const next = await night(folder, ["data"], ["--json"]);
    expect(next.code).toBe(0);
    expect(evaluationsOf(next)).toMatchObject([{ runId, isNew: true, n: 2 }]);
    expect(namesIn(`${folder}/home/runs`)).toEqual([runId]);
    expect(await Deno.readTextFile(`${results}/a.json`)).toBe(first);
  });
});

Deno.test("reevaluate freezes the run of an evaluation again that ended before its run was there", async () => {
  await withLabelledData(async (folder) => {
    await register(folder, "v1", "good");
    await night(folder, ["data"]);
    const [runId] = namesIn(`${folder}/home/runs`);
    await Deno.remove(`${folder}/home/runs/${runId}`, { recursive: true });
    const { code, out } = await night(folder, ["data"]);
    expect(code).toBe(0);
    expect(out).toContain("1 evaluation made");
    expect(namesIn(`${folder}/home/runs`)).toEqual([runId]);
    expect(namesIn(`${folder}/home/evaluations`)).toHaveLength(1);
  });
});

Deno.test("reevaluate shares the work of two nights at once and does nothing twice", async () => {
  await withLabelledData(async (folder) => {
    await register(folder, "v1", "good");
    await register(folder, "v2", "nothing");
    const both = await Promise.all(
      [1, 2].map(() => night(folder, ["data"], ["--json"])),
    );
    expect(both.map(({ code }) => code)).toEqual([4, 4]);
    const runs = namesIn(`${folder}/home/runs`);
    expect(runs).toHaveLength(2);
    for (const ran of both) {
      expect(evaluationsOf(ran).map(({ runId }) => runId).sort())
        .toEqual(runs);
    }
    for (const runId of runs) {
      const run = `${folder}/home/runs/${runId}`;
      expect(namesIn(`${run}/results`)).toEqual(["a.json", "b.json"]);
      for (const caseId of ["a", "b"]) {
        expect(namesIn(`${run}/attempts/${caseId}`)).toHaveLength(1);
      }
    }
    expect(namesIn(`${folder}/home/comparisons`)).toHaveLength(3);
  });
});

Deno.test("reevaluate lets several workers of this machine share an evaluation", async () => {
  await withLabelledData(async (folder) => {
    await register(folder, "v1", "good");
    const ran = await night(folder, ["data"], ["--workers", "2", "--json"]);
    expect(ran.code).toBe(0);
    expect(evaluationsOf(ran)).toMatchObject([{ n: 2, isNew: true }]);
    const [runId] = namesIn(`${folder}/home/runs`);
    expect(namesIn(`${folder}/home/runs/${runId}/workers`)).toHaveLength(2);
  });
});

testWithS3("reevaluate works from bucket to bucket", async (server) => {
  const env = {
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_ACCESS_KEY_ID: server.accessKey,
    AWS_SECRET_ACCESS_KEY: server.secretKey,
  };
  const prefix = `s3://${server.bucket}/nights-${crypto.randomUUID()}`;
  await withNanoCheckpoint(async (folder) => {
    const data = openStore(`${prefix}/data`, { env });
    for (const id of ["a", "b"]) {
      await data.put(`images/${id}.nii.gz`, PHANTOM.image);
      await data.put(`labels/${id}.nii.gz`, PHANTOM.label);
    }
    const home = `${prefix}/home`;
    await register(folder, "v1", "good", { home, env });
    await register(folder, "v2", "nothing", { home, env });
    const args = ["--home", home, "--datasets", `${prefix}/data`, "--json"];
    const once = () => uptake(folder, ["reevaluate", ...args], { env });
    const first = await once();
    expect(first.err).toBe("");
    expect(first.code).toBe(4);
    expect(evaluationsOf(first).map(({ n, isNew }) => ({ n, isNew })))
      .toEqual([{ n: 2, isNew: true }, { n: 2, isNew: true }]);
    const second = await once();
    expect(second.code).toBe(4);
    expect(evaluationsOf(second).map(({ isNew }) => isNew))
      .toEqual([false, false]);
  });
});
