/** @module The dashboard over a run whose cases wait for their reviews, without a socket. */
import { reviewSchema } from "../../shared/runs/reviews.ts";
import { fillCaseHome, RUN_ID } from "./case_home.ts";
import { bearer, ORIGIN, testDashboard } from "./dashboard.ts";
import { memoryStore } from "./memory_store.ts";

/** Whose masks the home has. */
export const ATTEMPT = "a1";
/** The first case. */
export const PATH = `/runs/${RUN_ID}/cases/scan%2001`;

/** @param done how many of the cases have a mask */
export async function dashboardWithCases(home = memoryStore(), done = 2) {
  await fillCaseHome(home, { cases: Math.max(3, done), done });
  const dashboard = await testDashboard({
    home,
    changes: { open: () => home },
  });
  const { deps, tokens, request } = dashboard;
  await deps.indexer.refresh(deps.signal);
  const post = (
    fields: Record<string, string>,
    { path = PATH, token = tokens.reviewer } = {},
  ) =>
    request(`${path}/reviews`, {
      method: "POST",
      headers: {
        ...bearer(token),
        origin: ORIGIN,
        "sec-fetch-site": "same-origin",
      },
      body: new URLSearchParams({ attempt: ATTEMPT, ...fields }),
    });
  const get = async (path: string, token = tokens.reviewer) => {
    const answer = await request(path, {
      headers: { ...bearer(token), accept: "text/html" },
    });
    return await answer.text();
  };
  const stored = async () => {
    const objects = await Array.fromAsync(home.list(`runs/${RUN_ID}/reviews/`));
    return await Promise.all(objects.map(async ({ key }) => {
      const { body } = (await home.get(key))!;
      return {
        key,
        review: reviewSchema.parse(JSON.parse(new TextDecoder().decode(body))),
      };
    }));
  };
  return { ...dashboard, post, get, stored };
}
