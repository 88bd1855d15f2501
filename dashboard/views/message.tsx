/** @module Pages and parts of pages that say something instead of showing something. */
import type { Child } from "hono/jsx";

/** Stands where a list would stand that has nothing in it, and says what to do. */
export function Empty(
  { title, children }: { title: string; children?: Child },
) {
  return (
    <section class="empty">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** What went wrong; the id finds it in the log. */
export function Problem(
  { message, requestId }: { message: string; requestId: string },
) {
  return (
    <section class="empty">
      <p>{message}.</p>
      <p class="muted">
        Request <code>{requestId}</code>
      </p>
      <p>
        <a href="/">Go to the overview</a>
      </p>
    </section>
  );
}
