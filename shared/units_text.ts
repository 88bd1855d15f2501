/** @module Amounts as people read them. */

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Bytes with three digits and a decimal unit: 2.35 GB. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(3))} ${BYTE_UNITS[unit]}`;
}

const DURATION_UNITS = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
] as const;

/** Seconds in the two largest units that matter: 3 h 20 min. */
export function durationText(seconds: number): string {
  const rounded = Math.round(seconds);
  const first = DURATION_UNITS.findIndex(([, size]) => rounded >= size);
  if (first === -1) return "less than 1 s";
  let rest = rounded;
  return DURATION_UNITS.slice(first, first + 2).flatMap(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? [] : [`${count} ${unit}`];
  }).join(" ");
}
