/** @module A key for everything a reviewer does, so that no hand leaves the keyboard. */
import { element } from "./element.ts";
import { bindReviewForm } from "./review_form.ts";

const VERDICTS: Readonly<Record<string, string>> = {
  a: "accept",
  f: "fix",
  r: "reject",
};

export function bindKeys({ stepLesion, zoom }: {
  /** Goes so many lesions on. */
  readonly stepLesion: (by: 1 | -1) => void;
  /** Nearer, farther, or all of it. */
  readonly zoom: (step: 1 | -1 | 0) => void;
}): void {
  const help = element("help", HTMLDialogElement);
  const helpButton = element("help-button", HTMLButtonElement);
  helpButton.hidden = false;
  helpButton.addEventListener("click", () => help.showModal());
  const form = document.getElementById("review");
  const review = form instanceof HTMLFormElement ? bindReviewForm(form) : null;

  const keys: Readonly<Record<string, () => void>> = {
    j: () => follow("next"),
    k: () => follow("prev"),
    n: () => stepLesion(1),
    p: () => stepLesion(-1),
    o: () => choose("mode", (now) => now === "outline" ? "fill" : "outline"),
    d: () => choose("mode", () => "difference"),
    h: () => choose("mode", (now) => now === "none" ? "outline" : "none"),
    m: () => tick("show-mask"),
    l: () => tick("show-label"),
    i: () => tick("invert"),
    w: nextWindow,
    "+": () => zoom(1),
    // The same key without Shift, where plus needs it.
    "=": () => zoom(1),
    "-": () => zoom(-1),
    0: () => zoom(0),
    "?": () => help.showModal(),
    c: () => review?.comment.focus(),
    ...Object.fromEntries(
      Object.entries(VERDICTS).map(([key, verdict]) => [
        key,
        () => review?.pick("verdict", verdict),
      ]),
    ),
  };

  leaveAfterPointer(help);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const { target } = event;
    if (target instanceof HTMLTextAreaElement) {
      if (event.key === "Escape") target.blur();
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        review?.save();
      }
      return;
    }
    if (target instanceof HTMLSelectElement) return;
    if (target instanceof HTMLInputElement && target.type === "number") {
      if (event.key === "Escape") target.blur();
      return;
    }
    if (event.key === "Enter") {
      // The help's button keeps the focus when the help has closed, though nobody sees it.
      if (isActedOn(target) && !help.contains(target)) return;
      event.preventDefault();
      review?.save();
      return;
    }
    const isOnPage = !(target instanceof HTMLInputElement) &&
      !(target instanceof HTMLCanvasElement);
    if (isOnPage && event.key === "ArrowRight") return follow("next");
    if (isOnPage && event.key === "ArrowLeft") return follow("prev");
    const reason = /^[1-9]$/.test(event.key) ? Number(event.key) : null;
    const act = reason === null
      ? keys[event.key.toLowerCase()]
      : review && (() => review.pickReason(reason));
    if (!act) return;
    event.preventDefault();
    // The planes have keys of their own, under the same letters.
    event.stopPropagation();
    act();
  }, { capture: true });
}

/**
 * Whoever clicked on something goes on with the keys of the page: Enter saves then, instead of doing again what was
 * clicked, and letters are verdicts, not what a list starts with. Who came there by keys stays there.
 */
function leaveAfterPointer(help: HTMLDialogElement): void {
  let isPointer = false;
  addEventListener("pointerdown", () => isPointer = true, { capture: true });
  addEventListener("keydown", () => isPointer = false, { capture: true });
  const leave = () => {
    const { activeElement: focused } = document;
    if (!isPointer || help.open) return;
    if (isActedOn(focused) || focused instanceof HTMLSelectElement) {
      focused.blur();
    }
  };
  addEventListener("click", ({ target }) => {
    // A list stays open until something is chosen.
    if (!(target instanceof HTMLSelectElement)) leave();
  });
  addEventListener("change", leave);
}

/** Whether Enter has a meaning of its own there. */
function isActedOn(
  target: EventTarget | null,
): target is HTMLAnchorElement | HTMLButtonElement {
  return target instanceof HTMLAnchorElement ||
    target instanceof HTMLButtonElement;
}

function follow(rel: "next" | "prev"): void {
  document.querySelector<HTMLAnchorElement>(`a[rel="${rel}"]`)?.click();
}

function choose(id: string, next: (now: string) => string): void {
  const select = element(id, HTMLSelectElement);
  const value = next(select.value);
  const option = [...select.options].find((one) => one.value === value);
  if (isOff(select) || option === undefined || option.disabled) return;
  select.value = value;
  select.dispatchEvent(new Event("change"));
}

function nextWindow(): void {
  const select = element("window", HTMLSelectElement);
  if (isOff(select)) return;
  const count = [...select.options].filter(({ hidden }) => !hidden).length;
  // The one that is hidden is the last.
  select.selectedIndex = (select.selectedIndex + 1) % (count + 1) % count;
  select.dispatchEvent(new Event("change"));
}

function tick(id: string): void {
  const box = element(id, HTMLInputElement);
  if (!isOff(box)) box.click();
}

/** By itself, or with all of the toolbar. */
function isOff(control: Element): boolean {
  return control.matches(":disabled");
}
