/** @module An index of random runs, small enough for its answers to be worked out the long way. */
import type { Row } from "../../../shared/catalog/open_catalog.ts";
import { openCatalog } from "../../../shared/catalog/open_catalog.ts";
import { caseOf } from "../../support/runs.ts";
import { emptyHome, putRun } from "./homes.ts";

/** What a case is made of; few different numbers, so that many are equal. */
export interface RandomCase {
  readonly name: number;
  readonly dice: number | null;
  readonly volumeMl: number | null;
  readonly volumeErrorMl: number | null;
  readonly isReviewed: boolean;
}

export interface RandomRun {
  readonly dataset: number;
  readonly checkpoint: number;
  readonly cases: readonly RandomCase[];
}

/** Written into the index: records would take longer. */
export async function randomIndex(runs: readonly RandomRun[]) {
  const { store, catalog, refresh } = emptyHome(openCatalog(":memory:"));
  const folderOf = (n: number) =>
    `202601${String(n + 1).padStart(2, "0")}T000000Z-aaaaaa`;
  for (const [n, { dataset, checkpoint, cases }] of runs.entries()) {
    const letter = "abcdef"[checkpoint]!;
    await putRun(store, folderOf(n), {
      createdAt: `2026-01-${String(n + 1).padStart(2, "0")}T00:00:00.000Z`,
      dataset: {
        name: `dataset ${dataset}`,
        location: `/data/${dataset}`,
        fold: n,
      },
      checkpoints: [{
        name: `net-${letter}`,
        location: `file:///${letter}.safetensors`,
        sha256: letter.repeat(64),
      }],
      cases: cases.map(({ name }) => caseOf(`case ${name}`)),
    });
  }
  await refresh();
  for (const [n, { cases }] of runs.entries()) {
    for (const one of cases) {
      const { id } = catalog.get(
        `UPDATE cases SET state = 'done', isLabelled = 1, verdict = ?, worstDice = ?, worstDiceClass = 0,
           worstVolumeErrorMl = ?, worstVolumeErrorClass = 0
         WHERE caseId = ? AND runId = (SELECT id FROM runs WHERE folder = ?) RETURNING id`,
        one.isReviewed ? "accept" : null,
        one.dice,
        one.volumeErrorMl,
        `case ${one.name}`,
        folderOf(n),
      )!;
      catalog.run(
        `INSERT INTO measures (id, caseRow, classIndex, dice, volumeMl, volumeErrorMl)
         VALUES (?1, ?1, 0, ?2, ?3, ?4)`,
        Number(id),
        one.dice,
        one.volumeMl,
        one.volumeErrorMl,
      );
    }
  }
  catalog.run("UPDATE runs SET isStale = 1");
  await refresh();
  const rows: readonly Row[] = catalog.all(
    `SELECT c.id, r.id AS run, r.folder AS runId, c.caseId, d.key AS dataset, k.key AS checkpoint, c.verdict,
       m.dice, m.volumeMl, m.volumeErrorMl
     FROM cases c JOIN runs r ON r.id = c.runId JOIN datasets d ON d.id = r.datasetId
     JOIN checkpoints k ON k.id = r.checkpointId JOIN measures m ON m.caseRow = c.id`,
  );
  return { catalog, rows };
}
