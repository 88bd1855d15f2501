/** @module Names that are too long for their place. */

/**
 * One line, or two: then the middle of what does not fit is left out, as names that are alike mostly differ at their
 * ends.
 *
 * @param most characters in a line
 */
export function linesOf(name: string, most: number): string[] {
  const characters = [...name];
  if (characters.length <= most) return [name];
  const start = characters.slice(0, most).join("");
  const rest = characters.slice(most);
  return rest.length <= most
    ? [start, rest.join("")]
    : [start, `…${rest.slice(1 - most).join("")}`];
}
