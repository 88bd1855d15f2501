/** @module The figures of a case, class by class, with their units. */
import type { Figure } from "../../shared/catalog/figures.ts";
import type { CaseDetail } from "../../shared/catalog/queries/case_detail.ts";
import { CaseSeenMark } from "./case_parts.tsx";
import { LesionNote } from "./group_table.tsx";
import { FIGURE_TEXTS, figureText, NONE } from "./numbers.ts";

const COMPARED = [
  "dice",
  "hd95Mm",
  "assdMm",
  "nsd2mm",
  "rvd",
  "sensitivity",
  "precision",
  "volumeMl",
  "referenceVolumeMl",
  "lesionRecall",
  "lesionPrecision",
  "falsePositiveMl",
  "falseNegativeMl",
] as const satisfies readonly Figure[];
const OF_MASK = [
  "volumeMl",
  "predictedLesions",
] as const satisfies readonly Figure[];
const PET = [
  "suvMax",
  "suvMean",
  "suvPeak",
  "tlgSuvMl",
] as const satisfies readonly Figure[];

export function CaseFigures({ detail }: { detail: CaseDetail }) {
  const { classes, isLabelled, unit } = detail;
  if (classes.length === 0) return null;
  const figures: readonly Figure[] = [
    ...(isLabelled ? COMPARED : OF_MASK),
    ...(unit === "SUV" ? PET : []),
  ];
  return (
    <section class="card">
      <h2>Metrics</h2>
      <CaseSeenMark row={detail} />
      <div class="table bare">
        <table class="figures">
          <thead class={classes.length === 1 ? "visually-hidden" : undefined}>
            <tr>
              <th scope="col">Metric</th>
              {classes.map(({ name }) => (
                <th scope="col" class="number">{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {figures.map((figure) => (
              <tr>
                <th scope="row">{FIGURE_TEXTS[figure].name}</th>
                {classes.map(({ figures }) => (
                  <td class="number">
                    <Value figure={figure} value={figures[figure]} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {isLabelled && <LesionNote />}
    </section>
  );
}

function Value(
  { figure, value }: { figure: Figure; value: number | null | undefined },
) {
  const text = figureText(figure, value);
  const { unit } = FIGURE_TEXTS[figure];
  return text === NONE || unit === null ? <>{text}</> : (
    <>
      {text} <span class="muted">{unit}</span>
    </>
  );
}
