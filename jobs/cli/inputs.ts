/**
 * What people name on the command line: files and datasets, in folders and buckets.
 * @module
 */
import { isNiftiKey } from "../../shared/datasets/case_id.ts";
import type { Case, Dataset } from "../../shared/datasets/dataset.ts";
import type { PetUnit } from "../../shared/metrics/pet.ts";
import {
  findDataset,
  singleFileDataset,
} from "../../shared/datasets/find_cases.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import type { Context } from "./context.ts";
import { asUsage, UsageError } from "./usage_error.ts";

/** A file as a key of the store it lies in. */
export function openFile(
  context: Context,
  path: string,
): { store: ObjectStore; key: string } {
  if (namesFolder(path)) {
    throw new UsageError(`${path} names a folder, not a file`);
  }
  const { location } = context.open(path);
  const slash = location.lastIndexOf("/");
  const name = location.slice(slash + 1);
  const key = location.startsWith("file:") ? decodeURIComponent(name) : name;
  return { store: context.open(location.slice(0, slash)), key };
}

/** Whether a name can only mean a folder or a bucket. */
function namesFolder(path: string): boolean {
  return /(^|\/)\.{0,2}$/.test(path) || /^s3:\/\/[^/]*$/.test(path);
}

/** The file to write, which must not be the one that is read: a scan or checkpoint is never lost. */
export function openOutput(
  context: Context,
  path: string,
  input: string,
): { store: ObjectStore; key: string } {
  const output = openFile(context, path);
  const read = openFile(context, input);
  const isSame = output.store.location === read.store.location &&
    output.key === read.key;
  if (isSame) throw new UsageError(`--output is ${input} itself`);
  return output;
}

/** The bytes of a file. */
export async function readInputFile(
  context: Context,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const { store, key } = openFile(context, path);
  const object = await store.get(key);
  if (object === null) throw new UsageError(`There is no file ${path}`);
  return object.body;
}

/** The dataset that an input names: a file of one case, a folder, or one with a dataset.json. */
async function openDataset(
  context: Context,
  input: string,
  unit: PetUnit | undefined,
): Promise<Dataset> {
  const options = {
    signal: context.signal,
    ...(unit === undefined ? {} : { unit }),
  };
  return await asUsage(async () => {
    // A file of any kind is a case: DICOM then gets a better sentence than as a folder.
    if (!namesFolder(input)) {
      const { store, key } = openFile(context, input);
      if (await store.head(key) !== null) {
        // The file alone: others in its folder are other data.
        const { location } = context.open(input);
        return { ...singleFileDataset(store, key, options), location };
      }
      if (isNiftiKey(key)) throw new UsageError(`There is no file ${input}`);
    }
    return await findDataset(context.open(input), options);
  }, [RangeError, SyntaxError]);
}

export interface OpenedInputs {
  readonly cases: readonly Case[];
  /** Where they come from; several inputs are no dataset. */
  readonly dataset: Pick<Dataset, "name" | "location"> | null;
}

/** The cases of several inputs; ids must differ. */
export async function openInputs(
  context: Context,
  inputs: readonly string[],
  unit: PetUnit | undefined,
): Promise<OpenedInputs> {
  const datasets: Dataset[] = [];
  for (const input of inputs) {
    datasets.push(await openDataset(context, input, unit));
  }
  const [only, ...others] = datasets;
  return {
    cases: casesOf(datasets),
    dataset: only === undefined || others.length > 0
      ? null
      : { name: only.name, location: only.location },
  };
}

function casesOf(datasets: readonly Dataset[]): Case[] {
  const byId = new Map<string, Case>();
  for (const { cases } of datasets) {
    for (const item of cases) {
      if (byId.has(item.caseId)) {
        throw new UsageError(
          `Two inputs hold a case "${item.caseId}": segment them into separate outputs`,
        );
      }
      byId.set(item.caseId, item);
    }
  }
  return [...byId.values()];
}

/** The cases with the ids asked for. */
export function chooseCases(
  cases: readonly Case[],
  ids: readonly string[] | undefined,
): readonly Case[] {
  if (ids === undefined) return cases;
  const unknown = ids.filter((id) => !cases.some((c) => c.caseId === id));
  if (unknown.length > 0) {
    const known = cases.slice(0, 5).map(({ caseId }) => caseId).join(", ");
    throw new UsageError(
      `There is no case ${
        unknown.join(", ")
      }: the input holds ${cases.length} cases (${known}${
        cases.length > 5 ? ", ..." : ""
      })`,
    );
  }
  return cases.filter(({ caseId }) => ids.includes(caseId));
}
