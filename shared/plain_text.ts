/**
 * Texts that people typed, without what nobody sees: characters that turn the direction of what follows, that have no
 * width, or that steer terminals. With them a name looks like another one's, and a comment says on the page what it
 * does not say in the file.
 * @module
 */
import { z } from "zod";

/** Control characters but for tab and line feed; all that only formats, as Unicode's category Cf tells; lone surrogates. */
const UNSEEN = /[\p{Cf}\p{Cs}]|(?![\t\n])\p{Cc}/gu;

/** Ends of lines, as other systems and Unicode write them. */
const LINE_ENDS = /\r\n?|[\u2028\u2029\u0085]/g;

/** A text of any number of lines, without characters that cannot be seen and without space around it. */
export const commentSchema = z.string().overwrite((text) =>
  text.replace(LINE_ENDS, "\n").replace(UNSEEN, "").trim()
);

/** A text of one line, such as a name. */
export const nameSchema = z.string().overwrite(oneLine);

/** A text as one line without characters that cannot be seen; log lines of what others said are made so. */
export function oneLine(text: string): string {
  return text.replace(LINE_ENDS, " ").replace(UNSEEN, "")
    .replace(/\s+/g, " ").trim();
}
