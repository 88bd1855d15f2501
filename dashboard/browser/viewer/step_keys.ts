/** @module Keys that move the crosshair while the planes have the focus. */
import type { View, WorldAxis } from "./planes.ts";

type Step = readonly [axis: WorldAxis, by: 1 | -1];

/** The patient's right is on the left, and in the sagittal plane the face is on the right. */
const ACROSS: Readonly<Record<string, Step>> = {
  ArrowLeft: [0, 1],
  ArrowRight: [0, -1],
};
const UP: Readonly<Record<string, Step>> = {
  ArrowUp: [2, 1],
  ArrowDown: [2, -1],
};

/** Arrows go along a plane, and page keys through it. */
const CORONAL: Readonly<Record<string, Step>> = {
  ...ACROSS,
  ...UP,
  PageUp: [1, 1],
  PageDown: [1, -1],
};

const STEPS: Readonly<Record<View, Readonly<Record<string, Step>>>> = {
  planes: CORONAL,
  render: CORONAL,
  coronal: CORONAL,
  axial: {
    ...ACROSS,
    ArrowUp: [1, 1],
    ArrowDown: [1, -1],
    PageUp: [2, 1],
    PageDown: [2, -1],
  },
  sagittal: {
    ...UP,
    ArrowLeft: [1, -1],
    ArrowRight: [1, 1],
    PageUp: [0, 1],
    PageDown: [0, -1],
  },
};

export function bindStepKeys(
  canvas: HTMLCanvasElement,
  view: () => View,
  moveBy: (axis: WorldAxis, voxels: number) => void,
): void {
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[view()][event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    moveBy(...step);
  }, { capture: true });
}
