/** @module Which of several runs stands for its dataset, checkpoint and fold. */
import type { Catalog } from "../open_catalog.ts";

/**
 * Chooses among a run and those of its dataset and checkpoint: the newest finished one stands for each fold, before
 * any is finished the newest one that has results. A trial of a few cases does not stand for a run over all of them:
 * only one that has recorded at least half as many cases as the largest does. Half, not all, as datasets lose cases.
 * Failed cases count, so that a run in which many failed does not hide behind an older one. To be called within a
 * transaction.
 */
export function chooseCurrent(catalog: Catalog, runId: number): void {
  catalog.run(
    `UPDATE groups SET isCurrent = chosen.place = 1
     FROM (
       SELECT runId, fold, classIndex, row_number() OVER (
         PARTITION BY fold, className
         ORDER BY hasResults DESC, 2 * nEnded >= largest DESC, isFinished DESC, createdAt DESC, folder DESC
       ) AS place
       FROM (
         SELECT g.runId, g.fold, g.classIndex, g.className, r.isFinished, r.createdAt, r.folder,
           g.nDone > 0 AS hasResults, g.nDone + g.nFailed + g.nDamaged AS nEnded,
           max(iif(g.nDone > 0, g.nDone + g.nFailed + g.nDamaged, 0)) OVER (PARTITION BY g.fold, g.className) AS largest
         FROM runs this
         JOIN runs r ON r.checkpointId = this.checkpointId AND r.datasetId = this.datasetId
         JOIN groups g ON g.runId = r.id
         WHERE this.id = ?
       )
     ) AS chosen
     WHERE groups.runId = chosen.runId AND groups.fold = chosen.fold AND groups.classIndex = chosen.classIndex`,
    runId,
  );
}
