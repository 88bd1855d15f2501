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
  return {
    push(i, probabilities) {
      let n = 0;
      for (let j = 0; j < nj; j++) {
        let at = base + i * si + j * sj;
        for (let k = 0; k < nk; k++, n++, at += sk) {
          let best = probabilities[n]!;
          let winner = 0;
          for (let c = 1; c < classes; c++) {
            const value = probabilities[c * size + n]!;
            if (value > best) {
              best = value;
              winner = c;
            }
          }
          mask[at] = winner;
          if (kept === undefined) continue;
          for (let c = 0; c < classes; c++) {
            kept[c * mask.length + at] = probabilities[c * size + n]!;
          }
        }
      }
    },
    finish() {},
  };
}
