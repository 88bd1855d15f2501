/** @module What the API answers, as far as charts need it. */
import type { Dots } from "../../../shared/catalog/queries/dots.ts";
import type { Distribution } from "../../../shared/catalog/queries/distribution.ts";
import type { OverviewRow } from "../../../shared/catalog/queries/overview.ts";
import type { TrendPoint } from "../../../shared/catalog/queries/trend.ts";

export type { Distribution, Dots, OverviewRow, TrendPoint };

/** @throws {Error} with a sentence for people. */
export async function ask<T>(
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<T> {
  const answer = await fetch(`/api/v1/${path}?${new URLSearchParams(query)}`);
  if (!answer.ok) {
    throw new Error(
      answer.status === 401
        ? "The chart cannot be loaded: log in again"
        : "The chart cannot be loaded. The table below has its numbers",
    );
  }
  return await answer.json();
}
