/** @module A night as `--json` prints it. */
import type { Night } from "./night.ts";
import type { Evaluated } from "./rivals.ts";

export function nightJson({ evaluated, ...rest }: Night) {
  return { evaluations: evaluated.map(evaluationJson), ...rest };
}

function evaluationJson(
  { checkpoint, dataset, hash, runId, ...one }: Evaluated,
) {
  const { name, sha256, family, fold } = checkpoint;
  return {
    checkpoint: { name, sha256, family, fold },
    dataset: { name: dataset.name, digest: dataset.digest },
    cases: one.which,
    seen: one.seen,
    options: one.options,
    evaluation: hash,
    runId,
    isNew: one.isNew,
    coverage: one.summary.coverage,
    ...one.figures,
  };
}
