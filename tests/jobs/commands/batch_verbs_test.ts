/** @module `uptake status`, `cancel`, `summary` and `gc`, as users run them. */
import fc from "fast-check";
import { expect } from "@std/expect";
import { readCancel } from "../../../shared/runs/cancel.ts";
import {
  commitFailure,
  commitResult,
  publishMask,
  writeAttempt,
} from "../../../shared/runs/commit.ts";
import { freezeRun } from "../../../shared/runs/freeze.ts";
import { readRunState } from "../../../shared/runs/run_state.ts";
import { claimKey, maskKey, workerKey } from "../../../shared/runs/keys.ts";
import { encodeRecord, writeRecord } from "../../../shared/runs/record_io.ts";
import type { Claim, Result } from "../../../shared/runs/records.ts";
import { FileStore } from "../../../shared/storage/file_store.ts";
import { uptake } from "../../support/command_line.ts";
import { readJson } from "../../support/datasets.ts";
import { mutation } from "../../support/mutation.ts";
import {
  caseOf,
  resultOf,
  runOf,
  withFileStore,
  workerRecordOf,
} from "../../support/runs.ts";

const RUN_ID = runOf().runId;

/** A run in `run`: `a b` is done, `bad` failed, `open` is open, and one worker is on it. */
async function withRun(
  use: (folder: string, store: FileStore) => Promise<void>,
): Promise<void> {
  await withFileStore(async (_, folder) => {
    const store = new FileStore(`${folder}/run`);
    const cases = ["a b", "bad", "open"].map((id) => caseOf(id));
    await freezeRun(store, runOf({ cases }));
    await publishMask(store, await commit(store, "a b", "t1"));
    await commitFailure(store, {
      format: 1,
      runId: RUN_ID,
      caseId: "bad",
      round: 0,
      attempt: "t",
      codeVersion: "0",
      failedAt: "2026-01-02T03:04:05.000Z",
      kind: "voxels",
      stage: "read",
      message: 'Cannot read case "bad": it is odd',
    });
    const worker = workerRecordOf("w0-1", { elapsedSeconds: 1800 });
    await writeRecord(store, workerKey("w0-1"), worker);
    await use(folder, store);
  });
}

async function commit(
  store: FileStore,
  caseId: string,
  attempt: string,
): Promise<Result> {
  const outputs = await writeAttempt(store, caseId, attempt, [{
    name: "mask.nii.gz",
    body: new TextEncoder().encode("voxels"),
    contentType: "application/gzip",
  }]);
  return await commitResult(store, resultOf(caseId, attempt, { outputs }));
}

Deno.test("status tells where a run stands, as text and as JSON without the list of cases", async () => {
  await withRun(async (folder) => {
    const text = await uptake(folder, ["status", "--run", "run"]);
    expect(text.code).toBe(0);
    expect(text.out).toContain(
      `Run ${RUN_ID}: 1 of 3 cases done, 1 failed, 1 open`,
    );
    expect(text.out).toContain('Cannot read case "bad": it is odd');
    const ran = await uptake(folder, [
      ...["status", "--run", "run", "--json"],
      ...["--price-per-hour", "4", "--currency", "EUR"],
    ]);
    const json = JSON.parse(ran.out);
    expect(json).toMatchObject({
      coverage: { expected: 3, done: 1, failed: 1, missing: 1 },
      failuresByKind: { voxels: 1 },
      cost: { amount: 2, currency: "EUR" },
      workers: [{ workerId: "w0-1", alive: true }],
      cancel: null,
      damagedWorkers: 0,
    });
    expect(json.run.runId).toBe(RUN_ID);
    expect(json.run.cases).toBeUndefined();
  });
});

Deno.test("cancel says of a run that is over that there is nothing to cancel, and leaves no request", async () => {
  await withRun(async (folder, store) => {
    const { cases } = await readJson(`${folder}/run/run.json`);
    const { done } = await readRunState(store);
    for (const { caseId } of cases) {
      if (!done.has(caseId)) await commitResult(store, resultOf(caseId, "t"));
    }
    const { code, out } = await uptake(folder, ["cancel", "--run", "run"]);
    expect([code, out]).toEqual([
      0,
      `Run ${RUN_ID} is over, every case is recorded: there is nothing to cancel`,
    ]);
    expect(await readCancel(store)).toBeNull();
  });
});

Deno.test("cancel asks workers to stop, once, and status tells why", async () => {
  await withRun(async (folder, store) => {
    const cancel = (reason: string) =>
      uptake(folder, ["cancel", "--run", "run", "--reason", reason]);
    expect((await cancel("wrong dataset")).code).toBe(0);
    expect((await cancel("second thoughts")).code).toBe(0);
    expect((await readCancel(store))!.reason).toBe("wrong dataset");
    const { out } = await uptake(folder, ["status", "--run", "run"]);
    expect(out).toContain("Cancelled: wrong dataset");
  });
});

