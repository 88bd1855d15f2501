/** @module The queue of cases to review: a key for each order, and from case to case. */

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { target, key } = event;
  // Letters and digits choose from a list, or are typed.
  if (target instanceof HTMLSelectElement) return;
  if (target instanceof HTMLInputElement) return;
  const act = /^[1-9]$/.test(key)
    ? () => orders()[Number(key) - 1]?.click()
    : key === "j"
    ? () => step(1)
    : key === "k"
    ? () => step(-1)
    : null;
  if (act === null) return;
  event.preventDefault();
  act();
});

function orders(): HTMLAnchorElement[] {
  return [...document.querySelectorAll<HTMLAnchorElement>(".queue-head nav a")];
}

/** From the button above the list, too: what stands first is one step from there. */
function step(by: 1 | -1): void {
  const links = [
    ...document.querySelectorAll<HTMLAnchorElement>("#start, .cases th.name a"),
  ];
  const at = links.findIndex((link) => link === document.activeElement);
  const next = links[Math.min(links.length - 1, Math.max(0, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}
