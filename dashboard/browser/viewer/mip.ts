/**
 * The maximum intensity projection beside the planes: seen from the front, head up, the patient's right on the
 * left. A click leads to the voxel whose value shows there.
 * @module
 */
import { COLOURS, type ColourValue } from "./segmentation.ts";
import type { GreyWindow } from "./windows.ts";

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
  /** Colours of what a segmentation casts a shadow on; 0 elsewhere. */
  shadow(data: Uint8Array): Uint8Array;
  voxelOf(index: number): [number, number, number];
  /** The pixel of a voxel. */
  pixelOf(voxel: readonly number[]): [number, number];
}

/** Along which voxel axis each axis of the world mostly runs. */
function axesOf(affine: MipVolume["affine"]): [number, number, number] {
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
    shadow(data) {
      const colours = new Uint8Array(width * height);
      for (let v = 0, at = 0; v < height; v++) {
        for (let u = 0; u < width; u++, at++) {
          const start = startOf(u, v);
          for (let d = 0, n = start; d < depth; d++, n += strides[y]!) {
            if (data[n] !== 0) {
              colours[at] = 1;
              break;
            }
          }
        }
      }
      return colours;
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

export interface MipLook {
  readonly window: GreyWindow;
  readonly isInverted: boolean;
  /** Shadows with the colour of their outlines. */
  readonly shadows: readonly {
    readonly data: Uint8Array;
    readonly value: ColourValue;
  }[];
  /** The crosshair's voxel; null: there is none yet. */
  readonly voxel: readonly number[] | null;
}

/** Draws at the size that the canvas has on the page. */
export function drawMip(
  canvas: HTMLCanvasElement,
  projection: Projection,
  look: MipLook,
): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  const ratio = globalThis.devicePixelRatio;
  canvas.width = Math.round(canvas.clientWidth * ratio);
  canvas.height = Math.round(canvas.clientHeight * ratio);
  context.fillStyle = look.isInverted ? "#fff" : "#000";
  context.fillRect(0, 0, canvas.width, canvas.height);
  const { x, y, width, height } = frameOf(canvas, projection);
  context.imageSmoothingQuality = "high";
  context.drawImage(greysOf(projection, look), x, y, width, height);
  const sx = width / projection.width;
  const sy = height / projection.height;
  context.lineWidth = Math.max(1, 1.5 * ratio);
  for (const { data, value } of look.shadows) {
    context.strokeStyle = `rgb(${COLOURS[value].colour.join(" ")})`;
    context.beginPath();
    traceBorder(context, data, projection, { x, y, sx, sy });
    context.stroke();
  }
  if (look.voxel === null) return;
  const [u, v] = projection.pixelOf(look.voxel);
  context.strokeStyle = "rgb(0 150 90 / 70%)";
  context.lineWidth = ratio;
  context.beginPath();
  context.moveTo(x + (u + 0.5) * sx, y);
  context.lineTo(x + (u + 0.5) * sx, y + height);
  context.moveTo(x, y + (v + 0.5) * sy);
  context.lineTo(x + width, y + (v + 0.5) * sy);
  context.stroke();
}

/** The voxel that shows at a place on the canvas, in CSS pixels; null beside the picture. */
export function voxelAt(
  canvas: HTMLCanvasElement,
  projection: Projection,
  at: { readonly x: number; readonly y: number },
): [number, number, number] | null {
  const ratio = canvas.width / canvas.clientWidth;
  const { x, y, width, height } = frameOf(canvas, projection);
  const u = Math.floor((at.x * ratio - x) / width * projection.width);
  const v = Math.floor((at.y * ratio - y) / height * projection.height);
  if (u < 0 || v < 0 || u >= projection.width || v >= projection.height) {
    return null;
  }
  return projection.voxelOf(projection.indices[v * projection.width + u]!);
}

function frameOf(canvas: HTMLCanvasElement, { aspect }: Projection) {
  const width = Math.min(canvas.width, canvas.height * aspect);
  const height = width / aspect;
  return {
    x: (canvas.width - width) / 2,
    y: (canvas.height - height) / 2,
    width,
    height,
  };
}

function greysOf(
  { width, height, values }: Projection,
  { window: { lo, hi }, isInverted }: MipLook,
): HTMLCanvasElement {
  const picture = new ImageData(width, height);
  for (let n = 0; n < values.length; n++) {
    const share = Math.min(1, Math.max(0, (values[n]! - lo) / (hi - lo)));
    const grey = Math.round(255 * (isInverted ? 1 - share : share));
    picture.data.fill(grey, 4 * n, 4 * n + 3);
    picture.data[4 * n + 3] = 255;
  }
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")?.putImageData(picture, 0, 0);
  return canvas;
}

function traceBorder(
  context: CanvasRenderingContext2D,
  data: Uint8Array,
  { width, height }: Projection,
  { x, y, sx, sy }: { x: number; y: number; sx: number; sy: number },
): void {
  const isIn = (u: number, v: number) =>
    u >= 0 && v >= 0 && u < width && v < height && data[v * width + u] !== 0;
  const line = (u: number, v: number, du: number, dv: number) => {
    context.moveTo(x + u * sx, y + v * sy);
    context.lineTo(x + (u + du) * sx, y + (v + dv) * sy);
  };
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      if (!isIn(u, v)) continue;
      if (!isIn(u - 1, v)) line(u, v, 0, 1);
      if (!isIn(u + 1, v)) line(u + 1, v, 0, 1);
      if (!isIn(u, v - 1)) line(u, v, 1, 0);
      if (!isIn(u, v + 1)) line(u, v + 1, 1, 0);
    }
  }
}
