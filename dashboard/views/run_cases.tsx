/** @module The cases of a run as a table. While the run goes on, its rows come anew, as they stand here. */
import type { Figure } from "../../shared/catalog/figures.ts";
import type { CaseRow } from "../../shared/catalog/queries/case_row.ts";
import { CaseSeenMark } from "./case_parts.tsx";
import { type Query, SortHead, type Sorting } from "./list.tsx";
import { Name } from "./name.tsx";
import { readable } from "./names.ts";
import { digits, figureHead, figureText } from "./numbers.ts";
import { CaseBadge, VerdictBadge } from "./state_badge.tsx";

const LABELLED: readonly Figure[] = [
  "dice",
  "hd95Mm",
  "assdMm",
  "rvd",
  "volumeMl",
  "referenceVolumeMl",
  "lesionRecall",
  "lesionPrecision",
];

const UNLABELLED: readonly Figure[] = [
  "volumeMl",
  "mtvMl",
  "predictedLesions",
  "suvMax",
  "tlgSuvMl",
];

export function CaseTable(
  { rows, isLabelled, windows, path, query, sorting }: {
    rows: readonly CaseRow[];
    isLabelled: boolean;
    windows: ReadonlyMap<string, string>;
    path: string;
    query: Query;
    sorting: Sorting;
  },
) {
  const head = { path, query, sorting };
  return (
    <div class="table" tabindex={0} role="region" aria-label="Cases">
      <table class="cases">
        <thead>
          <tr>
            <SortHead {...head} by="caseId" first="ascending" number={false}>
              Case
            </SortHead>
            <SortHead {...head} by="state" first="ascending" number={false}>
              State
            </SortHead>
            <th scope="col" class="number">Fold</th>
            {figuresOf(isLabelled).map((figure) => (
              <SortHead {...head} by={figure}>{figureHead(figure)}</SortHead>
            ))}
            <SortHead {...head} by="seconds">Time (s)</SortHead>
            <SortHead {...head} by="verdict" first="ascending" number={false}>
              Review
            </SortHead>
          </tr>
        </thead>
        <tbody id="cases">
          <CaseRows rows={rows} isLabelled={isLabelled} windows={windows} />
        </tbody>
      </table>
    </div>
  );
}

export function CaseRows({ rows, isLabelled, windows }: {
  rows: readonly CaseRow[];
  isLabelled: boolean;
  /** How far workers are, by case. */
  windows: ReadonlyMap<string, string>;
}) {
  return (
    <>
      {rows.map((row) => (
        <tr>
          <th scope="row" class="name">
            <a href={casePath(row)}>
              <Name>{readable(row.caseId)}</Name>
            </a>
            <CaseSeenMark row={row} />
          </th>
          <td>
            <CaseBadge
              row={row}
              window={windows.get(row.caseId) ?? null}
              hasColumn
            />
            <Reason row={row} />
          </td>
          <td class="number">{row.fold ?? "–"}</td>
          {figuresOf(isLabelled).map((figure) => (
            <td class="number">{figureText(figure, row.figures?.[figure])}</td>
          ))}
          <td class="number">{digits(row.seconds, 1)}</td>
          <td>
            <VerdictBadge row={row} />
          </td>
        </tr>
      ))}
    </>
  );
}

/** Why it has no figures. */
function Reason({ row: { failure, damage } }: { row: CaseRow }) {
  const reason = failure?.message ?? damage;
  return reason === null ? null : <p class="reason">{reason}</p>;
}

/** The page of a case. */
export function casePath(
  { runId, caseId }: Pick<CaseRow, "runId" | "caseId">,
): string {
  return `/runs/${runId}/cases/${encodeURIComponent(caseId)}`;
}

function figuresOf(isLabelled: boolean): readonly Figure[] {
  return isLabelled ? LABELLED : UNLABELLED;
}
