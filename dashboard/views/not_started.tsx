/** @module What is said where runs are there, but their workers could not be started. */
import type { Context } from "hono";
import type { DashboardDeps } from "../deps.ts";
import type { Env } from "../env.ts";
import { page } from "./layout.tsx";

/** The runs stay as they are: whoever opens one may start workers there. */
export function notStarted(
  c: Context<Env>,
  deps: DashboardDeps,
  runIds: readonly string[],
  problem: string,
) {
  return page(
    c,
    deps,
    { title: "The workers did not start", section: "/runs", status: 502 },
    <section class="empty">
      <p>
        {runIds.length === 1 ? "The run is there" : "The runs are there"}, but
        nobody works on{" "}
        {runIds.length === 1 ? "it" : "them"}. Once the reason is mended,
        workers can be started from the page of{" "}
        {runIds.length === 1 ? "the run" : "each run"}:
      </p>
      <pre tabindex={0}>{problem}</pre>
      <ul>
        {runIds.map((runId) => (
          <li>
            <a href={`/runs/${runId}`}>{runId}</a>
          </li>
        ))}
      </ul>
    </section>,
  );
}
