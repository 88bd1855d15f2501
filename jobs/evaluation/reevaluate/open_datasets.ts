/** @module The datasets that a night was given, each once. */
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import type { Context } from "../../cli/context.ts";

/** Opens them in their order; whoever names one twice means one. */
export function openDatasets(
  locations: readonly string[],
  { open }: Pick<Context, "open">,
): ObjectStore[] {
  const stores = new Map<string, ObjectStore>();
  for (const given of locations) {
    const store = open(given);
    if (!stores.has(store.location)) stores.set(store.location, store);
  }
  return [...stores.values()];
}
