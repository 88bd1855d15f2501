/** @module Words of tables and sentences about a night: counts, signs, and names that fit. */

/** `1 case`, `2 cases`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** A difference, with three digits. */
export function signed(value: number | null): string {
  if (value === null) return "-";
  return value < 0 ? value.toFixed(3) : `+${value.toFixed(3)}`;
}

/** Lines of at most so many characters; words that are longer, such as names, are cut, and nothing is left out. */
export function wrap(text: string, width: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= width) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    line = word;
    while (line.length > width) {
      lines.push(line.slice(0, width));
      line = line.slice(width);
    }
  }
  return [...lines, line].join("\n");
}
