/** @module The form of a review: what goes with what, and a draft of it that outlives the page. */
import { draftKeyOf, keepDraft, markSent, readDraft } from "./drafts.ts";
import { element } from "./element.ts";

export interface ReviewForm {
  readonly comment: HTMLTextAreaElement;
  pick(name: "verdict" | "reason", value: string): void;
  /** By its number in the list, from 1. */
  pickReason(number: number): void;
  save(): void;
}

export function bindReviewForm(form: HTMLFormElement): ReviewForm {
  const comment = form.querySelector("textarea")!;
  const reasons = form.querySelector<HTMLFieldSetElement>(".reasons")!;
  const needed = element("reason-needed", HTMLElement);

  function chosen(name: "verdict" | "reason"): string | null {
    const value = form.querySelector<HTMLInputElement>(
      `input[name="${name}"]:checked`,
    )?.value;
    return value ?? null;
  }

  function pick(name: "verdict" | "reason", value: string): void {
    const radio = form.querySelector<HTMLInputElement>(
      `input[name="${name}"][value="${CSS.escape(value)}"]`,
    );
    if (radio === null) return;
    if (radio.disabled) {
      needed.textContent = "Without a mask there is only Reject";
      return;
    }
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  }

  form.addEventListener("change", () => {
    reasons.disabled = chosen("verdict") === "accept";
    needed.textContent = "";
  });
  form.addEventListener("submit", (event) => {
    const verdict = chosen("verdict");
    if (verdict === "accept" || chosen("reason") !== null) return;
    event.preventDefault();
    needed.textContent = "Choose one";
  });
  bindDraft(form, { comment, chosen, pick });

  return {
    comment,
    pick,
    pickReason(number) {
      const radio = form.querySelectorAll<HTMLInputElement>(
        'input[name="reason"]',
      )[number - 1];
      if (radio === undefined) return;
      if (chosen("verdict") === "accept") {
        needed.textContent = "Reasons belong to Fix and Reject";
        return;
      }
      if (chosen("verdict") === null) pick("verdict", "fix");
      if (chosen("verdict") !== null) pick("reason", radio.value);
    },
    save() {
      if (chosen("verdict") === null) {
        needed.textContent = "Choose a verdict first: A, F or R";
        return;
      }
      form.requestSubmit();
    },
  };
}

function bindDraft(
  form: HTMLFormElement,
  { comment, chosen, pick }: Pick<ReviewForm, "comment" | "pick"> & {
    readonly chosen: (name: "verdict" | "reason") => string | null;
  },
): void {
  const key = draftKeyOf(form);
  const draft = readDraft(key);
  if (draft !== null) {
    comment.value = draft.comment;
    if (draft.verdict !== null) pick("verdict", draft.verdict);
    if (draft.reason !== null) pick("reason", draft.reason);
    element("draft", HTMLElement).textContent = "Draft restored.";
  }
  const keep = () => {
    element("draft", HTMLElement).textContent = "";
    keepDraft(key, {
      verdict: chosen("verdict"),
      reason: chosen("reason"),
      comment: comment.value,
    });
  };
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  form.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) markSent(key);
  });
}