for (const verb of ["status", "cancel", "summary", "gc"]) {
  Deno.test(`${verb} refuses a folder without a run, as wrong usage`, async () => {
    await withFileStore(async (_, folder) => {
      const ran = await uptake(folder, [verb, "--run", "nowhere"]);
      expect(ran.code).toBe(2);
      expect(ran.err).toContain("There is no run in file://");
      expect([...Deno.readDirSync(folder)]).toEqual([]);
    });
  });
}

Deno.test("summary writes what is recorded, and ends with 3 while cases failed or are missing", async () => {
  await withRun(async (folder, store) => {
    const summary = () => uptake(folder, ["summary", "--run", "run"]);
    expect((await summary()).code).toBe(3);
    expect((await readJson(`${folder}/run/summary.json`)).coverage)
      .toEqual({ expected: 3, done: 1, failed: 1, missing: 1 });
    await commit(store, "bad", "t2");
    await commit(store, "open", "t2");
    const ran = await summary();
    expect(ran.code).toBe(0);
    expect(ran.said).toContain("2 masks published again");
    for (const id of ["a b", "bad", "open"]) {
      expect(await store.head(maskKey(id))).not.toBeNull();
    }
  });
});

Deno.test("summary publishes a lost mask again, whatever lies beside it, and leaves a corrected one alone", async () => {
  await withRun(async (folder, store) => {
    await commit(store, "open", "t2");
    await store.put(maskKey("a b"), new TextEncoder().encode("corrected"));
    await store.put("masks/open.nii", new Uint8Array(1));
    await store.put("masks/mine/open.nii.gz", new Uint8Array(1));
    const ran = await uptake(folder, ["summary", "--run", "run", "--json"]);
    expect(JSON.parse(ran.out)).toMatchObject({ republished: 1, damaged: [] });
    const text = async (id: string) =>
      new TextDecoder().decode((await store.get(maskKey(id)))!.body);
    expect(await text("open")).toBe("voxels");
    expect(await text("a b")).toBe("corrected");
  });
});

Deno.test("summary says which committed mask is gone, does the rest, and ends with 3", async () => {
  await withRun(async (folder, store) => {
    for (const id of ["bad", "open"]) await commit(store, id, "t2");
    await store.delete("attempts/bad/t2/mask.nii.gz");
    const ran = await uptake(folder, ["summary", "--run", "run", "--json"]);
    expect(ran.code).toBe(3);
    expect(JSON.parse(ran.out)).toMatchObject({
      republished: 1,
      damaged: ["bad"],
      summary: { coverage: { done: 3 } },
    });
    expect(ran.said.join("\n")).toContain(
      'Cannot read the mask.nii.gz of case "bad"',
    );
    expect(await store.head(maskKey("open"))).not.toBeNull();
  });
});

Deno.test("summary says what to do about a result it cannot understand, sums up the others, and ends with 3", async () => {
  await withRun(async (folder, store) => {
    for (const id of ["bad", "open"]) await commit(store, id, "t2");
    await store.put("results/open.json", new TextEncoder().encode('{"format"'));
    // The time since a worker's last sign of life is told in hours then: it stays while this test runs.
    const dayAgo = new Date(Date.now() - 24 * 3_600_000);
    await Deno.utime(`${folder}/run/${workerKey("w0-1")}`, dayAgo, dayAgo);
    const status = () => uptake(folder, ["status", "--run", "run"]);
    const found = await status();
    expect(found.out).toMatch(/ 1 d ago /);
    expect(found.code).toBe(3);
    expect(found.out).toContain(
      "2 of 3 cases done, 0 failed, 1 damaged, 0 open",
    );
    const ran = await uptake(folder, ["summary", "--run", "run"]);
    expect(ran.code).toBe(3);
    const problem =
      `Cannot read file://${folder}/run/results/open.json: it is not JSON: move it away to have the case done again`;
    expect(ran.out.split("\n").slice(-3)).toEqual([
      "3 cases expected: 2 done, 0 failed, 1 damaged, 0 missing",
      "1 of the recorded cases no longer stand as they were committed: open",
      `  ${problem}`,
    ]);
    const told = await status();
    expect(told.code).toBe(3);
    expect(told.out).toContain(`Not as they were recorded: 1\n  ${problem}`);
    expect(told.out).toBe(found.out);
    // As it advised: the case is open again.
    await store.delete("results/open.json");
    expect((await status()).code).toBe(0);
  });
});

