/**
 * One class of one or two volumes, cut out to the box it fills: everything measured of a class is
 * measured there, so that the work grows with the tumours and not with the scan.
 * @module
 */
import type { Vec3, Volume } from "../imaging/volume.ts";

/** A box of voxels: from `origin`, `shape` long. */
export interface Box {
  readonly origin: Vec3;
  readonly shape: Vec3;
}

/** A binary mask inside a box: 1 where the class is, 0 elsewhere; outside the box it is nowhere. */
export interface Region extends Box {
  readonly data: Uint8Array<ArrayBuffer>;
}

/** The voxels of a box that hold one value. */
export function cutOut(
  volume: Volume<Uint8Array<ArrayBuffer>>,
  value: number,
  { origin, shape }: Box,
): Region {
  const [ni, nj, nk] = shape;
  const data = new Uint8Array(ni * nj * nk);
  let to = 0;
  for (let i = 0; i < ni; i++) {
    for (let j = 0; j < nj; j++) {
      const from = ((origin[0] + i) * volume.shape[1] + origin[1] + j) *
          volume.shape[2] + origin[2];
      for (let k = 0; k < nk; k++) {
        data[to++] = volume.data[from + k] === value ? 1 : 0;
      }
    }
  }
  return { data, origin, shape };
}
