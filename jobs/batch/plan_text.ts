/**
 * A plan for people: what will be segmented, what is in the way and why, and what it will take.
 * @module
 */
import { printableLine } from "../cli/printable.ts";
import { plainTable } from "../cli/summary_text.ts";
import { bytesText, durationText } from "../../shared/units_text.ts";
import type { DatasetPlan, PlannedCase } from "./plan_dataset.ts";

/** So many of each kind of problem, and of the largest cases, are shown; the rest are counted. */
const SHOWN = 5;

export interface PlanEstimates {
  /** What one window of one checkpoint takes; null: not known. */
  readonly secondsPerWindow: number | null;
  readonly workers: number;
}

/** The plan as text. */
export function planText(plan: DatasetPlan, estimates: PlanEstimates): string {
  const { dataset, ambiguous, unmatched, unreadable } = plan;
  return [
    `${dataset.name}: ${dataset.location}, layout ${dataset.layout}`,
    `Channels: ${channelsText(plan)}`,
    countsTable(plan, estimates),
    problemsText(
      "Ambiguous, left out:",
      ambiguous.map(({ caseId, keys, reason }) =>
        `${caseId ?? "no case"}: ${reason}: ${keys.join(", ")}`
      ),
    ),
    problemsText(
      "Unmatched files:",
      unmatched.map(({ key, reason }) => `${key}: ${reason}`),
    ),
    problemsText(
      "Unreadable, a run records them as failed:",
      unreadable.map(({ caseId, key, kind, problem }) =>
        `${caseId}: ${key}: ${problem} (${kind})`
      ),
    ),
    largestTable(plan.matched),
  ].filter((part) => part !== "").join("\n");
}

function channelsText({ channels }: DatasetPlan): string {
  return channels.map(({ checkpoint, dataset }) =>
    dataset === null || dataset === checkpoint
      ? checkpoint
      : `${checkpoint} (here ${dataset})`
  ).join(", ");
}

function countsTable(
  plan: DatasetPlan,
  { secondsPerWindow, workers }: PlanEstimates,
): string {
  const table = plainTable(["Plan", ""]);
  const row = (name: string, value: number | string) =>
    table.push([name, String(value)]);
  row("Cases to segment", plan.matched.length);
  row("of them with a label", plan.withLabel);
  row("Ambiguous", plan.ambiguous.length);
  row("Unmatched files", plan.unmatched.length);
  row("Unreadable cases", plan.unreadable.length);
  row("Images", bytesText(plan.bytes));
  row("Windows, at most", plan.windows);
  if (secondsPerWindow !== null) {
    const seconds = plan.windows * secondsPerWindow / workers;
    row(
      `Time, ${workers} ${workers === 1 ? "worker" : "workers"}`,
      `about ${durationText(seconds)}`,
    );
  }
  row("Memory per worker", `about ${bytesText(plan.memoryBytes)}`);
  return table.toString();
}

/** In lines rather than a table: keys are long, and people copy them. */
function problemsText(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return "";
  const rest = lines.length - SHOWN;
  return [
    title,
    ...lines.slice(0, SHOWN).map((line) => `  ${printableLine(line)}`),
    ...(rest > 0 ? [`  ... and ${rest} more`] : []),
  ].join("\n");
}

function largestTable(cases: readonly PlannedCase[]): string {
  if (cases.length === 0) return "";
  const windowsOf = ({ item }: PlannedCase) => item.windows ?? 0;
  const largest = cases.toSorted((a, b) => windowsOf(b) - windowsOf(a))
    .slice(0, SHOWN);
  const table = plainTable([
    "Largest cases",
    "Voxels",
    "Spacing mm",
    "Network sees, at most",
    "Windows",
    "Images",
  ]);
  for (const { item, shape, spacingMm, preparedShape } of largest) {
    table.push([
      printableLine(item.caseId),
      shape.join(" x "),
      spacingMm.map((mm) => mm.toFixed(2)).join(" x "),
      preparedShape.join(" x "),
      item.windows,
      bytesText(item.bytes ?? 0),
    ]);
  }
  return table.toString();
}
