/** @module Keys that move the crosshair while the planes have the focus. */

type Millimetres = readonly [number, number, number];

/** In RAS+ axes. The patient's right is on the left. */
const STEPS: Readonly<Record<string, Millimetres>> = {
  ArrowLeft: [1, 0, 0],
  ArrowRight: [-1, 0, 0],
  ArrowUp: [0, 0, 1],
  ArrowDown: [0, 0, -1],
  PageUp: [0, 1, 0],
  PageDown: [0, -1, 0],
};

/**
 * @param stepMm how far a key moves
 * @param position where the crosshair is; null: nowhere yet
 */
export function bindStepKeys(
  canvas: HTMLCanvasElement,
  stepMm: number,
  position: () => Millimetres | null,
  moveTo: (mm: Millimetres) => void,
): void {
  canvas.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const from = position();
    if (step === undefined || from === null) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    moveTo([
      from[0] + step[0] * stepMm,
      from[1] + step[1] * stepMm,
      from[2] + step[2] * stepMm,
    ]);
  }, { capture: true });
}
