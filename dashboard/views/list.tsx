/**
 * Parts of lists: heads that sort, filters, and pages. All are links and forms of addresses alone, so that lists
 * can be linked to and work without scripts.
 * @module
 */
import type { Child } from "hono/jsx";
import { Name } from "./name.tsx";
import { count, whole } from "./numbers.ts";

/** Rows of a list on a page. */
export const PAGE_SIZE = 50;

/** What a list's address says. */
export type Query = Readonly<Record<string, string | number | undefined>>;

/** An address with these values; those that are undefined or empty are left out. */
export function address(path: string, query: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") params.set(name, String(value));
  }
  return params.size === 0 ? path : `${path}?${params}`;
}

export interface Sorting {
  readonly sort: string;
  readonly direction: "ascending" | "descending";
}

/** A column's head, which sorts by it; again, the other way round. */
export function SortHead(
  { path, query, sorting, by, first = "descending", number = true, children }: {
    path: string;
    query: Query;
    sorting: Sorting;
    by: string;
    /** The order that the first click gives. */
    first?: Sorting["direction"];
    number?: boolean;
    children?: Child;
  },
) {
  const isSorted = sorting.sort === by;
  const isAscending = sorting.direction === "ascending";
  const other = isAscending ? "descending" : "ascending";
  const direction = isSorted ? other : first;
  return (
    <th
      scope="col"
      class={number ? "number" : undefined}
      aria-sort={isSorted ? sorting.direction : undefined}
    >
      <a
        class="sort"
        href={address(path, { ...query, sort: by, direction, page: undefined })}
      >
        {children}
        <span class="sort-mark" aria-hidden="true">
          {isSorted ? isAscending ? "▲" : "▼" : ""}
        </span>
      </a>
    </th>
  );
}

/** What of a list is shown, and the way to the rest. */
export function Pager({ path, query, page, total, one, many }: {
  path: string;
  query: Query;
  /** From 1. */
  page: number;
  total: number;
  /** What is listed: "run", "case". */
  one: string;
  many?: string;
}) {
  const pages = Math.max(1, Math.ceil(total / PAGE_SIZE));
  const from = (page - 1) * PAGE_SIZE + 1;
  const to = Math.min(total, page * PAGE_SIZE);
  if (page > pages) {
    return (
      <p class="empty">
        There is no such page.{" "}
        <a href={address(path, { ...query, page: undefined })}>
          Show the first page
        </a>
      </p>
    );
  }
  const link = (to: number, name: string, rel: string) =>
    to < 1 || to > pages
      ? <span class="muted">{name}</span>
      : <a rel={rel} href={address(path, { ...query, page: to })}>{name}</a>;
  return (
    <nav class="pager row spread" aria-label={`Pages of ${many ?? `${one}s`}`}>
      <span class="muted">
        {total <= PAGE_SIZE
          ? count(total, one, many)
          : `${whole(from)} to ${whole(to)} of ${count(total, one, many)}`}
      </span>
      {pages > 1 && (
        <span class="row">
          {link(page - 1, "Previous", "prev")}
          <span class="muted">Page {whole(page)} of {whole(pages)}</span>
          {link(page + 1, "Next", "next")}
        </span>
      )}
    </nav>
  );
}

/** A form that narrows a list down. Without a script it waits for its button. */
export function Filters({ path, keep = {}, children }: {
  path: string;
  /** What stays as it is: the order. */
  keep?: Query;
  children?: Child;
}) {
  return (
    <form method="get" action={path} class="filters" role="search">
      {Object.entries(keep).map(([name, value]) =>
        value === undefined || value === ""
          ? null
          : <input key={name} type="hidden" name={name} value={String(value)} />
      )}
      {children}
      <button type="submit">Show</button>
      <a href={path}>Show all</a>
    </form>
  );
}

/** A list to choose from in a filter. */
export function Choice({ name, label, value, options }: {
  name: string;
  label: string;
  value: string | undefined;
  options: readonly ChoiceOption[];
}) {
  const groups = Map.groupBy(options, ({ group }) => group);
  return (
    <label>
      {label}
      <select name={name}>
        {[...groups].map(([group, own]) => (
          <Options group={group} options={own} value={value} />
        ))}
      </select>
    </label>
  );
}

interface ChoiceOption {
  readonly value: string;
  readonly name: string;
  /** What it stands under, in a list of many. */
  readonly group?: string;
}

function Options({ group, options, value = "" }: {
  group: string | undefined;
  options: readonly ChoiceOption[];
  value: string | undefined;
}) {
  const own = options.map((option) => (
    <option value={option.value} selected={option.value === value}>
      {option.name}
    </option>
  ));
  return group === undefined
    ? <>{own}</>
    : <optgroup label={group}>{own}</optgroup>;
}

/** A text to search for. */
export function Search({ value, label, placeholder }: {
  value: string | undefined;
  label: string;
  placeholder: string;
}) {
  return (
    <label class="search">
      {label}
      <input
        type="search"
        name="search"
        value={value ?? ""}
        maxlength={200}
        placeholder={placeholder}
      />
    </label>
  );
}

/** What stands in files and addresses as it is written here. */
export function code(text: string) {
  return (
    <code>
      <Name>{text}</Name>
    </code>
  );
}

/** A name beside each value. */
export function Facts(
  { facts, isWide = false }: {
    facts: readonly (readonly [string, Child])[];
    /** For long values, such as locations. */
    isWide?: boolean;
  },
) {
  return (
    <dl class={isWide ? "facts wide" : "facts"}>
      {facts.map(([name, value]) => (
        <div>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
