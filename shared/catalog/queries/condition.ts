/** @module Conditions of a query, put together as they are needed: texts of ours, values bound. */
import type { Value } from "../open_catalog.ts";

/** A piece of SQL with the values of its question marks, in their order. */
export interface Sql {
  readonly text: string;
  readonly values: readonly Value[];
}

export function sql(text: string, ...values: Value[]): Sql {
  return { text, values };
}

/** Conditions that all have to hold; those that are not asked for are left out. */
export function allOf(conditions: readonly (Sql | null)[]): Sql {
  const asked = conditions.filter((condition) => condition !== null);
  if (asked.length === 0) return sql("1");
  return {
    text: asked.map(({ text }) => `(${text})`).join(" AND "),
    values: asked.flatMap(({ values }) => values),
  };
}

/** A condition on a value that may not be asked for. */
export function when<T>(
  value: T | undefined,
  condition: (value: T) => Sql,
): Sql | null {
  return value === undefined ? null : condition(value);
}

/** That one of these columns holds a text, in any case of letters. */
export function holds(text: string, columns: readonly string[]): Sql {
  const pattern = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  return {
    text: columns.map((column) => `${column} LIKE ? ESCAPE '\\'`).join(" OR "),
    values: columns.map(() => pattern),
  };
}
