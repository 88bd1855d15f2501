/**
 * Projecting where the image is sheared and its grid not parallel to the network's: the probabilities are
 * collected, then read at every voxel of the image.
 * @module
 */
import type { CaseGeometry } from "./case_geometry.ts";
import type { PlaneSink, ProjectionTarget } from "./project_sink.ts";
import { along, indexMap, sampleLinear } from "./resample.ts";
import type { Vec3 } from "./volume.ts";

export function obliqueSink(
  geometry: CaseGeometry,
  { mask, probabilities: kept, classes }: ProjectionTarget,
): PlaneSink {
  const { image, resampled, orientation, box, shape } = geometry;
  const [, nj, nk] = shape;
  // One layer of the zeros outside of the crop on every side.
  const padded: Vec3 = [shape[0] + 2, nj + 2, nk + 2];
  const volumes = Array.from(
    { length: classes },
    () => new Float32Array(padded[0] * padded[1] * padded[2]),
  );
  const map = indexMap(resampled, image);

  /** Position in the padded crop along one of its axes, for a voxel of the image. */
  function position(axis: 0 | 1 | 2, i: number, j: number, k: number): number {
    const stored = orientation.axes[axis];
    const last = resampled.shape[stored] - 1;
    const inside = Math.min(Math.max(along(map, stored, i, j, k), 0), last);
    const turned = orientation.flips[axis] ? last - inside : inside;
    return turned - box.start[axis] + 1;
  }

  return {
    push(i, probabilities) {
      volumes.forEach((volume, c) => {
        for (let j = 0; j < nj; j++) {
          const from = (c * nj + j) * nk;
          const to = ((i + 1) * padded[1] + j + 1) * padded[2] + 1;
          volume.set(probabilities.subarray(from, from + nk), to);
        }
      });
    },
    finish() {
      let at = 0;
      for (let i = 0; i < image.shape[0]; i++) {
        for (let j = 0; j < image.shape[1]; j++) {
          for (let k = 0; k < image.shape[2]; k++, at++) {
            const x = position(0, i, j, k);
            const y = position(1, i, j, k);
            const z = position(2, i, j, k);
            const outside = x <= 0 || y <= 0 || z <= 0 ||
              x >= padded[0] - 1 || y >= padded[1] - 1 || z >= padded[2] - 1;
            if (outside) continue;
            let best = -Infinity;
            for (let c = 0; c < classes; c++) {
              const value = sampleLinear(volumes[c]!, padded, x, y, z);
              if (value > best) {
                best = value;
                mask[at] = c;
              }
              if (kept !== undefined) kept[c * mask.length + at] = value;
            }
          }
        }
      }
    },
  };
}
