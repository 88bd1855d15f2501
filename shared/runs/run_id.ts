/** @module Ids of runs. */

/** A new id: sorts by time, unique also within a second. `20261124T093015Z-4f2a9c`. */
export function newRunId(now: Date): string {
  const time = now.toISOString().replace(/\.\d+/, "").replace(/[-:]/g, "");
  return `${time}-${crypto.getRandomValues(new Uint8Array(3)).toHex()}`;
}
