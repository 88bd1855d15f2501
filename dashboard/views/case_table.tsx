/** @module Cases as a table, with small pictures. */
import type { Figure } from "../../shared/catalog/figures.ts";
import type { CaseRow } from "../../shared/catalog/queries/case_row.ts";
import { caseUrl } from "../cases/case_context.ts";
import { CaseSeenMark, Thumbnail } from "./case_parts.tsx";
import { type Query, SortHead, type Sorting } from "./list.tsx";
import { Name } from "./name.tsx";
import { readable } from "./names.ts";
import { figureHead, figureText } from "./numbers.ts";
import { CaseBadge, VerdictBadge } from "./state_badge.tsx";

/** What is told of cases that have a label, and of those that have none. */
export const LABELLED_FIGURES = [
  "dice",
  "hd95Mm",
  "volumeMl",
  "referenceVolumeMl",
  "lesionRecall",
  "falsePositiveMl",
] as const satisfies readonly Figure[];
export const UNLABELLED_FIGURES = [
  "volumeMl",
  "predictedLesions",
  "suvMax",
  "tlgSuvMl",
] as const satisfies readonly Figure[];

/** @param sorting null: it is a queue, whose order cannot be chosen, of cases that nobody has reviewed */
export function CaseTable(
  { cases, figures, path, query, linkQuery, sorting, showsRun = false }: {
    cases: readonly CaseRow[];
    figures: readonly Figure[];
    path: string;
    query: Query;
    /** What the address of a case holds, so that it knows the list it is in. */
    linkQuery: Query;
    sorting: Sorting | null;
    showsRun?: boolean;
  },
) {
  // Of a queue a case knows its place: it is no longer in it once it is reviewed.
  const urlOf = (one: CaseRow, index: number) =>
    caseUrl(one, sorting === null ? { ...linkQuery, at: index } : linkQuery);
  const head = (by: string, text: string, isNumber: boolean) =>
    sorting === null
      ? <th scope="col" class={isNumber ? "number" : undefined}>{text}</th>
      : (
        <SortHead
          path={path}
          query={query}
          sorting={sorting}
          by={by}
          first={by === "caseId" || by === "dice" ? "ascending" : "descending"}
          number={isNumber}
        >
          {text}
        </SortHead>
      );
  return (
    <div class="table cases" tabindex={0} role="region" aria-label="Cases">
      <table>
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">Projection</span>
            </th>
            {head("caseId", "Case", false)}
            {figures.map((figure) => head(figure, figureHead(figure), true))}
            {sorting !== null && head("verdict", "Review", false)}
          </tr>
        </thead>
        <tbody>
          {cases.map((one, index) => (
            <tr>
              <td class="picture">
                <a
                  href={urlOf(one, index)}
                  tabindex={-1}
                  aria-hidden="true"
                >
                  <Thumbnail
                    runId={one.runId}
                    caseId={one.caseId}
                    hasPicture={one.state === "done"}
                  />
                </a>
              </td>
              <th scope="row" class="name">
                <a href={urlOf(one, index)}>
                  <Name>{readable(one.caseId)}</Name>
                </a>
                <Origin one={one} showsRun={showsRun} />
                <CaseSeenMark row={one} />
                <CaseBadge row={one} />
              </th>
              {figures.map((figure) => (
                <td class="number">
                  {figureText(figure, one.figures?.[figure])}
                </td>
              ))}
              {sorting !== null && (
                <td>
                  <VerdictBadge row={one} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Origin({ one, showsRun }: { one: CaseRow; showsRun: boolean }) {
  const { patientId, caseId, fold, runId, failure } = one;
  const parts = [
    ...(patientId === null || patientId === caseId
      ? []
      : [`Patient ${readable(patientId)}`]),
    ...(fold === null ? [] : [`Fold ${fold}`]),
    ...(showsRun ? [`Run ${runId}`] : []),
    ...(failure === null ? [] : [readable(failure.message)]),
  ];
  return parts.length === 0
    ? null
    : <span class="origin muted">{parts.join(" · ")}</span>;
}
