/**
 * Blends windows into planes in bounded memory.
 * @module
 */
import type { Vec3 } from "../volume.ts";
import type { WindowPlan } from "./plan.ts";

/** One plane (fixed i) of class scores, without the plan's padding. */
export interface Plane {
  /** i in the volume. */
  readonly index: number;
  /** [classes][j][k]; overwritten when the next plane is asked for. */
  readonly scores: Float32Array<ArrayBuffer>;
}

/**
 * Weighted mean of overlapping windows' scores. Windows come in the plan's order, so all that lies before
 * the next window's first plane is complete: only a ring of `roi[0]` planes is held, never the volume.
 * Sums are f32 and in MONAI's order: out += weight * score, count += weight, at last out / count.
 */
export class Blender {
  readonly #plan: WindowPlan;
  readonly #classes: number;
  readonly #importance: Float32Array;
  /** [i mod roi[0]][classes][j][k] of the padded volume. */
  readonly #sums: Float32Array;
  /** [i mod roi[0]][j][k] */
  readonly #weights: Float32Array;
  readonly #scores: Float32Array<ArrayBuffer>;
  /** Planes before this one have been released. */
  #from = 0;
  /** Planes from this one on have not been touched. */
  #to = 0;

  /** @param importance weights of a window's voxels, [roi], all positive. */
  constructor(plan: WindowPlan, classes: number, importance: Float32Array) {
    const { roi, shape, paddedShape } = plan;
    const area = paddedShape[1] * paddedShape[2];
    this.#plan = plan;
    this.#classes = classes;
    this.#importance = importance;
    this.#sums = new Float32Array(roi[0] * classes * area);
    this.#weights = new Float32Array(roi[0] * area);
    this.#scores = new Float32Array(classes * shape[1] * shape[2]);
  }

  /** Bytes held, whatever the volume's length along i. */
  get bytes(): number {
    return this.#sums.byteLength + this.#weights.byteLength +
      this.#scores.byteLength;
  }

  /** Planes that windows have touched and that are not released yet; at most `roi[0]`. */
  get heldPlanes(): number {
    return this.#to - this.#from;
  }

  /**
   * Adds a window's scores, [classes][roi], which begin at `offset` of `scores`.
   *
   * @throws {RangeError} unless the window begins at the first plane held.
   */
  add(start: Vec3, scores: Float32Array, offset = 0): void {
    const [depth, height, width] = this.#plan.roi;
    if (start[0] !== this.#from) {
      throw new RangeError(
        `Cannot add a window at plane ${
          start[0]
        } as the planes held start at ${this.#from}`,
      );
    }
    this.#to = start[0] + depth;
    const [, rows, columns] = this.#plan.paddedShape;
    const area = rows * columns;
    const size = depth * height * width;
    const classes = this.#classes;
    const importance = this.#importance;
    const sums = this.#sums;
    const weights = this.#weights;
    let n = 0;
    for (let i = 0; i < depth; i++) {
      const slot = (start[0] + i) % depth;
      for (let j = 0; j < height; j++, n += width) {
        const row = (start[1] + j) * columns + start[2];
        const weightRow = slot * area + row;
        for (let k = 0; k < width; k++) {
          weights[weightRow + k]! += importance[n + k]!;
        }
        for (let c = 0; c < classes; c++) {
          const sumRow = (slot * classes + c) * area + row;
          const scoreRow = offset + c * size + n;
          for (let k = 0; k < width; k++) {
            sums[sumRow + k]! += Math.fround(
              importance[n + k]! * scores[scoreRow + k]!,
            );
          }
        }
      }
    }
  }

  /**
   * Yields the planes before plane `to` of the padded volume that are not released yet, those in the padding
   * left out. No window may touch them any more.
   */
  *release(to: number): Generator<Plane, void, undefined> {
    const { shape, padBefore } = this.#plan;
    for (; this.#from < to; this.#from++) {
      const index = this.#from - padBefore[0];
      if (index >= 0 && index < shape[0]) {
        this.#divide();
        yield { index, scores: this.#scores };
      }
      this.#clear();
    }
  }
  /** Writes the mean of the first plane held, without padding, to the plane handed out. */
  #divide(): void {
    const { shape, roi, padBefore, paddedShape } = this.#plan;
    const [, rows, columns] = paddedShape;
    const slot = this.#from % roi[0];
    const scores = this.#scores;
    let n = 0;
    for (let c = 0; c < this.#classes; c++) {
      for (let j = 0; j < shape[1]; j++) {
        const row = (padBefore[1] + j) * columns + padBefore[2];
        const weightRow = slot * rows * columns + row;
        const sumRow = (slot * this.#classes + c) * rows * columns + row;
        for (let k = 0; k < shape[2]; k++) {
          scores[n++] = this.#sums[sumRow + k]! / this.#weights[weightRow + k]!;
        }
      }
    }
  }

  /** Empties the first plane held for the plane that takes its place in the ring. */
  #clear(): void {
    const { roi, paddedShape } = this.#plan;
    const area = paddedShape[1] * paddedShape[2];
    const slot = this.#from % roi[0];
    this.#weights.fill(0, slot * area, (slot + 1) * area);
    const volume = this.#classes * area;
    this.#sums.fill(0, slot * volume, (slot + 1) * volume);
  }
}
