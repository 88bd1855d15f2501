/**
 * Projecting where nothing was resampled: each plane goes to its place in the image.
 * @module
 */
import type { CaseGeometry } from "./case_geometry.ts";
import { turnedLayout } from "./orientation.ts";
import type { PlaneSink, ProjectionTarget } from "./project_sink.ts";
import { raiseRow, writeRow } from "./rows.ts";

export function directSink(
  { image, orientation, box, shape: [, nj, nk] }: CaseGeometry,
  { mask, probabilities: kept, classes }: ProjectionTarget,
): PlaneSink {
  const { base, steps: [si, sj, sk] } = turnedLayout(
    image.shape,
    orientation,
    box.start,
  );
  const size = nj * nk;
  const row = new Float64Array(nk);
  const best = new Float64Array(nk);
  return {
    push(i, probabilities) {
      for (let j = 0; j < nj; j++) {
        const start = base + i * si + j * sj;
        best.set(probabilities.subarray(j * nk, (j + 1) * nk));
        for (let c = 0; c < classes; c++) {
          const from = c * size + j * nk;
          row.set(probabilities.subarray(from, from + nk));
          if (c > 0) raiseRow(row, best, mask, start, sk, c);
          if (kept === undefined) continue;
          writeRow(row, kept, c * mask.length + start, sk);
        }
      }
    },
    finish() {},
  };
}
