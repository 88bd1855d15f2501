/** @module The table of lesions, whose rows lead to them. */
import type { LesionRow, LesionTable } from "../../cases/lesion_table.ts";
import { bindLesionBar } from "./lesion_bar.ts";
import { outcomeOf } from "./lesion_outcome.ts";

type Millimetres = readonly [number, number, number];

export interface LesionList {
  /** Goes so many lesions on. */
  step(by: 1 | -1): void;
}

/**
 * @param onPick told where the chosen lesion is
 * @param startAt told where the first look belongs, null where no lesion can be named; answers whether it went there
 */
export async function showLesions(
  place: HTMLElement,
  url: string,
  classes: readonly string[],
  onPick: (mm: Millimetres) => void,
  startAt: (mm: Millimetres | null) => boolean,
): Promise<LesionList> {
  const answer = await fetch(url).catch(() => null);
  const json = await answer?.json().catch(() => null);
  if (!answer?.ok) {
    const reason = json?.reason ?? json?.error?.message ??
      "The dashboard does not answer";
    place.replaceChildren(note(`${reason}.`));
    startAt(null);
    return { step() {} };
  }
  const { lesions, nLeftOut, problem }: LesionTable = json;
  if (lesions.length === 0) {
    place.replaceChildren(note("There are none."));
    startAt(null);
    return { step() {} };
  }
  let chosen = -1;
  const rows: HTMLTableRowElement[] = [];
  const mark = (index: number) => {
    rows[chosen]?.removeAttribute("aria-current");
    chosen = index;
    rows[chosen]?.setAttribute("aria-current", "true");
    bar.say(
      `Lesion ${index + 1} of ${lesions.length}, ${
        outcomeOf(lesions[index]!).text.toLowerCase()
      }`,
    );
  };
  const pick = (index: number) => {
    mark(index);
    onPick(lesions[index]!.atMm);
  };
  const step = (by: 1 | -1) => {
    const from = chosen === -1 && by === -1 ? 0 : chosen;
    pick((from + by + lesions.length) % lesions.length);
  };
  const bar = bindLesionBar({
    step,
    showRow: () => rows[Math.max(0, chosen)]?.querySelector("button")?.focus(),
  });
  const table = document.createElement("table");
  const hasLabel = lesions.some(({ kind }) => kind !== "predicted");
  const hasSuv = lesions.some(({ suvMax }) => suvMax !== null);
  const columns: [string, (row: LesionRow) => string][] = [
    ...(classes.length > 1
      ? [
        ["Class", (row) => row.className] as [
          string,
          (row: LesionRow) => string,
        ],
      ]
      : []),
    ...(hasLabel
      ? [[
        "Label (ml)",
        (row) => digits(row.labelMl),
      ] as [string, (row: LesionRow) => string]]
      : []),
    ["Mask (ml)", (row) => digits(row.maskMl)],
    ...(hasSuv
      ? [
        ["SUV\u00admax", (row) => digits(row.suvMax)],
        ["SUV\u00admean", (row) => digits(row.suvMean)],
      ] as [string, (row: LesionRow) => string][]
      : []),
    [
      "Centre R, A, S (mm)",
      // In a narrow table on two lines.
      ({ centroidMm }) => {
        const [right, anterior, superior] = centroidMm.map(Math.round);
        return `${right},\u00a0${anterior}, ${superior}`;
      },
    ],
  ];
  const head = table.createTHead().insertRow();
  for (
    const [index, name] of ["Lesion", ...columns.map(([name]) => name)]
      .entries()
  ) {
    const cell = document.createElement("th");
    cell.scope = "col";
    if (index > 0 && name !== "Class") cell.className = "number";
    cell.textContent = name;
    head.append(cell);
  }
  const body = table.createTBody();
  lesions.forEach((lesion, index) => {
    const row = body.insertRow();
    const outcome = outcomeOf(lesion);
    rows.push(row);
    const name = document.createElement("th");
    name.scope = "row";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.textContent = `${index + 1}`;
    button.setAttribute(
      "aria-label",
      `Show lesion ${index + 1}, ${outcome.text}`,
    );
    const badge = document.createElement("span");
    badge.className = `badge ${outcome.tone}`;
    badge.textContent = outcome.text;
    name.append(button, badge);
    row.append(name);
    for (const [column, text] of columns) {
      const cell = row.insertCell();
      if (column !== "Class") cell.className = "number";
      cell.textContent = text(lesion);
    }
    row.addEventListener("click", () => pick(index));
  });
  const frame = document.createElement("div");
  frame.className = "table bare";
  frame.append(table);
  place.replaceChildren(frame);
  if (nLeftOut > 0) {
    place.append(note(`${nLeftOut} smaller ones are left out.`));
  }
  if (problem !== null) place.append(note(`Without SUVs. ${problem}.`));
  const first = worst(lesions);
  if (startAt(lesions[first]!.atMm)) mark(first);
  return { step };
}

/** The largest error; where there is none, the largest lesion. */
function worst(lesions: readonly LesionRow[]): number {
  const errors = lesions.filter(({ kind }) =>
    kind === "missed" || kind === "false"
  );
  const among = errors.length > 0 ? errors : lesions;
  const sizeOf = ({ labelMl, maskMl }: LesionRow) => labelMl ?? maskMl ?? 0;
  return lesions.indexOf(
    among.reduce((best, one) => sizeOf(one) > sizeOf(best) ? one : best),
  );
}

function digits(value: number | null): string {
  return value === null ? "–" : value.toFixed(1);
}

function note(text: string): HTMLElement {
  const paragraph = document.createElement("p");
  paragraph.className = "muted";
  paragraph.textContent = text;
  return paragraph;
}
