/** @module Which of several runs stands for its dataset, checkpoint and fold. */
import type { Catalog } from "../open_catalog.ts";

/**
 * Chooses among a run and those of its dataset and checkpoint: the newest finished one stands for each fold, before
 * any is finished the newest one that has results. To be called within a transaction.
 */
export function chooseCurrent(catalog: Catalog, runId: number): void {
  catalog.run(
    `UPDATE groups SET isCurrent = chosen.place = 1
     FROM (
       SELECT g.runId, g.fold, g.classIndex, row_number() OVER (
         PARTITION BY g.fold, g.className
         ORDER BY g.nDone > 0 DESC, r.isFinished DESC, r.createdAt DESC, r.folder DESC
       ) AS place
       FROM runs this
       JOIN runs r ON r.checkpointId = this.checkpointId AND r.datasetId = this.datasetId
       JOIN groups g ON g.runId = r.id
       WHERE this.id = ?
     ) AS chosen
     WHERE groups.runId = chosen.runId AND groups.fold = chosen.fold AND groups.classIndex = chosen.classIndex`,
    runId,
  );
}
