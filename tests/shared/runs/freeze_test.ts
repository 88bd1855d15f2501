import { expect } from "@std/expect";
import { freezeRun } from "../../../shared/runs/freeze.ts";
import { caseOf, runOf, withFileStore } from "../../support/runs.ts";

const ids = (cases: readonly { caseId: string }[]) =>
  cases.map(({ caseId }) => caseId);

Deno.test("freezeRun() makes run.json once and joins it afterwards", async () => {
  await withFileStore(async (store) => {
    const first = await freezeRun(store, runOf());
    expect(first.isNew).toBe(true);
    const second = await freezeRun(store, runOf({ runId: "later" }));
    expect(second.isNew).toBe(false);
    expect(second.run).toEqual(first.run);
    expect(ids(second.cases)).toEqual(["c1", "c2"]);
  });
});

Deno.test("freezeRun() adds new cases beside the plan, once", async () => {
  await withFileStore(async (store) => {
    await freezeRun(store, runOf());
    const later = runOf({
      runId: "later",
      cases: [caseOf("c2"), caseOf("c3")],
    });
    expect(ids((await freezeRun(store, later)).cases)).toEqual([
      "c1",
      "c2",
      "c3",
    ]);
    await freezeRun(store, later);
    const keys: string[] = [];
    for await (const { key } of store.list("")) keys.push(key);
    expect(keys).toEqual(["extensions/1.json", "run.json"]);
  });
});

Deno.test("freezeRun() loses no case of processes that add at the same time", async () => {
  await withFileStore(async (store) => {
    await freezeRun(store, runOf());
    await Promise.all(
      ["x", "y", "z"].map((caseId) =>
        freezeRun(store, runOf({ runId: caseId, cases: [caseOf(caseId)] }))
      ),
    );
    const { cases } = await freezeRun(store, runOf({ runId: "later" }));
    expect(ids(cases).sort()).toEqual(["c1", "c2", "x", "y", "z"]);
  });
});

const { options, engine } = runOf();
const changes: [string, Parameters<typeof runOf>[0], string][] = [
  [
    "an option",
    { options: { ...options, overlap: 0.25 } },
    "overlap was 0.5, now it is 0.25",
  ],
  [
    "the window",
    { options: { ...options, roi: [64, 64, 64] } },
    "roi was [32,32,32], now it is [64,64,64]",
  ],
  [
    "the engine",
    { engine: { ...engine, name: "tfjs" } },
    'engine was "onnx", now it is "tfjs"',
  ],
  [
    "threads",
    { engine: { ...engine, threads: 1 } },
    "threads was 2, now it is 1",
  ],
  ["a checkpoint's content", {
    checkpoints: [{ ...runOf().checkpoints[0]!, sha256: "b".repeat(64) }],
  }, "checkpoint was"],
  [
    "the file of a case",
    { cases: [caseOf("c1", "other.nii.gz")] },
    'images of case "c1" was file:///scans/c1.nii.gz, now it is file:///scans/other.nii.gz',
  ],
];
for (const [what, change, message] of changes) {
  Deno.test(`freezeRun() refuses to change ${what} and names it`, async () => {
    await withFileStore(async (store) => {
      await freezeRun(store, runOf());
      const changed = freezeRun(store, runOf({ runId: "later", ...change }));
      await expect(changed).rejects.toThrow(message);
    });
  });
}

Deno.test("freezeRun() takes a checkpoint that was only renamed or moved", async () => {
  await withFileStore(async (store) => {
    await freezeRun(store, runOf());
    const checkpoints = [{
      ...runOf().checkpoints[0]!,
      name: "b",
      location: "s3://x/b.safetensors",
    }];
    const { run } = await freezeRun(store, runOf({ runId: "b", checkpoints }));
    expect(run.checkpoints[0]!.name).toBe("a");
  });
});
