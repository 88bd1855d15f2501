/** @module Below the planes: which lesion shows, and the way to the one before, the next, and its row. */
import { element } from "./element.ts";

export interface LesionBar {
  say(text: string): void;
}

export function bindLesionBar({ step, showRow }: {
  readonly step: (by: 1 | -1) => void;
  readonly showRow: () => void;
}): LesionBar {
  const name = element("lesion-name", HTMLButtonElement);
  const previous = element("lesion-previous", HTMLButtonElement);
  const next = element("lesion-next", HTMLButtonElement);
  previous.addEventListener("click", () => step(-1));
  next.addEventListener("click", () => step(1));
  name.addEventListener("click", showRow);
  for (const button of [name, previous, next]) button.disabled = false;
  return { say: (text) => name.textContent = text };
}
