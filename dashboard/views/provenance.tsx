/** @module Where the masks of a run come from: checkpoints, options, engine, versions, data. */
import type { Child } from "hono/jsx";
import type { RunDetail } from "../../shared/catalog/queries/run.ts";
import { code, Facts } from "./list.tsx";
import { readable } from "./names.ts";
import { digits, NONE, timeText } from "./numbers.ts";
import { OPTION_TEXTS } from "./run_settings.ts";

export function Provenance({ run }: { run: RunDetail }) {
  const { plan } = run;
  const facts: (readonly [string, Child])[] = [
    ["Run", code(run.runId)],
    ["Created (UTC)", timeText(plan.createdAt)],
    ["Uptake", `version ${plan.codeVersion}`],
    ["Classes", plan.classes.slice(1).map(readable).join(", ")],
    ...(plan.kind === "segment" ? ofSegment(plan) : [
      ["Masks", code(readable(plan.masks))],
      ["Labels", code(readable(plan.labels))],
    ] as const),
  ];
  return <Facts facts={facts} isWide />;
}

function ofSegment(
  plan: Extract<RunDetail["plan"], { kind: "segment" }>,
): (readonly [string, Child])[] {
  const { dataset, options, engine, coordination, price } = plan;
  return [
    ["Dataset", dataset === undefined ? NONE : readable(dataset.name)],
    [
      "Its location",
      code(dataset === undefined ? NONE : readable(dataset.location)),
    ],
    ["Its digest", code(dataset?.digest ?? "unknown")],
    ["Fold", dataset?.fold ?? "all cases"],
    ...plan.checkpoints.flatMap((
      { name, location, sha256 },
    ): (readonly [string, Child])[] => [
      ["Checkpoint", readable(name)],
      ["Its location", code(readable(location))],
      ["Its SHA-256", code(sha256)],
    ]),
    [
      "Engine",
      `${engine.name} ${engine.version} on ${engine.device}, ${
        engine.threads ?? "each worker's own number of"
      } threads`,
    ],
    ...Object.values(OPTION_TEXTS).map((
      { name, value },
    ) => [name, value(options)] as const),
    [
      "Workers share cases",
      coordination === undefined
        ? "one process does all"
        : coordination.kind === "claims"
        ? `by claims of ${coordination.termSeconds} s`
        : `in ${coordination.count} fixed parts`,
    ],
    [
      "Price of a worker",
      price === undefined
        ? "unknown"
        : `${digits(price.perHour, 2)} ${price.currency}/h`,
    ],
  ];
}
