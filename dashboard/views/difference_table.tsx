/** @module The cases of a comparison: those that flipped, and all of them, to be searched and put in order. */
import { z } from "zod";
import type { RunRow } from "../../shared/catalog/queries/runs.ts";
import type {
  CaseDifference,
  ClassComparison,
} from "../../shared/metrics/compare.ts";
import { comparedQuery } from "./compared_seen.tsx";
import type { ComparedSides } from "./comparison_sides.tsx";
import {
  address,
  Filters,
  PAGE_SIZE,
  Pager,
  type Query,
  Search,
  SortHead,
} from "./list.tsx";
import { Name } from "./name.tsx";
import { readable } from "./names.ts";
import { count, digits, signed } from "./numbers.ts";
import { casePath } from "./run_cases.tsx";
import { CASE_SEEN_TEXTS } from "./seen_text.ts";

export const differenceListingSchema = z.object({
  /** Part of the case's id, in any case of letters. */
  search: z.string().max(200).optional(),
  sort: z.enum(["difference", "caseId", "diceBefore", "diceAfter"])
    .default("difference"),
  direction: z.enum(["ascending", "descending"]).default("ascending"),
});
export type DifferenceListing = z.infer<typeof differenceListingSchema>;

/** So many are seen at once. */
const FEW = 10;

const OUTCOMES = {
  compared: "found",
  missed: "missed",
  bothEmpty: "clean",
  falseAlarm: "false alarm",
} as const;

export function Flips(
  { flips, ...sides }: ComparedSides & Pick<ClassComparison, "flips">,
) {
  if (flips.length === 0) {
    return <p class="muted">No case flipped between found and missed.</p>;
  }
  return (
    <>
      <h3>{count(flips.length, "case")} flipped</h3>
      <div class="table" tabindex={0} role="region" aria-label="Flipped cases">
        <table>
          <thead>
            <FlipHead />
          </thead>
          <tbody>
            {flips.map((flip) => (
              <Difference
                difference={flip}
                extra={`${OUTCOMES[flip.from]} → ${OUTCOMES[flip.to]}`}
                {...sides}
              />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

export function Cases({ cases, page, listing, ...sides }: ComparedSides & {
  /** All, the most harmed first. */
  cases: readonly CaseDifference[];
  page: number;
  listing: DifferenceListing;
}) {
  const { search, sort, direction } = listing;
  const listed = listedDifferences(cases, listing);
  const start = (page - 1) * PAGE_SIZE;
  const both = comparedQuery(sides);
  const query = { ...both, ...listing };
  return (
    <>
      <h3>
        {sort === "difference" && direction === "ascending"
          ? "All cases, the most harmed first"
          : "All cases"}
      </h3>
      {(cases.length > FEW || search !== undefined) && (
        <Filters
          path={address("/compare", both)}
          keep={{ ...both, sort, direction }}
        >
          <Search value={search} label="Search" placeholder="Case" />
        </Filters>
      )}
      {listed.length === 0
        ? (
          <p class="muted">
            No case matches. <a href={address("/compare", both)}>Show all</a>
          </p>
        )
        : (
          <>
            <div
              class="table"
              tabindex={0}
              role="region"
              aria-label="All cases"
            >
              <table>
                <thead>
                  <SortedHead query={query} sorting={listing} />
                </thead>
                <tbody>
                  {listed.slice(start, start + PAGE_SIZE).map((difference) => (
                    <Difference difference={difference} {...sides} />
                  ))}
                </tbody>
              </table>
            </div>
            <Pager
              path="/compare"
              query={query}
              page={page}
              total={listed.length}
              one="case"
            />
          </>
        )}
    </>
  );
}

export function listedDifferences(
  cases: readonly CaseDifference[],
  { search = "", sort, direction }: DifferenceListing,
): CaseDifference[] {
  const text = search.toLowerCase();
  const way = direction === "ascending" ? 1 : -1;
  return cases.filter(({ caseId }) => caseId.toLowerCase().includes(text))
    .sort((one, other) => {
      const [a, b] = sort === "difference"
        ? [-one.harm, -other.harm]
        : [one[sort], other[sort]];
      return a === b ? 0 : a < b ? -way : way;
    });
}

function SortedHead({ query, sorting }: {
  query: Query;
  sorting: DifferenceListing;
}) {
  const head = { path: "/compare", query, sorting };
  return (
    <tr>
      <SortHead {...head} by="caseId" first="ascending" number={false}>
        Case
      </SortHead>
      <SortHead {...head} by="diceBefore" first="ascending">
        Dice before
      </SortHead>
      <SortHead {...head} by="diceAfter" first="ascending">
        Dice after
      </SortHead>
      <SortHead {...head} by="difference" first="ascending">
        Difference
      </SortHead>
      <th scope="col">Open</th>
    </tr>
  );
}

function FlipHead() {
  return (
    <tr>
      <th scope="col">Case</th>
      <th scope="col">Outcome</th>
      <th scope="col" class="number">Dice before</th>
      <th scope="col" class="number">Dice after</th>
      <th scope="col" class="number">Difference</th>
      <th scope="col">Open</th>
    </tr>
  );
}

function Difference(
  { difference, extra, before, after, trainedOn }: ComparedSides & {
    difference: CaseDifference;
    extra?: string;
  },
) {
  const { caseId, diceBefore, diceAfter, harm } = difference;
  const shown = Number(digits(harm, 3));
  const colour = shown > 0 ? " bad" : shown < 0 ? " good" : "";
  const link = ({ runId }: RunRow, name: string) => (
    <a
      href={casePath({ runId, caseId })}
      aria-label={`${readable(caseId)} ${name}`}
    >
      {name}
    </a>
  );
  return (
    <tr>
      <th scope="row" class="name">
        <Name>{readable(caseId)}</Name>
        {trainedOn.has(caseId) && (
          <span class="below warn">{CASE_SEEN_TEXTS.yes}</span>
        )}
      </th>
      {extra !== undefined && <td>{extra}</td>}
      <td class="number">{digits(diceBefore, 3)}</td>
      <td class="number">{digits(diceAfter, 3)}</td>
      <td class={`number${colour}`}>{signed(-harm, 3)}</td>
      <td>
        <span class="row tight">
          {link(before, "before")}
          {link(after, "after")}
        </span>
      </td>
    </tr>
  );
}
