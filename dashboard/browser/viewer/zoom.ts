/** @module How the planes are enlarged: a place in millimetres shows at place * factor + pan. */

type Triple = readonly [number, number, number];

export interface Zoom {
  /** 1: the whole scan shows. */
  readonly factor: number;
  readonly panMm: Triple;
}

export const NO_ZOOM: Zoom = { factor: 1, panMm: [0, 0, 0] };

const MOST = 20;
/** Share of what shows, around its middle, in which the crosshair is well seen. */
const WELL_SEEN = 0.8;

/** Enlarged so many times more; what is at `mm` stays where it shows. */
export function zoomedAround(
  { factor, panMm }: Zoom,
  by: number,
  mm: Triple,
): Zoom {
  const wanted = Math.min(MOST, factor * by);
  if (wanted <= 1) return NO_ZOOM;
  return {
    factor: wanted,
    panMm: triple((axis) => panMm[axis] + mm[axis] * (factor - wanted)),
  };
}

/**
 * Shifted so that a place shows in the middle, along those axes where it would not be well seen.
 *
 * @param extentMm corners of what shows without a zoom
 */
export function keptInView(
  { factor, panMm }: Zoom,
  mm: Triple,
  { low, high }: { readonly low: Triple; readonly high: Triple },
): Zoom {
  return {
    factor,
    panMm: triple((axis) => {
      const middle = (low[axis] + high[axis]) / 2;
      const away = Math.abs(mm[axis] * factor + panMm[axis] - middle);
      if (factor === 1 && panMm[axis] === 0) return 0;
      return away <= (high[axis] - low[axis]) / 2 * WELL_SEEN
        ? panMm[axis]
        : middle - mm[axis] * factor;
    }),
  };
}

function triple(of: (axis: 0 | 1 | 2) => number): Triple {
  return [of(0), of(1), of(2)];
}
