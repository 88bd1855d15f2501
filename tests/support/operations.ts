/** @module What operators do, over a folder with the nano checkpoint and a dataset of three cases. */
import type { Operations } from "../../shared/dispatch/operations.ts";
import {
  dashboardOperations,
  type OperationsOptions,
} from "../../jobs/batch/dashboard_operations.ts";
import { fakeContext, withNanoCheckpoint } from "./command_line.ts";
import { PHANTOM, writeDataset } from "./datasets.ts";

/** The real ones; also the proof that what the verb makes is what the pages take. */
export function operationsOf(
  folder: string,
  options: Partial<OperationsOptions> = {},
  context: Parameters<typeof fakeContext>[1] = {},
): Operations {
  return dashboardOperations({
    home: `${folder}/home`,
    datasets: [`${folder}/data`],
    allowSubmit: true,
    datasetRoots: [],
    dispatches: [{ dispatch: "local" }],
    workers: 0,
    ...options,
  }, fakeContext(folder, context));
}

/** `data/`: two cases with a good header, one that cannot be read and one that is missing. */
export async function withDataset(
  use: (folder: string) => Promise<void>,
): Promise<void> {
  await withNanoCheckpoint(async (folder) => {
    await writeDataset(`${folder}/data`, {
      a: { label: PHANTOM.label },
      b: {},
      bad: { image: new TextEncoder().encode("no image") },
      missing: { image: null },
    });
    await use(folder);
  });
}
