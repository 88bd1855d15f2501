/**
 * Datasets, checkpoints, folds and cases as people call them. Names hold whatever their makers put there, and may be
 * shared: what is shown can always be read and told apart.
 * @module
 */
import type { OverviewRow } from "../../shared/catalog/queries/overview.ts";

/** Control characters, and what turns the direction of writing: of the rest of the line, too. */
const UNPRINTABLE =
  /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu;
/** Shows nothing, though it is something. */
const BLANK = /^[\s\p{Cf}\u115f\u1160\u2800\u3164\uffa0]*$/u;
/** Enough hexadecimal digits to tell a few things apart. */
const SHORT_HASH = 7;

/** A text on one line, with a sign where a character cannot be shown. */
export function readable(text: string): string {
  return BLANK.test(text)
    ? "Unnamed"
    : text.replaceAll(UNPRINTABLE, "\ufffd").replace(/\s+/g, " ").trim();
}

/** Longer names fill a list with one row: their ends tell most. */
const MOST_CHARACTERS = 80;
const END_CHARACTERS = 24;

function shortened(text: string): string {
  const characters = [...text];
  if (characters.length <= MOST_CHARACTERS) return text;
  const start = characters.slice(0, MOST_CHARACTERS - END_CHARACTERS - 1);
  return `${start.join("")}…${characters.slice(-END_CHARACTERS).join("")}`;
}

/** With what makes it unique where the name alone does not: where it is. */
export function datasetName(
  { name, location, isNameShared }: Pick<
    OverviewRow["dataset"],
    "name" | "location" | "isNameShared"
  >,
): string {
  return toldApart(
    name,
    shortened(readable(name)),
    isNameShared,
    `at ${shortened(readable(location))}`,
  );
}

export function checkpointName(
  { name, kind, key, isNameShared }: Pick<
    OverviewRow["checkpoint"],
    "name" | "kind" | "key" | "isNameShared"
  >,
): string {
  const short = shortened(readable(name));
  const shown = kind === "masks" ? `Masks of ${short}` : short;
  return toldApart(name, shown, isNameShared, key.slice(0, SHORT_HASH));
}

/** A name that is not shown as it is may look like another one. */
function toldApart(
  name: string,
  shown: string,
  isShared: boolean,
  mark: string,
): string {
  return isShared || shortened(readable(name)) !== name
    ? `${shown} · ${mark}`
    : shown;
}

export function foldName(fold: number | null): string {
  return fold === null ? "No fold" : `Fold ${fold}`;
}

/** The end of a run's id, which tells runs of the same minute apart; all of an id that somebody chose. */
export function shortRunId(runId: string): string {
  return /^\d{8}T\d{6}Z-(.+)$/.exec(runId)?.[1] ?? runId;
}
