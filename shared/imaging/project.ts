/**
 * From class probabilities on the network's grid to a mask on the image's own: the inverse of
 * preprocessing, plane by plane.
 * @module
 */
import type { CaseGeometry } from "./case_geometry.ts";
import { alignedSink } from "./project_aligned.ts";
import { directSink } from "./project_direct.ts";
import { obliqueSink } from "./project_oblique.ts";
import type { PlaneSink, ProjectionTarget } from "./project_sink.ts";
import { indexMap, isAxisAligned } from "./resample.ts";
import { voxelCount } from "./volume.ts";

export interface ProjectorOptions {
  /** Also return every class's probabilities on the image's grid. @default false */
  readonly keepProbabilities?: boolean;
}

export interface Projection {
  /** The most probable class of every voxel of the image, k fastest; the first of equals. */
  readonly mask: Uint8Array<ArrayBuffer>;
  /** [class][i][j][k] on the image's grid, if asked for. */
  readonly probabilities?: Float32Array<ArrayBuffer>;
}

export interface Projector {
  /**
   * Takes one plane of the network's grid, in order of i.
   *
   * @param probabilities [class][j][k]; not kept.
   * @throws {RangeError} when a plane is out of order or of another size.
   */
  push(planeIndex: number, probabilities: Float32Array<ArrayBuffer>): void;
  /** @throws {RangeError} before the last plane has been pushed. */
  finish(): Projection;
}

/**
 * Inverts preprocessing as MONAI 1.5 does: outside of the crop all classes have probability 0, axes are
 * turned back, probabilities are interpolated trilinearly onto the image's grid, and the class with the
 * largest wins, the first (background) where all are equal.
 *
 * Holds the mask and, while grids are parallel, two planes; for sheared images the whole
 * probability volume.
 *
 * @throws {RangeError} when there are fewer than 2 or more than 256 classes.
 */
export function createProjector(
  geometry: CaseGeometry,
  classes: number,
  { keepProbabilities = false }: ProjectorOptions = {},
): Projector {
  if (!(classes >= 2 && classes <= 256)) {
    throw new RangeError(
      `Cannot project ${classes} classes: a mask holds 2 to 256`,
    );
  }
  const { image, shape } = geometry;
  const voxels = voxelCount(image.shape);
  const target: ProjectionTarget = {
    mask: new Uint8Array(voxels),
    probabilities: keepProbabilities
      ? new Float32Array(classes * voxels)
      : undefined,
    classes,
  };
  const sink = chooseSink(geometry, target);
  const planeLength = classes * shape[1] * shape[2];
  let expected = 0;
  return {
    push(planeIndex, probabilities) {
      if (planeIndex !== expected || expected === shape[0]) {
        throw new RangeError(
          `Cannot take plane ${planeIndex} of ${
            shape[0]
          }: ${expected} were pushed`,
        );
      }
      if (probabilities.length !== planeLength) {
        throw new RangeError(
          `Cannot take a plane of ${probabilities.length} probabilities: ` +
            `${classes} x ${shape[1]} x ${shape[2]} are expected`,
        );
      }
      expected++;
      sink.push(planeIndex, probabilities);
    },
    finish() {
      if (expected !== shape[0]) {
        throw new RangeError(
          `Cannot finish a mask with ${expected} of ${shape[0]} planes`,
        );
      }
      sink.finish();
      const { mask, probabilities } = target;
      return probabilities === undefined ? { mask } : { mask, probabilities };
    },
  };
}

function chooseSink(
  geometry: CaseGeometry,
  target: ProjectionTarget,
): PlaneSink {
  const { image, resampled } = geometry;
  if (resampled === image) return directSink(geometry, target);
  return isAxisAligned(indexMap(resampled, image), image.shape)
    ? alignedSink(geometry, target)
    : obliqueSink(geometry, target);
}
