/**
 * A run's page while the run goes on: puts the parts that the server sends in the place of the old ones. The
 * browser itself connects again where the connection breaks.
 * @module
 */

const progress = document.querySelector<HTMLElement>("#progress");
const events = progress?.dataset.events;

if (progress && events !== undefined) {
  const source = new EventSource(events);
  source.addEventListener("progress", ({ data }) => replace(progress, data));
  source.addEventListener("cases", ({ data }) => {
    const rows = document.querySelector<HTMLElement>("#cases");
    if (rows !== null) replace(rows, data);
  });
  source.addEventListener("end", () => source.close());
  // Other columns, a summary, other buttons: the page comes anew as a whole.
  source.addEventListener("outdated", () => {
    source.close();
    location.reload();
  });
  addEventListener("pagehide", () => source.close());
}

/** Whoever has come to a link by keyboard stays at it. */
function replace(part: HTMLElement, html: string): void {
  const focused = part.contains(document.activeElement)
    ? document.activeElement?.getAttribute("href") ?? null
    : null;
  part.innerHTML = html;
  if (focused === null) return;
  const again = [...part.querySelectorAll<HTMLElement>("a[href]")]
    .find((link) => link.getAttribute("href") === focused);
  again?.focus({ preventScroll: true });
}
