/**
 * Text as a terminal may get it. File names hold whatever their makers put there: sequences that
 * move the cursor or hide text, and line breaks that pass for lines of ours.
 * @module
 */

/** Control characters, other line breaks, and what turns the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** One line: what does not print is shown as an escape, as in `a\x1b[2K`. */
export function printableLine(text: string): string {
  return text.replaceAll(UNPRINTABLE, escape);
}

/** Lines of ours: line breaks stay. */
export function printableText(text: string): string {
  return text.split("\n").map(printableLine).join("\n");
}

/**
 * A message with what explains it below. Such lines are indented: no other break of lines stays, so that
 * none begins where the next message would.
 */
export function printableMessage(text: string): string {
  return text.split(/\n(?= {2})/).map(printableLine).join("\n");
}

const SHORT: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function escape(character: string): string {
  const hex = character.charCodeAt(0).toString(16);
  return SHORT[character] ??
    (hex.length <= 2 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex}`);
}
