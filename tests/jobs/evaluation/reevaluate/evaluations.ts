/** @module Checkpoints, datasets and evaluations as small as the schemas allow. */
import type { DatasetIndex } from "../../../../shared/datasets/dataset_index.ts";
import type { RegisteredCheckpoint } from "../../../../shared/runs/home/records.ts";
import { figuresOf } from "../../../../jobs/evaluation/reevaluate/figures.ts";
import type {
  Contestant,
  Evaluated,
} from "../../../../jobs/evaluation/reevaluate/rivals.ts";
import { measureCase } from "../../../../shared/metrics/case_metrics.ts";
import { resultKey } from "../../../../shared/runs/keys.ts";
import type { Failure } from "../../../../shared/runs/records.ts";
import { createRecord } from "../../../../shared/runs/record_io.ts";
import { writeRunSummary } from "../../../../shared/runs/summarise.ts";
import type { ObjectStore } from "../../../../shared/storage/object_store.ts";
import { substore } from "../../../../shared/storage/substore.ts";
import { volume } from "../../../shared/metrics/volumes.ts";
import { MA3DSEG_NANO } from "../../../support/networks.ts";
import { caseOf, resultOf, runOf } from "../../../support/runs.ts";

export interface CheckpointChange extends Partial<RegisteredCheckpoint> {
  readonly training?: Record<string, string | number>;
  readonly channels?: readonly string[];
}

/** Registered in the order of their days. */
export function checkpointOf(
  name: string,
  day: number,
  { training, channels = ["PET"], ...change }: CheckpointChange = {},
): RegisteredCheckpoint {
  return {
    format: 1,
    name,
    sha256: "a".repeat(64),
    bytes: 1,
    registeredAt: `2026-01-0${day}T00:00:00.000Z`,
    family: "lymphoma",
    fold: null,
    card: {
      format: 1,
      network: { ...MA3DSEG_NANO, inChannels: channels.length },
      classes: ["background", "tumour"],
      channels,
      preprocessing: {
        spacingMm: "native",
        orientation: "RAS",
        intensity: channels.map(() => ({ lo: 0, hi: 8 })),
        crop: "foreground",
      },
      roi: [32, 32, 32],
      ...(training === undefined ? {} : { training }),
    },
    ...change,
  };
}

/** Cases by id: with a label, and of which fold. */
export function datasetOf(
  cases: Readonly<Record<string, { label?: boolean; fold?: number }>>,
  change: Partial<DatasetIndex> = {},
): DatasetIndex {
  const { channels = ["PET"] } = change;
  const store = "s3://bucket/data";
  return {
    format: 1,
    name: "data",
    location: store,
    layout: "folders",
    classes: null,
    digest: "d".repeat(64),
    indexedAt: "2026-01-01T00:00:00.000Z",
    cases: Object.entries(cases).map(([caseId, { label = true, fold }]) => ({
      caseId,
      ...(fold === undefined ? {} : { fold }),
      images: channels.map((name) => ({ store, key: `${caseId}/${name}` })),
      ...(label
        ? {
          label: { store, key: `${caseId}/label` },
          labelEtag: `${caseId}/label, first`,
        }
        : {}),
      unit: "SUV",
      bytes: 10,
      etags: channels.map((name) => `${caseId}/${name}, first`),
    })),
    ...change,
    channels,
  };
}

/** An evaluation of all cases with this mean Dice. */
export function contestant(
  checkpoint: RegisteredCheckpoint,
  meanDice: number | null,
  change: Partial<Contestant> & { readonly n?: number } = {},
): Contestant {
  const { n = 10, ...rest } = change;
  return {
    checkpoint,
    dataset: datasetOf({ a: {} }),
    which: "all",
    hash: checkpoint.name,
    figures: { n, meanDice, hd95Mm: null, nHd95: 0 },
    ...rest,
  };
}

/** An evaluation of three cases whose masks are as drawn; each label is the first two of four voxels. */
export async function evaluated(
  home: ObjectStore,
  name: string,
  masks: Readonly<Record<string, string>>,
  checkpoint = checkpointOf(name, 1),
): Promise<Evaluated> {
  const ids = ["a", "b", "c"];
  const store = substore(home, `runs/${name}`);
  const row = (drawing: string) =>
    volume(Uint8Array.from(drawing, (mark) => mark === "#" ? 1 : 0), [1, 1, 4]);
  for (const [caseId, mask] of Object.entries(masks)) {
    const metrics = measureCase({
      mask: row(mask),
      label: row("##.."),
      unit: "unknown",
      classes: ["background", "tumour"],
    });
    await createRecord(
      store,
      resultKey(caseId),
      resultOf(caseId, "1", { runId: name, metrics }),
    );
  }
  const { summary } = await writeRunSummary(store, name, ids);
  return {
    ...contestant(checkpoint, null),
    cases: ids.map((id) => caseOf(id)),
    seen: "no",
    options: {
      overlap: 0.5,
      roi: [32, 32, 32],
      mode: "gaussian",
      tta: "none",
      minLesionMl: 0,
    },
    runId: name,
    store,
    summary,
    figures: figuresOf(summary),
    isNew: true,
  };
}

/** A failure in the first round, where the change says nothing else. */
export function failureOf(
  caseId: string,
  kind: Failure["kind"],
  change: Partial<Failure> = {},
): Failure {
  return {
    format: 1,
    runId: runOf().runId,
    caseId,
    round: 0,
    attempt: "t",
    codeVersion: "0.0.0",
    failedAt: "2026-01-02T03:04:05.000Z",
    kind,
    stage: "segment",
    message: `Cannot segment case "${caseId}": it is odd`,
    ...change,
  };
}
