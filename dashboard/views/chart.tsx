/** @module The place of a chart, as large as the chart will be. What it shows stands in a table beside it. */
import type { Child } from "hono/jsx";

export function Chart({ kind, label, isSmall = false, data, tools, children }: {
  /** What `browser/overview.ts` draws. */
  kind: "boxes" | "trend" | "histogram";
  /** What it shows, for whoever cannot see it. */
  label: string;
  isSmall?: boolean;
  /** What the script needs to know. */
  data: Readonly<Record<string, string | undefined>>;
  tools?: Child;
  children?: Child;
}) {
  const attributes = Object.fromEntries(
    Object.entries(data).map(([name, value]) => [`data-${name}`, value]),
  );
  return (
    <div
      class={isSmall ? "chart small" : "chart"}
      data-kind={kind}
      {...attributes}
    >
      {tools !== undefined && <div class="chart-tools waiting">{tools}</div>}
      <div class="chart-scroll">
        <div class="chart-frame">
          {kind === "boxes"
            ? (
              <canvas
                tabindex={0}
                role="application"
                aria-label={`${label}. Left and right walk through the cases, Enter opens one`}
              >
              </canvas>
            )
            : <canvas role="img" aria-label={label}></canvas>}
        </div>
      </div>
      {children}
      {kind === "boxes" && <p class="chart-note" role="status"></p>}
    </div>
  );
}
