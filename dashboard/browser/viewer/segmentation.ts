/**
 * Mask and label as one volume of colours: which colour a voxel has depends on what is in it and on how
 * segmentations are shown.
 * @module
 */

export type Mode = "outline" | "fill" | "difference" | "none";

export interface Shown {
  readonly mode: Mode;
  readonly mask: boolean;
  readonly label: boolean;
}

type Colour = readonly [number, number, number];

/** By the voxel's value; 0 has none. Told apart also where red and green are not (after Okabe and Ito). */
export const COLOURS = {
  1: { name: "Mask", colour: [230, 120, 0] },
  2: { name: "Label", colour: [0, 130, 180] },
  3: { name: "Both", colour: [120, 60, 170] },
  4: { name: "False", colour: [20, 80, 255] },
  5: { name: "Missed", colour: [225, 20, 40] },
  6: { name: "Agreement", colour: [90, 165, 95] },
} as const satisfies Readonly<
  Record<number, { readonly name: string; readonly colour: Colour }>
>;
export type ColourValue = keyof typeof COLOURS;

/** Class numbers on the image's grid, 0 for background. */
export interface Segmentations {
  readonly mask: Uint8Array | null;
  readonly label: Uint8Array | null;
  readonly shape: readonly [number, number, number];
}

/** Which values a mode can give, for a legend. */
export function legendOf(
  { mask, label }: Pick<Segmentations, "mask" | "label">,
  shown: Shown,
): ColourValue[] {
  const hasMask = mask !== null && shown.mask;
  const hasLabel = label !== null && shown.label;
  if (shown.mode === "none") return [];
  if (shown.mode === "difference" && hasMask && hasLabel) return [5, 4, 6];
  const both = hasMask && hasLabel && shown.mode === "fill";
  return [
    ...(hasMask ? [1 as const] : []),
    ...(hasLabel ? [2 as const] : []),
    ...(both ? [3 as const] : []),
  ];
}

/** Paints into `colours`, which has a place for every voxel; the first axis is the fastest, as in the files. */
export function paint(
  { mask, label, shape }: Segmentations,
  shown: Shown,
  colours: Uint8Array,
): void {
  const ofMask = shown.mask ? mask : null;
  const ofLabel = shown.label ? label : null;
  const { mode } = shown;
  colours.fill(0);
  if (mode === "none") return;
  const isDifference = mode === "difference" && ofMask !== null &&
    ofLabel !== null;
  for (let n = 0; n < colours.length; n++) {
    const m = ofMask === null ? 0 : ofMask[n]!;
    const l = ofLabel === null ? 0 : ofLabel[n]!;
    if (m === 0 && l === 0) continue;
    if (isDifference) {
      colours[n] = m === l ? 6 : l === 0 ? 4 : 5;
    } else if (mode === "fill") {
      colours[n] = m === 0 ? 2 : l === 0 ? 1 : 3;
    } else {
      const isOfMask = m !== 0 && isBorder(ofMask!, n, m, shape);
      const isOfLabel = l !== 0 && isBorder(ofLabel!, n, l, shape);
      if (isOfMask && isOfLabel) colours[n] = isDash(n, shape) ? 2 : 1;
      else if (isOfMask) colours[n] = 1;
      else if (isOfLabel) colours[n] = 2;
    }
  }
}

/** Where two outlines meet, they take turns: in every direction along any plane, as 7 divides none of the steps. */
function isDash(n: number, [ni, nj]: Segmentations["shape"]): boolean {
  const i = n % ni;
  const j = Math.floor(n / ni) % nj;
  const k = Math.floor(n / (ni * nj));
  return (i + 2 * j + 4 * k) % 7 < 3;
}

/** Whether a voxel has a neighbour of another value across a face. */
function isBorder(
  data: Uint8Array,
  n: number,
  value: number,
  [ni, nj, nk]: Segmentations["shape"],
): boolean {
  const slice = ni * nj;
  const i = n % ni;
  const j = Math.floor(n / ni) % nj;
  const k = Math.floor(n / slice);
  return i === 0 || data[n - 1] !== value ||
    i === ni - 1 || data[n + 1] !== value ||
    j === 0 || data[n - ni] !== value ||
    j === nj - 1 || data[n + ni] !== value ||
    k === 0 || data[n - slice] !== value ||
    k === nk - 1 || data[n + slice] !== value;
}
