/** @module What a plan says of time and money. */
import { expect } from "@std/expect";
import { PlanView } from "../../../dashboard/views/plan_report.tsx";
import type {
  PlanReport,
  RunReport,
} from "../../../shared/dispatch/operations.ts";
import { wordsOf } from "../../support/results_dashboard.ts";

const none = { count: 0, first: [] };
const run: RunReport = {
  fold: null,
  checkpoints: ["nano"],
  matched: 2,
  labelled: 1,
  ambiguous: none,
  unmatched: none,
  unreadable: none,
  bytes: 1000,
  windows: 16,
  memoryBytes: 1e9,
  seconds: null,
  cost: null,
};

function words(
  dispatch: PlanReport["asked"]["dispatch"],
  change: Partial<RunReport>,
): string {
  const dataset = { name: "scans", location: "s3://bucket/scans" };
  const report: PlanReport = {
    id: "00000000-0000-4000-8000-000000000000",
    asked: {
      dataset: dataset.location,
      checkpoints: [],
      folds: "all",
      options: {},
      dispatch,
    },
    dataset,
    runs: [{ ...run, ...change }],
    workers: "2 workers",
    engine: "onnx on cuda",
    options: {},
  };
  return wordsOf(String(PlanView({
    report,
    home: "s3://bucket/home",
    operations: { maySubmit: true },
    changeHref: "/submit",
  })));
}

Deno.test("a plan tells what it costs elsewhere, or why that is not known", () => {
  const seconds = 1800;
  const cost = { amount: 1.2, currency: "EUR" };
  expect(words("kubernetes", { seconds, cost })).toContain(
    "Time, about 30 min Cost, about 1.20 EUR",
  );
  expect(words("kubernetes", { seconds })).toContain(
    "Cost, about No price given",
  );
  expect(words("kubernetes", {})).toContain(
    "Time, about Not known: give the time per window, under Options Cost, about Not known, as the time is not",
  );
  expect(words("local", { seconds })).not.toContain("Cost");
});

Deno.test("a plan tells where results go, and offers no start where there is no case", () => {
  expect(words("local", {})).toContain("Results go to s3://bucket/home/runs");
  expect(words("local", { matched: 0 })).toContain("there is nothing to start");
  expect(words("local", { matched: 0 })).not.toContain("exactly as planned");
});

Deno.test("a plan that is very large says so, and starts only with a tick", () => {
  const day = 24 * 3600;
  const tick = "Start it all the same";
  expect(words("local", { seconds: day, windows: 200_000 })).not
    .toContain(tick);
  const long = words("local", { seconds: 12.3 * day });
  expect(long).toContain("This takes about 12 d 7 h.");
  expect(long).toContain(tick);
  const many = words("local", { windows: 2_822_300 });
  expect(many).toContain("A case has 1,411,150 windows on average");
  expect(many).toContain(tick);
});
