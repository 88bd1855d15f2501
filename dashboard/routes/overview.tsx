/** @module The first page. */
import type { DashboardDeps } from "../deps.ts";
import { type Route, route } from "../security/access.ts";
import { page } from "../views/layout.tsx";
import { Empty } from "../views/message.tsx";

export function overviewRoutes(deps: DashboardDeps): Route[] {
  return [
    route(
      "GET",
      "/",
      { role: "viewer", rate: "light", audit: "view" },
      (c) =>
        page(
          c,
          deps,
          { title: "Overview", section: "/" },
          <Empty title="No results yet">
            <p>
              Segment some scans into this home, and they appear here:
            </p>
            <pre><code>{`uptake submit --dataset <store with scans> --checkpoint <file> --home ${deps.home.location}`}</code></pre>
          </Empty>,
        ),
    ),
  ];
}