Deno.test("summary names a case of which a file beside the mask is gone, though its mask is published", async () => {
  await withRun(async (folder, store) => {
    for (const id of ["bad", "open"]) {
      await publishMask(store, await commit(store, id, "t2"));
    }
    const summary = () => uptake(folder, ["summary", "--run", "run"]);
    expect((await summary()).code).toBe(0);
    await store.delete("attempts/open/t2/mask.nii.gz");
    const ran = await summary();
    expect(ran.code).toBe(3);
    expect(ran.out).toContain(
      'Case "open" is recorded, but its mask.nii.gz is gone (attempts/open/t2/mask.nii.gz): segment it again into another run',
    );
  });
});

Deno.test("gc removes what lost and what is old, tells before what it would, and keeps what is committed", async () => {
  await withRun(async (folder, store) => {
    const old = new Date(Date.now() - 48 * 3_600_000);
    const write = async (key: string, age: Date) => {
      await store.put(key, new Uint8Array(500_000));
      await Deno.utime(`${folder}/run/${key}`, age, age);
    };
    await write("attempts/a b/lost/mask.nii.gz", new Date());
    await write("attempts/open/dead/mask.nii.gz", old);
    await write("attempts/open/live/mask.nii.gz", new Date());
    const attempts = async () =>
      (await Array.fromAsync(store.list("attempts/"))).map(({ key }) => key);
    const before = await attempts();
    const dry = await uptake(folder, ["gc", "--run", "run", "--dry-run"]);
    expect(dry.out).toBe("2 files with 1.0 MB would be removed");
    expect(await attempts()).toEqual(before);
    const ran = await uptake(folder, ["gc", "--run", "run", "--json"]);
    expect(JSON.parse(ran.out)).toMatchObject({ files: 2, bytes: 1_000_000 });
    expect(await attempts()).toEqual([
      "attempts/a b/t1/mask.nii.gz",
      "attempts/open/live/mask.nii.gz",
    ]);
    const again = await uptake(folder, ["gc", "--run", "run"]);
    expect(again.out).toBe("0 files with 0.0 MB removed");
  });
});

Deno.test("gc refuses an age at which an attempt may still be at work", async () => {
  await withRun(async (folder, store) => {
    await store.put("attempts/open/live/mask.nii.gz", new Uint8Array(1));
    for (const hours of ["0", "0.99", "-1"]) {
      const ran = await uptake(folder, [
        ...["gc", "--run", "run", "--older-than-hours", hours],
      ]);
      expect(ran.code).toBe(2);
      expect(ran.err).toBe(
        "--older-than-hours: takes at least 1: a younger attempt may still be at work",
      );
    }
    expect(await store.head("attempts/open/live/mask.nii.gz")).not.toBeNull();
  });
});

/** Runs on any damage of a file, and puts it back. */
async function damage(
  store: FileStore,
  key: string,
  original: Uint8Array<ArrayBuffer>,
  check: () => Promise<void>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(mutation(original), async (damaged) => {
      await store.put(key, damaged);
      await check();
    }),
    { numRuns: 25 },
  );
  await store.put(key, original);
}

Deno.test("status, summary and gc are not stopped by any damage of what workers write about themselves", async () => {
  await withRun(async (folder, store) => {
    const claim: Claim = {
      format: 1,
      runId: RUN_ID,
      caseId: "open",
      generation: 1,
      round: 0,
      workerId: "w0-1",
      renewedAt: "2026-01-02T03:04:05.000Z",
      termSeconds: 60,
      state: "working",
    };
    const records = [
      [workerKey("w0-1"), workerRecordOf("w0-1")],
      [claimKey("open", 1), claim],
    ] as const;
    for (const [key, record] of records) {
      await damage(store, key, encodeRecord(record), async () => {
        expect((await uptake(folder, ["status", "--run", "run"])).code).toBe(0);
        expect((await uptake(folder, ["gc", "--run", "run"])).code).toBe(0);
        expect((await uptake(folder, ["summary", "--run", "run"])).code)
          .toBe(3);
      });
    }
  });
});

Deno.test("status tells of a cancel.json or a failure that it cannot read, with a sentence", async () => {
  await withRun(async (folder, store) => {
    const status = () => uptake(folder, ["status", "--run", "run"]);
    const broken = new TextEncoder().encode("{");
    await store.put("cancel.json", broken);
    const cancelled = await status();
    expect(cancelled.code).toBe(0);
    expect(cancelled.out).toMatch(
      /^Cancelled: nobody knows why: .*cancel\.json: it is not JSON$/m,
    );
    await store.delete("cancel.json");
    await store.put("failures/bad/0.json", broken);
    const failed = await status();
    expect(failed.code).toBe(3);
    expect(failed.out).toContain(
      "1 of 3 cases done, 0 failed, 1 damaged, 1 open",
    );
    expect(failed.out).toContain("failures/bad/0.json: it is not JSON");
  });
});
