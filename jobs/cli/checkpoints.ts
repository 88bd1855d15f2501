/** @module Checkpoints that people name on the command line. */
import {
  loadCheckpoint,
  type LoadedCheckpoint,
} from "../segmentation/model.ts";
import type { Context } from "./context.ts";
import { openFile } from "./inputs.ts";
import { UsageError } from "./usage_error.ts";

/** @throws {UsageError} where there is none. */
export async function openCheckpoint(
  context: Context,
  path: string,
): Promise<LoadedCheckpoint> {
  const { store, key } = openFile(context, path);
  if (await store.peek(key, 0) === null) {
    throw new UsageError(`There is no checkpoint at ${store.location}/${key}`);
  }
  return await loadCheckpoint(store, key);
}
