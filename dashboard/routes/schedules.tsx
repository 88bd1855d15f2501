/** @module What is done at certain times, when next and how it ended last. */
import { z } from "@hono/zod-openapi";
import { pageOf } from "../../shared/catalog/queries/page.ts";
import { scheduleSchema } from "../../shared/runs/home/records.ts";
import type { DashboardDeps } from "../deps.ts";
import {
  type Access,
  apiRoute,
  type Route,
  route,
} from "../security/access.ts";
import {
  listedSchedules,
  readSchedules,
  scheduleListingSchema,
  scheduleState,
  scheduleStateSchema,
} from "../submit/schedules.ts";
import { page } from "../views/layout.tsx";
import { ScheduleList } from "../views/schedule_list.tsx";
import { answer, bodyOf, pageOfAll, pageQuery } from "./api/schemas.ts";
import { queryOf } from "./query.ts";

const schedulesSchema = pageOf(
  scheduleSchema.extend({ state: scheduleStateSchema }),
).extend({
  /** Records that cannot be understood. */
  problems: z.array(z.string()),
});

export function scheduleRoutes(deps: DashboardDeps): Route[] {
  const access: Access = { role: "operator", rate: "light", audit: "view" };
  return [
    route("GET", "/schedules", access, async (c) => {
      const listing = queryOf(c, scheduleListingSchema.strip());
      const { items, problems } = await readSchedules(deps);
      const now = deps.now();
      return page(
        c,
        deps,
        { title: "Schedules", section: "/schedules" },
        <ScheduleList
          total={items.length}
          schedules={{ items: listedSchedules(items, listing, now), problems }}
          listing={listing}
          home={deps.home.location}
          now={now}
        />,
      );
    }),
    apiRoute(access, {
      method: "get",
      path: "/api/v1/schedules",
      summary: "What is done at certain times",
      request: {
        query: z.object({ ...scheduleListingSchema.shape, ...pageQuery }),
      },
      responses: answer(
        "A page of them; unless asked otherwise what comes next comes first",
        schedulesSchema,
      ),
    }, async (c) => {
      const { offset, limit, ...listing } = c.req.valid("query");
      const { items, problems } = await readSchedules(deps);
      const now = deps.now();
      const told = listedSchedules(items, listing, now).map((item) => ({
        ...item,
        state: scheduleState(item, now),
      }));
      return c.json({
        ...bodyOf(pageOfAll(told, { offset, limit })),
        problems: [...problems],
      }, 200);
    }),
  ];
}
