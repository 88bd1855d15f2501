/** @module The thread that compares runs over many cases, so that requests are answered meanwhile. */
import { openCatalog } from "../../shared/catalog/open_catalog.ts";
import {
  type CompareOptions,
  compareRuns,
} from "../../shared/catalog/queries/compare_runs.ts";
import { serve } from "../../shared/thread.ts";

const functions = {
  /** Reads the index by itself: handing the cases over would take longer than reading them. */
  compare(
    path: string,
    before: string,
    after: string,
    options: CompareOptions,
  ) {
    const catalog = openCatalog(path);
    try {
      return { comparison: compareRuns(catalog, before, after, options) };
    } finally {
      catalog.close();
    }
  },
};
export type CompareThread = typeof functions;

serve(functions);
