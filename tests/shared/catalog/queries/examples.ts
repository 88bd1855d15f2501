/** @module Runs, datasets and checkpoints that tests of queries ask of. */
import { compareCases } from "../../../../shared/metrics/compare.ts";
import type { ObjectStore } from "../../../../shared/storage/object_store.ts";
import { put } from "../homes.ts";

export const A = "20260101T000000Z-aaaaaa";
export const B = "20260102T000000Z-bbbbbb";
export const C = "20260103T000000Z-cccccc";

export const checkpoint = (letter: string) => ({
  name: `net-${letter}`,
  location: `file:///${letter}.safetensors`,
  sha256: letter.repeat(64),
});
const DIGITS: Readonly<Record<string, string>> = { ecpc: "d", hecktor: "e" };
export const dataset = (name: string, fold?: number) => ({
  name,
  location: `s3://scans/${name}`,
  digest: (DIGITS[name] ?? "f").repeat(64),
  ...(fold === undefined ? {} : { fold }),
});
export const ids = (items: readonly { readonly caseId: string }[]) =>
  items.map(({ caseId }) => caseId);

/** A night that found B's checkpoint worse than A's, which it replaces, on so many cases. */
export async function putWorse(
  store: ObjectStore,
  n: number,
  comparison: ReturnType<typeof compareCases>,
): Promise<void> {
  const side = (letter: string, runId: string) => ({
    name: `net-${letter}`,
    sha256: letter.repeat(64),
    family: "net",
    fold: null,
    runId,
    coverage: { expected: n, done: n, failed: 0, missing: 0 },
  });
  await put(store, `comparisons/${"2".repeat(64)}.json`, {
    format: 1,
    createdAt: "2026-01-02T01:00:00.000Z",
    why: "predecessor",
    dataset: { name: "ecpc", digest: "d".repeat(64) },
    cases: "all",
    before: side("a", A),
    after: side("b", B),
    verdict: "worse",
    comparison,
  });
}
