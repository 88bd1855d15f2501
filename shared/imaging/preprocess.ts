/**
 * From the image as stored to what a network sees, as MONAI 1.5 does it: Spacing, Orientation,
 * ScaleIntensityRange with clipping, CropForeground.
 * @module
 */
import { CaseError } from "../case_error.ts";
import { determinant } from "./affine.ts";
import { type CaseGeometry, caseGeometry } from "./case_geometry.ts";
import {
  type Box,
  boxShape,
  cutInPlace,
  extract,
  foregroundBox,
  turnedBox,
  unionBox,
  wholeBox,
} from "./crop.ts";
import { type IntensityRange, scaleAndClip } from "./intensity.ts";
import {
  AS_STORED,
  type Orientation,
  rasOrientation,
  turnedShape,
} from "./orientation.ts";
import type { Preprocessing } from "./preprocessing.ts";
import {
  indexMap,
  isAxisAligned,
  linearTable,
  resampleLinear,
  sameGrid,
} from "./resample.ts";
import { respacedGrid } from "./spacing.ts";
import { type Grid, type Vec3, type Volume, voxelCount } from "./volume.ts";

/** More voxels than this after resampling are refused: 2 GiB per channel. */
const MAX_VOXELS = 2 ** 29;

/** A case as a network sees it. */
export interface PreparedCase extends CaseGeometry {
  /** One array per channel (perhaps the start of a longer buffer): values 0..1 in [i][j][k] of `shape`. */
  readonly channels: readonly Float32Array<ArrayBuffer>[];
}

/**
 * Prepares an image for a network.
 *
 * With `crop: "foreground"` the box holds every voxel that any channel has above its `lo`. An image with
 * no such voxel is kept whole, and one whose foreground does not survive resampling keeps the region
 * it stood in, where MONAI would cut out an empty box.
 *
 * @param channels one volume per channel, all on one grid; left as they are.
 * @throws {CaseError} kind `channels` when their number is not that of `preprocessing.intensity`,
 *   `geometry` when the affine is singular or resampling would make more than 2^29 voxels.
 * @throws {RangeError} when the channels lie on different grids.
 */
export function preprocess(
  channels: readonly Volume[],
  preprocessing: Preprocessing,
): PreparedCase {
  const { intensity, spacingMm } = preprocessing;
  const [first] = channels;
  if (first === undefined || channels.length !== intensity.length) {
    throw new CaseError(
      "channels",
      `its image has ${channels.length} channels where ${intensity.length} are expected`,
    );
  }
  if (!channels.every((channel) => sameGrid(first, channel))) {
    throw new RangeError("Cannot preprocess channels that lie on other grids");
  }
  const image: Grid = { shape: first.shape, affine: first.affine };
  const resampled = resampledGrid(image, spacingMm);
  const orientation = orientationOf(resampled, preprocessing);

  const kept = resampled === image
    ? cut(channels, image, orientation, preprocessing)
    : resample(channels, image, resampled, orientation, preprocessing);
  kept.data.forEach((data, c) => scaleAndClip(data, intensity[c]!));
  return {
    ...caseGeometry(image, resampled, orientation, kept.box),
    channels: kept.data,
  };
}

/**
 * The most that {@linkcode preprocess} can keep of an image: its shape before the crop, which only the voxels
 * decide.
 *
 * @throws {CaseError} kind `geometry`, as {@linkcode preprocess}.
 */
export function uncroppedShape(
  image: Grid,
  preprocessing: Preprocessing,
): Vec3 {
  const resampled = resampledGrid(image, preprocessing.spacingMm);
  return turnedShape(
    resampled.shape,
    orientationOf(resampled, preprocessing),
  );
}

function orientationOf(
  { affine }: Grid,
  { orientation }: Preprocessing,
): Orientation {
  return orientation === "RAS" ? rasOrientation(affine) : AS_STORED;
}

