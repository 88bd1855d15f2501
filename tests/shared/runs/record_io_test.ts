import fc from "fast-check";
import { expect } from "@std/expect";
import { z } from "zod";
import {
  cancelSchema,
  claimSchema,
  workerRecordSchema,
} from "../../../shared/runs/records.ts";
import {
  readCancel,
  requestCancel,
  withdrawCancel,
} from "../../../shared/runs/cancel.ts";
import { isRepeating } from "../../../shared/runs/canary.ts";
import {
  createRecord,
  encodeRecord,
  readRecord,
  readRecords,
  writeRecord,
} from "../../../shared/runs/record_io.ts";
import { FAILURE_KINDS } from "../../../shared/case_error.ts";
import { memoryStore } from "../../support/memory_store.ts";
import { mutation } from "../../support/mutation.ts";
import { workerRecordOf } from "../../support/runs.ts";

const schema = z.strictObject({ n: z.number() });

Deno.test("readRecord() gives what was written, and null where nothing is", async () => {
  const store = memoryStore();
  expect(await readRecord(store, "x.json", schema)).toBeNull();
  expect(await createRecord(store, "x.json", { n: 1 })).toBe(true);
  expect(await createRecord(store, "x.json", { n: 2 })).toBe(false);
  expect(await readRecord(store, "x.json", schema)).toEqual({ n: 1 });
  await writeRecord(store, "x.json", { n: 3 });
  expect(await readRecord(store, "x.json", schema)).toEqual({ n: 3 });
});

Deno.test("readRecords() keeps the keys' order and passes over what is not there", async () => {
  const store = memoryStore();
  for (let n = 0; n < 50; n += 2) await writeRecord(store, `${n}.json`, { n });
  const keys = Array.from({ length: 50 }, (_, n) => `${49 - n}.json`);
  const records = await readRecords(store, keys, schema);
  expect(records.map(({ n }) => n))
    .toEqual(Array.from({ length: 25 }, (_, n) => 48 - 2 * n));
});

const RECORDS = [
  ["claim", claimSchema, {
    format: 1,
    runId: "r",
    caseId: "ä b",
    generation: 1,
    round: 0,
    workerId: "w",
    renewedAt: "2026-01-02T03:04:05.000Z",
    termSeconds: 60,
    state: "working",
  }],
  ["cancel", cancelSchema, {
    format: 1,
    runId: "r",
    requestedAt: "2026-01-02T03:04:05.000Z",
    reason: "why",
  }],
  [
    "worker",
    workerRecordSchema,
    workerRecordOf("w", {
      current: { caseId: "a", windows: 1, totalWindows: 2 },
      failures: { voxels: 1 },
    }),
  ],
] as const;
for (const [name, schema, record] of RECORDS) {
  Deno.test(`readRecord() of a damaged ${name} gives a record or says where it is not one, whatever the damage`, async () => {
    const store = memoryStore();
    await writeRecord(store, "x.json", record);
    expect(await readRecord<unknown>(store, "x.json", schema)).toEqual(record);
    await fc.assert(
      fc.asyncProperty(mutation(encodeRecord(record)), async (damaged) => {
        await store.put("x.json", damaged);
        try {
          const read = await readRecord<unknown>(store, "x.json", schema);
          expect(Object.keys(read as object).sort())
            .toEqual(Object.keys(record).sort());
        } catch (error) {
          if (!(error instanceof SyntaxError)) throw error;
          expect(error.message).toContain("Cannot read memory://store/x.json");
        }
      }),
      { numRuns: 300 },
    );
  });
}

Deno.test("requestCancel() lets the first request stand until it is withdrawn", async () => {
  const store = memoryStore();
  expect(await readCancel(store)).toBeNull();
  await requestCancel(store, "r", "first");
  await requestCancel(store, "r", "second");
  expect(await readCancel(store)).toMatchObject({
    runId: "r",
    reason: "first",
  });
  await withdrawCancel(store);
  await withdrawCancel(store);
  expect(await readCancel(store)).toBeNull();
});

Deno.test("isRepeating() holds of what does not depend on the case", () => {
  expect(FAILURE_KINDS.filter(isRepeating))
    .toEqual(["model", "engine", "outOfMemory", "configuration"]);
});
