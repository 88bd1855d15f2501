/**
 * A run's page while the run goes on: puts the parts that the server sends in the place of the old ones. Where a
 * connection breaks the browser connects again by itself; where the server refuses, this does, or says why not.
 * @module
 */

const RETRY_MS = 3000;

const progress = document.querySelector<HTMLElement>("#progress");
const events = progress?.dataset.events;

if (progress && events !== undefined) follow(progress, events);

function follow(progress: HTMLElement, events: string): void {
  const address = new URL(events, location.href);
  let source = connect();
  addEventListener("pagehide", () => source.close());

  function connect(): EventSource {
    const source = new EventSource(address);
    const keep = ({ lastEventId }: MessageEvent) => {
      // A connection of our own making sends no Last-Event-ID.
      if (lastEventId !== "") address.searchParams.set("seen", lastEventId);
    };
    source.addEventListener("open", () => say(""));
    source.addEventListener("progress", (event) => {
      keep(event);
      replace(progress, event.data);
    });
    source.addEventListener("cases", (event) => {
      keep(event);
      const rows = document.querySelector<HTMLElement>("#cases");
      if (rows !== null) replace(rows, event.data);
    });
    source.addEventListener("actions", (event) => {
      keep(event);
      const actions = document.querySelector<HTMLElement>("#actions");
      // Whoever is about to cancel is not disturbed.
      const isUsed = actions?.querySelector("details[open]") !== null;
      if (actions !== null && !isUsed) replace(actions, event.data);
    });
    source.addEventListener("end", () => {
      source.close();
      document.querySelector("[data-until-end]")?.remove();
    });
    // Other columns, a summary, other buttons: the page comes anew as a whole.
    source.addEventListener("outdated", () => {
      source.close();
      location.reload();
    });
    source.addEventListener("error", () => {
      say("Connecting again…");
      if (source.readyState === EventSource.CLOSED) void again();
    });
    return source;
  }

  /** The server has refused, or ended: while it starts it is asked again, and who is logged out is told. */
  async function again(): Promise<void> {
    const status = await statusOf("/api/v1/state");
    if (status === 401 || status === 403) {
      say("Logged out: load the page again to follow the run");
    } else if (status === 200) {
      source = connect();
    } else {
      setTimeout(again, RETRY_MS);
    }
  }
}

/** Null: the server does not answer. */
async function statusOf(path: string): Promise<number | null> {
  try {
    return (await fetch(path)).status;
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** Whether what is shown is live; empty: it is. */
function say(text: string): void {
  const place = document.querySelector("#live");
  if (place !== null) place.textContent = text;
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
