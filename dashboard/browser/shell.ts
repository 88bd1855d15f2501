/**
 * What every page does in the browser: switch colours, and tell how old the index is.
 * @module
 */
import { ageText } from "../views/age_text.ts";
import { dropAll, dropSaved } from "./viewer/drafts.ts";

const YEAR_SECONDS = 31_536_000;
const POLL_MS = 15_000;
/** A page that is left open keeps nobody busy. */
const ABSENT_MS = 15 * 60_000;

function switchTheme(): void {
  const select = document.querySelector<HTMLSelectElement>("#theme");
  if (select === null) return;
  select.closest("label")?.removeAttribute("hidden");
  select.addEventListener("change", () => {
    document.documentElement.dataset.theme = select.value;
    document.cookie =
      `uptake_theme=${select.value}; path=/; max-age=${YEAR_SECONDS}; samesite=strict`;
    // Charts are drawn in colours: they listen, to draw anew.
    document.dispatchEvent(new Event("uptake:theme"));
  });
}

function showAge(): void {
  const element = document.querySelector<HTMLElement>("#index-age");
  if (element === null) return;
  let usedMs = Date.now();
  for (const type of ["pointermove", "keydown", "scroll"]) {
    addEventListener(type, () => usedMs = Date.now(), { passive: true });
  }
  const { indexedAt: written, failed } = element.dataset;
  let indexedAt = written === undefined ? null : new Date(written);
  let isStuck = failed !== undefined;

  const show = () => {
    element.textContent = ageText(indexedAt, isStuck, new Date());
    element.classList.toggle("bad", isStuck);
  };
  const poll = async () => {
    if (document.hidden || Date.now() - usedMs > ABSENT_MS) return;
    const answer = await fetch("/api/v1/state").catch(() => null);
    if (!answer?.ok) return;
    const state = await answer.json();
    indexedAt = state.indexedAt === null ? null : new Date(state.indexedAt);
    isStuck = state.isStuck;
    show();
  };
  setInterval(show, 1000);
  setInterval(poll, POLL_MS);
  // What a page says while the first indexing runs is old at once.
  if (indexedAt === null) setTimeout(poll, 1500);
}

/** Drafts of reviews go when they are saved, and with whoever typed them. */
function tidyDrafts(): void {
  const saved = document.querySelector<HTMLElement>("#saved")?.dataset.case;
  if (saved !== undefined) dropSaved(saved);
  for (const form of document.querySelectorAll('form[action="/logout"]')) {
    form.addEventListener("submit", dropAll);
  }
}

switchTheme();
showAge();
tidyDrafts();
