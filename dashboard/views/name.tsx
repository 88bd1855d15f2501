/**
 * A name in a list. Short ones stay on one line, and the list scrolls where it must; longer ones break, after a
 * sign that parts them where they have one.
 * @module
 */
import { Fragment } from "hono/jsx";

/** Names of cases and checkpoints are seldom longer. */
const MOST_ON_A_LINE = 28;

/** Where files' names may break. Spaces and hyphens need no telling. */
const AFTER_SIGN = /(?<=[_./])(?![_./])/u;

export function Name({ children: text }: { children: string }) {
  const isShort = [...text].length <= MOST_ON_A_LINE;
  return (
    <span class={isShort ? "short-name" : "long-name"}>
      {text.split(AFTER_SIGN).map((part, n) => (
        <Fragment key={String(n)}>{n > 0 && <wbr />}{part}</Fragment>
      ))}
    </span>
  );
}
