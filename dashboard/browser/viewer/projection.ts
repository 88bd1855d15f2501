/**
 * The maximum intensity projection of a volume: seen from the front, head up, the patient's right on the left.
 * @module
 */

/** A volume in the order of its file, the first axis the fastest. */
export interface MipVolume {
  readonly shape: readonly [number, number, number];
  /** Rows from voxel indices to RAS+ millimetres. */
  readonly affine: readonly (readonly number[])[];
  valueAt(index: number): number;
}

export interface Projection {
  readonly width: number;
  readonly height: number;
  /** Width to height of the picture in space. */
  readonly aspect: number;
  readonly values: Float32Array;
  /** Where each value stands in the volume. */
  readonly indices: Int32Array;
  /** 1 where voxels of a value, or of any but 0, cast a shadow; 0 elsewhere. */
  shadow(data: Uint8Array, value?: number): Uint8Array;
  voxelOf(index: number): [number, number, number];
  /** The pixel of a voxel. */
  pixelOf(voxel: readonly number[]): [number, number];
}

/** Along which voxel axis each axis of the world mostly runs. */
export function axesOf(affine: MipVolume["affine"]): [number, number, number] {
  const column = (axis: number) => [0, 1, 2].map((row) => affine[row]![axis]!);
  const lengths = [0, 1, 2].map((axis) => Math.hypot(...column(axis)));
  const shares = [0, 1, 2].map((row) =>
    [0, 1, 2].map((axis) => Math.abs(affine[row]![axis]!) / lengths[axis]!)
  );
  // Head to feet first: the other two share what is left.
  const z = largest(shares[2]!, [0, 1, 2]);
  const rest = [0, 1, 2].filter((axis) => axis !== z);
  const y = largest(shares[1]!, rest);
  const x = rest.find((axis) => axis !== y)!;
  return [x, y, z];
}

function largest(values: readonly number[], axes: readonly number[]): number {
  return axes.reduce((best, axis) =>
    values[axis]! > values[best]! ? axis : best
  );
}

export function project(volume: MipVolume): Projection {
  const { shape, affine, valueAt } = volume;
  const [x, y, z] = axesOf(affine);
  const strides = [1, shape[0], shape[0] * shape[1]];
  const [width, depth, height] = [shape[x]!, shape[y]!, shape[z]!];
  const spacing = (axis: number) =>
    Math.hypot(...[0, 1, 2].map((row) => affine[row]![axis]!));
  // The picture runs from the patient's right to the left, and from the head to the feet.
  const isRightFirst = affine[0]![x]! < 0;
  const isFeetFirst = affine[2]![z]! > 0;
  const startOf = (u: number, v: number) =>
    (isRightFirst ? u : width - 1 - u) * strides[x]! +
    (isFeetFirst ? height - 1 - v : v) * strides[z]!;

  const values = new Float32Array(width * height);
  const indices = new Int32Array(width * height);
  for (let v = 0, at = 0; v < height; v++) {
    for (let u = 0; u < width; u++, at++) {
      const start = startOf(u, v);
      let [best, where] = [-Infinity, start];
      for (let d = 0, n = start; d < depth; d++, n += strides[y]!) {
        const value = valueAt(n);
        if (value > best) [best, where] = [value, n];
      }
      values[at] = best;
      indices[at] = where;
    }
  }
  return {
    width,
    height,
    aspect: width * spacing(x) / (height * spacing(z)),
    values,
    indices,
    shadow(data, value) {
      const shadow = new Uint8Array(width * height);
      for (let v = 0, at = 0; v < height; v++) {
        for (let u = 0; u < width; u++, at++) {
          const start = startOf(u, v);
          for (let d = 0, n = start; d < depth; d++, n += strides[y]!) {
            if (value === undefined ? data[n] !== 0 : data[n] === value) {
              shadow[at] = 1;
              break;
            }
          }
        }
      }
      return shadow;
    },
    voxelOf(index) {
      const i = index % shape[0];
      const row = Math.floor(index / shape[0]);
      return [i, row % shape[1], Math.floor(row / shape[1])];
    },
    pixelOf(voxel) {
      const u = voxel[x]!;
      const v = voxel[z]!;
      return [
        isRightFirst ? u : width - 1 - u,
        isFeetFirst ? height - 1 - v : v,
      ];
    },
  };
}
