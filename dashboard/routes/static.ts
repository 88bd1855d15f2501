/** @module Style sheets and scripts, from a table of names: no path is made of what a request says. */
import type { DashboardDeps } from "../deps.ts";
import { type Route, route } from "../security/access.ts";
import { Refused } from "../security/refused.ts";

export function staticRoutes({ assets }: DashboardDeps): Route[] {
  return [
    route(
      "GET",
      "/static/:build/:file",
      { role: "anyone", rate: "light", audit: null, isImmutable: true },
      (c) => {
        const { build, file } = c.req.param();
        const asset = assets.find(file ?? "");
        if (build !== assets.build || asset === undefined) {
          throw new Refused("unknown");
        }
        return c.body(asset.body, 200, {
          "Content-Type": asset.contentType,
          "Cache-Control": "public, max-age=31536000, immutable",
        });
      },
    ),
  ];
}
