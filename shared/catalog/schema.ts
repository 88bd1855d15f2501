/**
 * The tables of the index. Times are ISO texts, flags 0 or 1, a missing fold -1, so that folds can be joined on.
 * Columns are called what queries call them.
 * @module
 */
import { FIGURES } from "./figures.ts";

/** To be raised with every change here, and of what is told from records: an index of another version is made anew. */
export const SCHEMA_VERSION = 8;

/** Marks a file as an index of ours, in its header: "UpTk". */
export const APPLICATION_ID = 0x5570546b;

/** How no fold is written. */
export const NO_FOLD = -1;

/** More than any index has cases, and few enough for thousands of classes. */
const CASE_BITS = 40;

/** The id of the figures of a class of a case, for expressions of SQL. */
export function measureId(caseRow: string, classIndex: string): string {
  return `${caseRow} + (${classIndex} << ${CASE_BITS})`;
}

export const SCHEMA = `
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- Called as the newest record calls it; with its state when it was last indexed as a whole.
CREATE TABLE datasets (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL, location TEXT NOT NULL,
  namedAt TEXT NOT NULL, digest TEXT, nCases INTEGER, indexedAt TEXT
);

-- All that any record calls it.
CREATE TABLE datasetNames (
  datasetId INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (datasetId, name)
) WITHOUT ROWID;
CREATE INDEX datasetsByName ON datasetNames (name);

-- What made masks: a checkpoint, several that were averaged, or masks that were there already.
CREATE TABLE checkpoints (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, name TEXT NOT NULL,
  family TEXT, trainedFold INTEGER, trainedDataset TEXT, trainedDigest TEXT, registeredAt TEXT
);
CREATE INDEX checkpointsByName ON checkpoints (name);

-- Which checkpoints' masks these are: of one its own key, of several that were averaged theirs.
CREATE TABLE checkpointMembers (
  checkpointId INTEGER NOT NULL, key TEXT NOT NULL, PRIMARY KEY (checkpointId, key)
) WITHOUT ROWID;

CREATE TABLE runs (
  id INTEGER PRIMARY KEY, folder TEXT NOT NULL UNIQUE, recordId TEXT NOT NULL, kind TEXT NOT NULL,
  createdAt TEXT NOT NULL, datasetId INTEGER NOT NULL, datasetName TEXT NOT NULL, datasetDigest TEXT,
  checkpointId INTEGER NOT NULL, fold INTEGER NOT NULL, engine TEXT, device TEXT, plan TEXT NOT NULL, classes TEXT NOT NULL,
  isPlanned INTEGER NOT NULL DEFAULT 0, isFinished INTEGER NOT NULL DEFAULT 0, isStale INTEGER NOT NULL DEFAULT 1,
  nExpected INTEGER NOT NULL DEFAULT 0, nDone INTEGER NOT NULL DEFAULT 0, nFailed INTEGER NOT NULL DEFAULT 0,
  nDamaged INTEGER NOT NULL DEFAULT 0,
  nLabelled INTEGER NOT NULL DEFAULT 0, nReviewed INTEGER NOT NULL DEFAULT 0,
  cancel TEXT, isSummarised INTEGER NOT NULL DEFAULT 0, changedAt TEXT NOT NULL, lookedAt TEXT
);
CREATE INDEX runsOpen ON runs (id) WHERE isFinished = 0 OR isStale = 1;
CREATE INDEX runsOfCheckpoint ON runs (checkpointId, createdAt);

-- Samples are those with the lowest keys.
CREATE TABLE cases (
  id INTEGER PRIMARY KEY, runId INTEGER NOT NULL, caseId TEXT NOT NULL, sampleKey INTEGER NOT NULL, patientId TEXT,
  fold INTEGER NOT NULL, unit TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'open', round INTEGER NOT NULL DEFAULT 0,
  isLabelled INTEGER NOT NULL DEFAULT 0, attempt TEXT, resultVersion TEXT, endedAt TEXT, seconds REAL, damage TEXT,
  verdict TEXT, nReviews INTEGER NOT NULL DEFAULT 0, isDisputed INTEGER NOT NULL DEFAULT 0,
  -- Of the class that has the worst one, and which that is.
  worstDice REAL, worstDiceClass INTEGER, worstVolumeErrorMl REAL, worstVolumeErrorClass INTEGER,
  UNIQUE (runId, caseId)
);
-- The condition holds always: with it, none but samples are read along this index.
CREATE INDEX casesBySample ON cases (runId, sampleKey) WHERE sampleKey IS NOT NULL;
-- The queues of reviews, each in its order, run by run.
CREATE INDEX casesNewest ON cases (runId, id) WHERE state = 'done' AND verdict IS NULL;
CREATE INDEX casesLowestDice ON cases (runId, worstDice, id) WHERE worstDice IS NOT NULL AND verdict IS NULL;
CREATE INDEX casesVolumeError ON cases (runId, worstVolumeErrorMl DESC, id)
  WHERE worstVolumeErrorMl IS NOT NULL AND verdict IS NULL;

CREATE TABLE caseFiles (
  caseRow INTEGER PRIMARY KEY, images TEXT NOT NULL, label TEXT, outputs TEXT
);

-- Class by class in the order of cases: figures of the cases of a run stand one after the other, and are found by
-- going one on.
CREATE TABLE measures (
  id INTEGER PRIMARY KEY, caseRow INTEGER NOT NULL, classIndex INTEGER NOT NULL,
  outcome TEXT, ${FIGURES.map((name) => `${name} REAL`).join(", ")}
);
CREATE INDEX measuresOfCase ON measures (caseRow);

CREATE TABLE failures (
  caseRow INTEGER NOT NULL, round INTEGER NOT NULL, kind TEXT NOT NULL, stage TEXT NOT NULL, message TEXT NOT NULL,
  failedAt TEXT NOT NULL, PRIMARY KEY (caseRow, round)
) WITHOUT ROWID;

CREATE TABLE reviews (
  key TEXT PRIMARY KEY, runId INTEGER NOT NULL, caseRow INTEGER NOT NULL, reviewer TEXT NOT NULL,
  reviewedAt TEXT NOT NULL, attempt TEXT, verdict TEXT NOT NULL, reason TEXT, comment TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX reviewsOfCase ON reviews (caseRow, reviewedAt);
CREATE INDEX reviewsOfRun ON reviews (runId);

CREATE TABLE workers (
  runId INTEGER NOT NULL, workerId TEXT NOT NULL, version TEXT NOT NULL, heardAt TEXT NOT NULL,
  record TEXT NOT NULL, PRIMARY KEY (runId, workerId)
) WITHOUT ROWID;

-- The cases of a run that are in one fold, and one class of them, summarised. Current: those of the run that
-- stands for its dataset, checkpoint and fold. Seen: whether its checkpoint was trained on them, 'no', 'maybe' or 'yes'.
-- The mean is of nDice of them.
CREATE TABLE groups (
  runId INTEGER NOT NULL, fold INTEGER NOT NULL, classIndex INTEGER NOT NULL, className TEXT NOT NULL,
  datasetId INTEGER NOT NULL, checkpointId INTEGER NOT NULL, isCurrent INTEGER NOT NULL DEFAULT 0,
  nExpected INTEGER NOT NULL, nDone INTEGER NOT NULL, nFailed INTEGER NOT NULL, nDamaged INTEGER NOT NULL,
  nLabelled INTEGER NOT NULL, nDice INTEGER NOT NULL, meanDice REAL, aggregate TEXT NOT NULL,
  seen TEXT NOT NULL DEFAULT 'no', PRIMARY KEY (runId, fold, classIndex)
) WITHOUT ROWID;
CREATE INDEX groupsCurrent ON groups (datasetId, checkpointId, fold) WHERE isCurrent = 1;

CREATE TABLE evaluations (key TEXT PRIMARY KEY, folder TEXT NOT NULL, createdAt TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE comparisons (
  key TEXT PRIMARY KEY, createdAt TEXT NOT NULL, why TEXT NOT NULL, verdict TEXT NOT NULL,
  beforeFolder TEXT NOT NULL, afterFolder TEXT NOT NULL, beforeName TEXT NOT NULL, afterName TEXT NOT NULL,
  classes TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX comparisonsAfter ON comparisons (afterFolder);

-- Records that were read and have no row of their own to tell so, in the version that was read.
CREATE TABLE seen (key TEXT PRIMARY KEY, version TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE diagnostics (
  key TEXT PRIMARY KEY, folder TEXT, version TEXT NOT NULL, reason TEXT NOT NULL, seenAt TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX diagnosticsOfRun ON diagnostics (folder);

PRAGMA user_version = ${SCHEMA_VERSION};
`;
