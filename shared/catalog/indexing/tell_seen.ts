/**
 * Whether checkpoints were trained on the cases that they are judged by. On its training dataset only a checkpoint's
 * own fold is validation: figures of the other folds say how well it remembers, and must not stand among those that
 * say how well it does. Told as a re-evaluation tells it, which evaluates no other fold in the first place; a run that
 * somebody starts by hand may be over all cases.
 * @module
 */
import { z } from "zod";
import type { Catalog } from "../open_catalog.ts";
import type { IndexedRun } from "./index_plan.ts";

/** `maybe`: nobody told on which cases it was trained. */
export const seenSchema = z.enum(["no", "maybe", "yes"]);
export type Seen = z.infer<typeof seenSchema>;

const TRAINED_HERE = `(
  EXISTS (SELECT 1 FROM datasetNames n WHERE n.datasetId = g.datasetId AND n.name = k.trainedDataset)
  OR k.trainedDigest IN (r.datasetDigest, d.digest))`;

/**
 * Of checkpoints that were averaged it is enough that one has seen the cases. One that is not registered has no card
 * here, so that nobody tells what it has seen. Cases of its dataset that are in no fold may be in any. What it was
 * trained on is told by the dataset's name or digest; a card that names another dataset is believed.
 */
const SEEN = `CASE max(CASE
    WHEN k.registeredAt IS NULL THEN 1
    WHEN g.fold = k.trainedFold THEN 0
    WHEN ${TRAINED_HERE} THEN iif(g.fold >= 0 OR k.trainedFold IS NULL, 2, 1)
    WHEN k.trainedDataset IS NULL THEN 1
    ELSE 0 END)
  WHEN 2 THEN 'yes' WHEN 1 THEN 'maybe' ELSE 'no' END`;

/**
 * Marks groups. To be called within a transaction.
 *
 * @param run only groups of its dataset, which may have got a name by it; @default all
 */
export function tellSeen(
  catalog: Catalog,
  run?: Pick<IndexedRun, "id">,
): void {
  catalog.run(
    `UPDATE groups SET seen = told.seen
     FROM (
       SELECT g.runId, g.fold, g.classIndex, ${SEEN} AS seen
       FROM groups g JOIN runs r ON r.id = g.runId JOIN datasets d ON d.id = g.datasetId
       JOIN checkpointMembers m ON m.checkpointId = g.checkpointId LEFT JOIN checkpoints k ON k.key = m.key
       WHERE ?1 IS NULL OR g.datasetId = (SELECT datasetId FROM runs WHERE id = ?1)
       GROUP BY g.runId, g.fold, g.classIndex
     ) AS told
     WHERE groups.runId = told.runId AND groups.fold = told.fold AND groups.classIndex = told.classIndex
       AND groups.seen != told.seen`,
    run?.id ?? null,
  );
}
