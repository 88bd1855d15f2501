/**
 * The NIfTI datatypes that can be voxels of a scan or a label, each with how a row of them becomes numbers.
 * @module
 */

export interface Datatype {
  /** The name NumPy and nibabel use. */
  readonly name: string;
  readonly bytes: number;
  readonly isInteger: boolean;
  /** Reads `count` values that lie one after another from `offset` on into `into`, from its index `at` on. */
  decodeRow(
    view: DataView,
    offset: number,
    littleEndian: boolean,
    into: Float64Array,
    at: number,
    count: number,
  ): void;
}

/**
 * What can be read, by the header's `datatype` code.
 *
 * One plain loop per type: the compiler makes each a run of straight loads, which a shared loop that calls a
 * getter per voxel would not be. DataView reads either byte order at any alignment at the same speed.
 */
export const DATATYPES: ReadonlyMap<number, Datatype> = new Map<
  number,
  Datatype
>([
  [256, {
    name: "int8",
    bytes: 1,
    isInteger: true,
    decodeRow(view, offset, _littleEndian, into, at, count) {
      for (let n = 0; n < count; n++) {
        into[at + n] = view.getInt8(offset + n);
      }
    },
  }],
  [2, {
    name: "uint8",
    bytes: 1,
    isInteger: true,
    decodeRow(view, offset, _littleEndian, into, at, count) {
      for (let n = 0; n < count; n++) {
        into[at + n] = view.getUint8(offset + n);
      }
    },
  }],
  [4, {
    name: "int16",
    bytes: 2,
    isInteger: true,
    decodeRow(view, offset, littleEndian, into, at, count) {
      for (let n = 0; n < count; n++) {
        into[at + n] = view.getInt16(offset + 2 * n, littleEndian);
      }
    },
  }],
  [512, {
    name: "uint16",
    bytes: 2,
    isInteger: true,
    decodeRow(view, offset, littleEndian, into, at, count) {
      for (let n = 0; n < count; n++) {
        into[at + n] = view.getUint16(offset + 2 * n, littleEndian);
      }
    },
  }],
  [8, {
    name: "int32",
    bytes: 4,
    isInteger: true,
    decodeRow(view, offset, littleEndian, into, at, count) {
      for (let n = 0; n < count; n++) {
        into[at + n] = view.getInt32(offset + 4 * n, littleEndian);
      }
    },
  }],
  [768, {
    name: "uint32",
    bytes: 4,
    isInteger: true,
    decodeRow(view, offset, littleEndian, into, at, count) {
      for (let n = 0; n < count; n++) {
        into[at + n] = view.getUint32(offset + 4 * n, littleEndian);
      }
    },
  }],
  [1024, {
    name: "int64",
    bytes: 8,
    isInteger: true,
    decodeRow(view, offset, littleEndian, into, at, count) {
      // From halves rather than through a BigInt: the product is exact and the sum rounds once.
      const [low, high] = littleEndian ? [0, 4] : [4, 0];
      for (let n = 0; n < count; n++) {
        const start = offset + 8 * n;
        into[at + n] = view.getInt32(start + high, littleEndian) * 2 ** 32 +
          view.getUint32(start + low, littleEndian);
      }
    },
  }],
  [1280, {
    name: "uint64",
    bytes: 8,
    isInteger: true,
    decodeRow(view, offset, littleEndian, into, at, count) {
      // From halves rather than through a BigInt: the product is exact and the sum rounds once.
      const [low, high] = littleEndian ? [0, 4] : [4, 0];
      for (let n = 0; n < count; n++) {
        const start = offset + 8 * n;
        into[at + n] = view.getUint32(start + high, littleEndian) * 2 ** 32 +
          view.getUint32(start + low, littleEndian);
      }
    },
  }],
  [16, {
    name: "float32",
    bytes: 4,
    isInteger: false,
    decodeRow(view, offset, littleEndian, into, at, count) {
      for (let n = 0; n < count; n++) {
        into[at + n] = view.getFloat32(offset + 4 * n, littleEndian);
      }
    },
  }],
  [64, {
    name: "float64",
    bytes: 8,
    isInteger: false,
    decodeRow(view, offset, littleEndian, into, at, count) {
      for (let n = 0; n < count; n++) {
        into[at + n] = view.getFloat64(offset + 8 * n, littleEndian);
      }
    },
  }],
]);

/** Datatypes of the standard that are no single number per voxel, or wider than a double. */
export const REFUSED_DATATYPES: ReadonlyMap<number, string> = new Map([
  [0, "unknown"],
  [1, "binary"],
  [32, "complex64"],
  [128, "RGB24"],
  [1536, "float128"],
  [1792, "complex128"],
  [2048, "complex256"],
  [2304, "RGBA32"],
]);
