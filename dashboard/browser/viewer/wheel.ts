/** @module The wheel over the planes: through the slices, or with Ctrl (which pinching sends) nearer and farther. */
import type { Planes } from "./planes.ts";

/** Turned so far, by about a third of a mouse wheel's notch, a slice passes. */
const SLICE_PX = 40;
const LINE_PX = 40;
/** A notch of 120 px enlarges by a third. */
const ZOOM_PER_PX = Math.log(4 / 3) / 120;

export function bindWheel(
  canvas: HTMLCanvasElement,
  { axisAt, moveBy, zoomBy }: Pick<Planes, "axisAt" | "moveBy" | "zoomBy">,
): void {
  let turnedPx = 0;
  canvas.addEventListener("wheel", (event) => {
    const px = event.deltaY *
      (event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE_PX);
    const axis = axisAt({ x: event.offsetX, y: event.offsetY });
    // In 3D the wheel does what NiiVue does with it.
    if (axis === null && !event.ctrlKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.ctrlKey) return zoomBy(Math.exp(-px * ZOOM_PER_PX));
    if (axis === null) return;
    turnedPx += px;
    if (Math.abs(turnedPx) < SLICE_PX) return;
    moveBy(axis, turnedPx < 0 ? 1 : -1);
    turnedPx = 0;
  }, { capture: true, passive: false });
}
