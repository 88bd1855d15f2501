/**
 * What is in a run's folder besides pictures, masks and claims, in two listings.
 * @module
 */
import {
  EXTENSIONS,
  FAILURES,
  RESULTS,
  RETRIES,
  SUMMARY_KEY,
  WORKERS,
} from "../../runs/keys.ts";
import { REVIEWS } from "../../runs/reviews.ts";
import { type IndexContext, versionOf } from "./context.ts";
import type { Found } from "./read_new.ts";

export interface RunListing {
  readonly extensions: readonly Found[];
  readonly failures: readonly Found[];
  readonly results: readonly Found[];
  readonly retries: readonly Found[];
  readonly reviews: readonly Found[];
  readonly workers: readonly Found[];
  readonly hasSummary: boolean;
}

/** Folders between which no other stands that is listed here: each stretch takes one listing. */
const STRETCHES = [
  [EXTENSIONS, FAILURES],
  [RESULTS, RETRIES, REVIEWS, SUMMARY_KEY, WORKERS],
];

export async function listRun(
  { home, signal }: IndexContext,
  folder: string,
): Promise<RunListing> {
  const root = `runs/${folder}/`;
  const found = new Map<string, Found[]>();
  for (const stretch of STRETCHES) {
    for (const name of stretch) found.set(name, []);
    const first = stretch[0]!;
    const last = stretch.at(-1)!;
    const options = { startAfter: root + first, signal };
    for await (const info of home.list(root, options)) {
      const key = info.key.slice(root.length);
      const name = key.slice(0, key.indexOf("/") + 1) || key;
      if (name > last) break;
      found.get(name)?.push({ key: info.key, version: versionOf(info) });
    }
  }
  const records = (name: string) =>
    found.get(name)!.filter(({ key }) => key.endsWith(".json"));
  return {
    extensions: records(EXTENSIONS),
    failures: records(FAILURES),
    results: records(RESULTS),
    retries: records(RETRIES),
    reviews: records(REVIEWS),
    workers: records(WORKERS),
    hasSummary: found.get(SUMMARY_KEY)!.length > 0,
  };
}
