/**
 * Projecting where nothing was resampled: each plane goes to its place in the image.
 * @module
 */
import type { CaseGeometry } from "./case_geometry.ts";
import { turnedLayout } from "./orientation.ts";
import type { PlaneSink, ProjectionTarget } from "./project_sink.ts";

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
  const best = new Float32Array(nk);
  return {
    push(i, probabilities) {
      for (let j = 0; j < nj; j++) {
        const start = base + i * si + j * sj;
        best.set(probabilities.subarray(j * nk, (j + 1) * nk));
        for (let c = 0; c < classes; c++) {
          let n = c * size + j * nk;
          let at = start;
          for (let k = 0; k < nk; k++, n++, at += sk) {
            const value = probabilities[n]!;
            if (value > best[k]!) {
              best[k] = value;
              mask[at] = c;
            }
            if (kept !== undefined) kept[c * mask.length + at] = value;
          }
        }
      }
    },
    finish() {},
  };
}