function resampledGrid(
  image: Grid,
  spacingMm: Preprocessing["spacingMm"],
): Grid {
  const volume = determinant(image.affine);
  if (!Number.isFinite(volume) || volume === 0) {
    throw new CaseError(
      "geometry",
      `its affine gives voxels a volume of ${volume} mm3`,
    );
  }
  if (spacingMm === "native") return image;
  const resampled = respacedGrid(image, spacingMm);
  if (!(voxelCount(resampled.shape) <= MAX_VOXELS)) {
    throw new CaseError(
      "geometry",
      `resampling its ${image.shape.join(" x ")} voxels to ` +
        `${spacingMm.join(" x ")} mm makes ${resampled.shape.join(" x ")}, ` +
        `more than ${MAX_VOXELS} in all`,
    );
  }
  return resampled;
}

/** What is kept of the image, turned, with intensities as stored. */
interface Kept {
  readonly data: readonly Float32Array<ArrayBuffer>[];
  /** By the axes of the turned grid. */
  readonly box: Box;
}

function cut(
  channels: readonly Volume[],
  { shape }: Grid,
  orientation: Orientation,
  { intensity, crop }: Preprocessing,
): Kept {
  const data = channels.map((channel) => channel.data);
  const foreground = crop === "foreground"
    ? findForeground(data, shape, intensity)
    : undefined;
  const box = turnedBox(foreground ?? wholeBox(shape), shape, orientation);
  return { data: data.map((d) => extract(d, shape, orientation, box)), box };
}

/** Resamples no more than the crop can keep: interpolation makes no foreground away from foreground. */
function resample(
  channels: readonly Volume[],
  image: Grid,
  resampled: Grid,
  orientation: Orientation,
  { intensity, crop }: Preprocessing,
): Kept {
  const foreground = crop === "foreground"
    ? findForeground(channels.map(({ data }) => data), image.shape, intensity)
    : undefined;
  const region = foreground === undefined
    ? wholeBox(resampled.shape)
    : reach(foreground, image, resampled);
  const data = channels.map((channel) =>
    resampleLinear({ ...channel, ...image }, resampled, region, orientation)
  );
  const { start, end } = turnedBox(region, resampled.shape, orientation);
  const shape = boxShape({ start, end });
  const found = foreground && findForeground(data, shape, intensity);
  if (found === undefined) return { data, box: { start, end } };
  return {
    data: data.map((d) => cutInPlace(d, shape, found)),
    box: { start: add(start, found.start), end: add(start, found.end) },
  };
}

/** The box around all voxels that are above 0 after scaling in any channel. */
function findForeground(
  data: readonly Float32Array<ArrayBuffer>[],
  shape: Vec3,
  intensity: readonly IntensityRange[],
): Box | undefined {
  // The published code compares in 32 bits.
  return unionBox(
    data.map((d, c) => foregroundBox(d, shape, Math.fround(intensity[c]!.lo))),
  );
}

/** The box of resampled voxels whose interpolation reads any voxel of a box of the image. */
function reach(box: Box, image: Grid, resampled: Grid): Box {
  const map = indexMap(image, resampled);
  if (!isAxisAligned(map, resampled.shape)) return wholeBox(resampled.shape);
  const ranges = ([0, 1, 2] as const).map((axis) => {
    const size = resampled.shape[axis];
    const { lower, upper } = linearTable(map, axis, 0, size, image.shape[axis]);
    const reads = (n: number) =>
      upper[n]! >= box.start[axis] && lower[n]! < box.end[axis];
    let start = 0;
    while (start < size - 1 && !reads(start)) start++;
    let end = size;
    while (end > start + 1 && !reads(end - 1)) end--;
    return [start, end] as const;
  });
  const [i, j, k] = ranges;
  return { start: [i![0], j![0], k![0]], end: [i![1], j![1], k![1]] };
}

function add(a: Vec3, b: Vec3): Vec3 {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}
