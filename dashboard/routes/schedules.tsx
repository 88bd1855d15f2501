/** @module What is done at certain times, when next and how it ended last. */
import { z } from "@hono/zod-openapi";
import { scheduleSchema } from "../../shared/runs/home/records.ts";
import type { DashboardDeps } from "../deps.ts";
import {
  type Access,
  apiRoute,
  type Route,
  route,
} from "../security/access.ts";
import { readSchedules } from "../submit/schedules.ts";
import { page } from "../views/layout.tsx";
import { ScheduleList } from "../views/schedule_list.tsx";

const schedulesSchema = z.strictObject({
  items: z.array(scheduleSchema),
  problems: z.array(z.string()),
});

export function scheduleRoutes(deps: DashboardDeps): Route[] {
  const access: Access = { role: "operator", rate: "light", audit: "view" };
  return [
    route("GET", "/schedules", access, async (c) =>
      page(
        c,
        deps,
        { title: "Schedules", section: "/schedules" },
        <ScheduleList
          schedules={await readSchedules(deps)}
          home={deps.home.location}
          now={deps.now()}
        />,
      )),
    apiRoute(access, {
      method: "get",
      path: "/api/v1/schedules",
      summary: "What is done at certain times",
      responses: {
        200: {
          description: "All schedules; what comes next comes first",
          content: { "application/json": { schema: schedulesSchema } },
        },
      },
    }, async (c) => {
      const { items, problems } = await readSchedules(deps);
      return c.json({ items: [...items], problems: [...problems] }, 200);
    }),
  ];
}
