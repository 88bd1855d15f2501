/**
 * The seam between the projector and its three ways to bring planes onto the image's grid.
 * @module
 */

/** Takes planes [class][j][k] of the network's grid, checked and in order of i. */
export interface PlaneSink {
  push(planeIndex: number, probabilities: Float32Array<ArrayBuffer>): void;
  finish(): void;
}

/** Where sinks write, on the image's grid; all zero before. */
export interface ProjectionTarget {
  readonly classes: number;
  readonly mask: Uint8Array<ArrayBuffer>;
  /** [class][i][j][k], if wanted. */
  readonly probabilities: Float32Array<ArrayBuffer> | undefined;
}
