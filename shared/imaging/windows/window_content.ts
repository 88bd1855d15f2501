/**
 * What windows hold: copying, hashing and comparing it, without a padded copy of the volume.
 *
 * Along an axis shorter than the window there is only one window, so all windows of a plan have their zeros
 * at the same place: their contents differ only in the box of size min(shape, roi) that begins at the
 * window's start.
 * @module
 */
import type { Vec3 } from "../volume.ts";
import type { WindowPlan } from "./plan.ts";

/** Channels of one volume, each [i][j][k]. */
export type Channels = readonly Float32Array[];

function boxSize({ shape, roi }: WindowPlan): Vec3 {
  return [
    Math.min(shape[0], roi[0]),
    Math.min(shape[1], roi[1]),
    Math.min(shape[2], roi[2]),
  ];
}

/**
 * Copies a window, [channels][roi], to `into` from `offset` on. The padding is not written, so `into` must
 * hold zeros there.
 */
export function copyWindow(
  channels: Channels,
  plan: WindowPlan,
  start: Vec3,
  into: Float32Array,
  offset: number,
): void {
  const { shape, roi, padBefore } = plan;
  const [depth, height, width] = boxSize(plan);
  channels.forEach((channel, c) => {
    for (let i = 0; i < depth; i++) {
      for (let j = 0; j < height; j++) {
        const from = ((start[0] + i) * shape[1] + start[1] + j) * shape[2] +
          start[2];
        const plane = c * roi[0] + padBefore[0] + i;
        const to = offset +
          (plane * roi[1] + padBefore[1] + j) * roi[2] + padBefore[2];
        for (let k = 0; k < width; k++) into[to + k] = channel[from + k]!;
      }
    }
  });
}

/** The same memory as integers: -0 differs from 0, and a NaN equals itself. */
function bitsOf(channel: Float32Array): Int32Array {
  return new Int32Array(channel.buffer, channel.byteOffset, channel.length);
}

/** Whether two windows hold the same bits. */
export function sameContent(
  channels: Channels,
  plan: WindowPlan,
  a: Vec3,
  b: Vec3,
): boolean {
  const [, rows, columns] = plan.shape;
  const [depth, height, width] = boxSize(plan);
  return channels.every((channel) => {
    const bits = bitsOf(channel);
    for (let i = 0; i < depth; i++) {
      for (let j = 0; j < height; j++) {
        const atA = ((a[0] + i) * rows + a[1] + j) * columns + a[2];
        const atB = ((b[0] + i) * rows + b[1] + j) * columns + b[2];
        for (let k = 0; k < width; k++) {
          if (bits[atA + k] !== bits[atB + k]) return false;
        }
      }
    }
    return true;
  });
}

/** FNV-1a's step on 32 bits at a time; the shift lets high bits, where floats differ, reach low ones. */
function mix(hash: number, value: number): number {
  const product = Math.imul(hash ^ value, 0x01000193);
  return product ^ (product >>> 15);
}

/**
 * A 32-bit hash of each window's content, in the plan's order. Overlapping windows share work: rows are
 * hashed per start along k, planes from row hashes per start along j, windows from plane hashes.
 */
export function hashWindows(channels: Channels, plan: WindowPlan): Int32Array {
  const { shape, axisStarts, starts } = plan;
  const [startsI, startsJ, startsK] = axisStarts;
  const [depth, height, width] = boxSize(plan);
  const hashes = new Int32Array(starts.length);
  const rows = new Int32Array(startsK.length * shape[1]);
  for (const channel of channels) {
    const bits = bitsOf(channel);
    for (let i = 0; i < shape[0]; i++) {
      startsK.forEach((startK, q) => {
        for (let j = 0; j < shape[1]; j++) {
          const from = (i * shape[1] + j) * shape[2] + startK;
          let hash = 0;
          for (let k = from; k < from + width; k++) hash = mix(hash, bits[k]!);
          rows[q * shape[1] + j] = hash;
        }
      });
      let window = 0;
      for (const startI of startsI) {
        const inside = i >= startI && i < startI + depth;
        for (const startJ of startsJ) {
          for (let q = 0; q < startsK.length; q++, window++) {
            if (!inside) continue;
            const from = q * shape[1] + startJ;
            let hash = hashes[window]!;
            for (let j = from; j < from + height; j++) {
              hash = mix(hash, rows[j]!);
            }
            hashes[window] = hash;
          }
        }
      }
    }
  }
  return hashes;
}
