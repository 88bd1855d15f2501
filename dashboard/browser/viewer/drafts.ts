/**
 * Reviews that are typed and not yet saved: kept in the tab until they are, or until someone logs out. Nothing else
 * is kept of a case than what was typed.
 * @module
 */

export interface Draft {
  readonly verdict: string | null;
  readonly reason: string | null;
  readonly comment: string;
}

const PREFIX = "uptake_draft ";
/** Holds the key of the draft that was sent, until a page says that its case is saved. */
const SENT = "uptake_draft_sent";

/** By run, case, attempt and person: what was typed of a mask is not of the next one, nor of who logs in next. */
export function draftKeyOf(form: HTMLFormElement): string {
  const attempt = new FormData(form).get("attempt");
  const person = document.querySelector("#person")?.textContent;
  return `${PREFIX}${form.getAttribute("action")} ${attempt} ${person}`;
}

export function readDraft(key: string): Draft | null {
  const text = sessionStorage.getItem(key);
  return text === null ? null : JSON.parse(text);
}

/** An empty one is none. */
export function keepDraft(key: string, draft: Draft): void {
  const isEmpty = draft.verdict === null && draft.reason === null &&
    draft.comment === "";
  if (isEmpty) sessionStorage.removeItem(key);
  else sessionStorage.setItem(key, JSON.stringify(draft));
}

export function markSent(key: string): void {
  sessionStorage.setItem(SENT, key);
}

/** @param caseUrl the address of the case whose review the page says is saved */
export function dropSaved(caseUrl: string): void {
  const key = sessionStorage.getItem(SENT);
  if (key?.startsWith(`${PREFIX}${caseUrl}/reviews `)) {
    sessionStorage.removeItem(key);
    sessionStorage.removeItem(SENT);
  }
}

export function dropAll(): void {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(PREFIX) || key === SENT) sessionStorage.removeItem(key);
  }
}
