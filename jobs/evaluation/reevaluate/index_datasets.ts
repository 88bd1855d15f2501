/**
 * Looks at the datasets of a night, and keeps their indices in the home up to date.
 * @module
 */
import {
  type DatasetIndex,
  datasetIndexSchema,
  indexDataset,
} from "../../../shared/datasets/dataset_index.ts";
import { datasetIndexKey } from "../../../shared/runs/home/keys.ts";
import { writeRecord } from "../../../shared/runs/record_io.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { explain } from "../../cli/explain.ts";
import { UsageError } from "../../cli/usage_error.ts";
import { isItsOwn } from "./attempt.ts";
import { readDerived } from "./derived.ts";

export interface IndexedDatasets {
  readonly datasets: readonly DatasetIndex[];
  /** Datasets that cannot be read: the others are evaluated on nevertheless. */
  readonly problems: readonly string[];
}

/**
 * Indexes each dataset, and writes `datasets/<name>.json` where it is new or damaged, or its files have changed.
 *
 * @param isDry write nothing
 * @throws {UsageError} when two datasets have the same name, here or in the home.
 */
export async function indexDatasets(
  home: ObjectStore,
  stores: readonly ObjectStore[],
  { isDry, signal, say }: {
    readonly isDry: boolean;
    readonly signal: AbortSignal;
    say(line: string): void;
  },
): Promise<IndexedDatasets> {
  const datasets = new Map<string, DatasetIndex>();
  const problems: string[] = [];
  for (const store of stores) {
    const index = await readIndex(store, signal, problems);
    if (index === null) continue;
    const same = datasets.get(index.name);
    if (same !== undefined) throw sameName(index, same.location);
    datasets.set(index.name, index);
    const key = datasetIndexKey(index.name);
    const found = await readDerived(home, key, datasetIndexSchema, say);
    const before = found === "damaged" ? null : found;
    const hasChanged = before?.digest !== index.digest;
    const hasMoved = before !== null && before.location !== index.location;
    if (hasChanged && hasMoved) {
      throw sameName(
        index,
        `${before.location}, by ${home.location}/${key} (remove that where it has moved)`,
      );
    }
    if ((hasChanged || hasMoved) && !isDry) await writeRecord(home, key, index);
  }
  return { datasets: [...datasets.values()], problems };
}

async function readIndex(
  store: ObjectStore,
  signal: AbortSignal,
  problems: string[],
): Promise<DatasetIndex | null> {
  try {
    const index = await indexDataset(store, { signal });
    // Refuses a name that cannot stand in a key.
    datasetIndexKey(index.name);
    return index;
  } catch (error) {
    if (!isItsOwn(error)) throw error;
    const problem = explain(error);
    const { location } = store;
    problems.push(
      problem.includes(location) ? problem : `${location}: ${problem}`,
    );
    return null;
  }
}

function sameName({ name, location }: DatasetIndex, other: string) {
  return new UsageError(
    `Two datasets are called "${name}": ${location} and ${other}. Give one another name in its dataset.json`,
  );
}
