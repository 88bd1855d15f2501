/** @module How many cases have a dot, and which where not all have, in words. */
import { count, whole } from "../../views/numbers.ts";
import type { Dots } from "./answers.ts";

export function dotsNote(
  { dots, total, isSampled, nAtEachEnd }: Dots,
): string {
  return isSampled
    ? `${whole(dots.length)} of ${
      whole(total)
    } cases are drawn as dots: the ${nAtEachEnd} lowest, the ${nAtEachEnd} highest, and of the others a random sample with the same cases of each checkpoint. Boxes count all.`
    : `${count(total, "case")} with a value.`;
}
