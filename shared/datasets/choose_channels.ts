/**
 * Which of a dataset's channels a checkpoint takes.
 * @module
 */
import type { Channel } from "./layouts.ts";

/** Words that people use for one kind of image. */
const KINDS: readonly (readonly [string, RegExp])[] = [
  ["PET", /(?:^|[^a-z])(?:pet|pt|suv)(?:[^a-z]|$)/],
  ["CT", /(?:^|[^a-z])ct(?:res)?(?:[^a-z]|$)/],
];

/** PET is called PT by DICOM and SUV by its unit; of what is neither PET nor CT, the name is the kind. */
function kindOf(name: string): string {
  const lower = name.toLowerCase();
  return KINDS.find(([, words]) => words.test(lower))?.[0] ?? lower;
}

/**
 * For each channel wanted, the number of the dataset's channel that it is: the only one of the same kind (PET,
 * PT and SUV are one, CT and CTres another). Where names do not tell, but there are as many as are wanted, they are
 * taken as they come.
 *
 * @throws {RangeError} when neither tells; names both sides.
 */
export function chooseChannels(
  location: string,
  channels: readonly Channel[],
  wanted: readonly string[],
): readonly number[] {
  const kinds = channels.map(({ name }) => name === null ? null : kindOf(name));
  const chosen = wanted.map((name) => {
    const kind = kindOf(name);
    const first = kinds.indexOf(kind);
    return first === kinds.lastIndexOf(kind) ? first : -1;
  });
  if (!chosen.includes(-1) && new Set(chosen).size === chosen.length) {
    return chosen;
  }
  if (channels.length === wanted.length) return wanted.map((_, n) => n);
  throw new RangeError(
    `Cannot tell which channels of ${location} to take: ${wanted.length} ${
      wanted.length === 1 ? "is" : "are"
    } needed (${wanted.join(", ")}), it has ${channels.length} (${
      channels.map(({ name }) => name ?? "without a name").join(", ")
    })`,
  );
}
