/** @module Homes as the other verbs write them, and homes in a bucket. */
import { expect } from "@std/expect";
import { createIndexer } from "../../../shared/catalog/indexer.ts";
import { openCatalog } from "../../../shared/catalog/open_catalog.ts";
import { caseDetail } from "../../../shared/catalog/queries/case_detail.ts";
import { cases } from "../../../shared/catalog/queries/cases.ts";
import { compareRuns } from "../../../shared/catalog/queries/compare_runs.ts";
import { diagnostics } from "../../../shared/catalog/queries/diagnostics.ts";
import { checkpoints, totals } from "../../../shared/catalog/queries/lists.ts";
import { overview } from "../../../shared/catalog/queries/overview.ts";
import { run } from "../../../shared/catalog/queries/run.ts";
import { trend } from "../../../shared/catalog/queries/trend.ts";
import { FileStore } from "../../../shared/storage/file_store.ts";
import { withNanoCheckpoint } from "../../support/command_line.ts";
import { PHANTOM, writeDataset } from "../../support/datasets.ts";
import { night, register } from "../../support/homes.ts";
import { testWithS3 } from "../../support/s3_server.ts";
import { testStore } from "../../support/s3_store.ts";
import {
  compared,
  putFinishedRun,
  putResult,
  putRun,
  signal,
} from "./homes.ts";

Deno.test("the index of a night's home has its checkpoints, runs, cases and regressions", async () => {
  await withNanoCheckpoint(async (folder) => {
    const labelled = { label: PHANTOM.label };
    await writeDataset(`${folder}/data`, { a: labelled, b: labelled });
    await register(folder, "v1", "good");
    await register(folder, "v2", "nothing");
    expect((await night(folder, ["data"])).code).toBe(4);

    const catalog = openCatalog(`${folder}/catalog.sqlite`);
    const home = new FileStore(`${folder}/home`);
    const indexer = createIndexer({ catalog, home, now: () => new Date() });
    await indexer.refresh(signal);
    expect(diagnostics(catalog).items).toEqual([]);
    expect(totals(catalog)).toMatchObject({
      nDatasets: 1,
      nCheckpoints: 2,
      nRuns: 2,
      nOpenRuns: 0,
      nDone: 4,
    });
    expect(checkpoints(catalog).items.map(({ name }) => name))
      .toEqual(["v1", "v2"]);
    const [v1, v2] = overview(catalog).items;
    expect(v1?.aggregate.metrics.dice?.mean).toBeCloseTo(0.408, 3);
    expect(v2?.aggregate).toMatchObject({
      nMissed: 2,
      metrics: { dice: { mean: 0 }, hd95Mm: { nCounted: 0, nExcluded: 2 } },
    });
    const points = trend(catalog, { family: v2!.checkpoint.family! });
    expect(points.map((point) => [point.checkpoint.name, point.isRegression]))
      .toEqual([["v1", false], ["v2", true]]);
    expect(points.every(({ isEvaluation }) => isEvaluation)).toBe(true);
    expect(compareRuns(catalog, v1!.runId, v2!.runId)?.classes[0]?.verdict)
      .toBe("worse");
    const detail = caseDetail(catalog, v1!.runId, "a");
    expect(detail?.outputs.map(({ name }) => name)).toContain("mip.png");
    expect(await home.head(detail!.resultKey)).not.toBe(null);
    expect(run(catalog, v1!.runId)?.state).toBe("finished");
    expect((await indexer.refresh(signal)).runsListed).toBe(0);
    catalog.close();
  });
});

testWithS3(
  "refresh() indexes a home in a bucket, run after run, and reads only what is new",
  async (server) => {
    const home = testStore(server);
    const catalog = openCatalog(":memory:");
    const indexer = createIndexer({ catalog, home, now: () => new Date() });
    await putFinishedRun(home, "20260101T000000Z-aaaaaa", [0.5, 0.7]);
    await putRun(home, "20260102T000000Z-bbbbbb");
    await putResult(home, "20260102T000000Z-bbbbbb", "c1", compared(0.9));
    expect(await indexer.refresh(signal)).toEqual({
      recordsRead: 5,
      runsListed: 2,
      runsFound: 2,
    });
    await putResult(home, "20260102T000000Z-bbbbbb", "c2", compared(0.8));
    expect(await indexer.refresh(signal)).toEqual({
      recordsRead: 1,
      runsListed: 1,
      runsFound: 0,
    });
    expect(totals(catalog)).toMatchObject({ nRuns: 2, nDone: 4, nOpenRuns: 1 });
    expect(cases(catalog, { runId: "20260102T000000Z-bbbbbb" }).items)
      .toMatchObject([{ caseId: "c2" }, { caseId: "c1" }]);
  },
);
