/** @module The dashboard over a home with results, without a socket. */
import { expect } from "@std/expect";
import type { z } from "zod";
import type { DashboardDeps } from "../../dashboard/deps.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { bearer, ORIGIN, START, testDashboard } from "./dashboard.ts";
import { memoryStore } from "./memory_store.ts";
import { fillResultsHome } from "./results_home.ts";

type Dashboard = Awaited<ReturnType<typeof testDashboard>>;

export interface ResultsDashboard extends Dashboard {
  /** Brings the index up to date. */
  refresh(): Promise<void>;
  /** A page or file as a viewer gets it. */
  text(path: string): Promise<string>;
  /** An answer of the API. */
  json<T>(path: string, schema: z.ZodType<T>): Promise<T>;
  /** Sends a form as a page of the dashboard does. */
  post(path: string, form?: Record<string, string>): Promise<Response>;
}

/** @param fill @default the home of a team that has worked for some days */
export async function resultsDashboard(
  fill: (home: ObjectStore) => Promise<void> = fillResultsHome,
  changes: Partial<DashboardDeps> = {},
): Promise<ResultsDashboard> {
  const home = memoryStore(() => START);
  await fill(home);
  const dashboard = await testDashboard({ home, changes });
  const { deps, request, tokens } = dashboard;
  const headers = bearer(tokens.operator);
  const refresh = async () => {
    await deps.indexer.refresh(deps.signal);
  };
  await refresh();
  const text = async (path: string) => {
    const answer = await request(path, {
      headers: { ...headers, accept: "text/html" },
    });
    const body = await answer.text();
    expect(`${path} ${answer.status}`).toBe(`${path} 200`);
    return body;
  };
  return {
    ...dashboard,
    refresh,
    text,
    json: async (path, schema) => schema.parse(JSON.parse(await text(path))),
    post: async (path, form = {}) =>
      await request(path, {
        method: "POST",
        headers: {
          ...headers,
          origin: ORIGIN,
          "sec-fetch-site": "same-origin",
        },
        body: new URLSearchParams(form),
      }),
  };
}

/** The text of a page, without its tags. */
export function wordsOf(html: string): string {
  // Where a word may break it is one word still.
  return html.replaceAll("<wbr>", "").replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");
}
