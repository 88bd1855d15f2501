/** @module Draws a projection beside the planes. A click leads to the voxel whose value shows there. */
import type { Projection } from "./projection.ts";
import { COLOURS, type ColourValue } from "./segmentation.ts";
import type { GreyWindow } from "./windows.ts";

export interface MipLook {
  readonly window: GreyWindow;
  readonly isInverted: boolean;
  /** Shadows with the colour of their outlines; each lies over those before it. */
  readonly shadows: readonly {
    readonly data: Uint8Array;
    readonly value: ColourValue;
    /** Drawn so, an outline does not hide the one it lies on. */
    readonly isThin: boolean;
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
  for (const { data, value, isThin } of look.shadows) {
    context.lineWidth = (isThin ? 1.5 : 3) * ratio;
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
