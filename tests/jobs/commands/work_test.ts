/** @module `uptake work`, as a scheduler runs it. */
import { expect } from "@std/expect";
import { claimCase } from "../../../shared/runs/claims.ts";
import { claimKey } from "../../../shared/runs/keys.ts";
import { createRecord } from "../../../shared/runs/record_io.ts";
import type { Claim } from "../../../shared/runs/records.ts";
import { requestCancel } from "../../../shared/runs/cancel.ts";
import { FileStore } from "../../../shared/storage/file_store.ts";
import { uptake, withNanoCheckpoint } from "../../support/command_line.ts";
import { PHANTOM, readJson, writeFiles } from "../../support/datasets.ts";
import { freezeTestRun } from "../../support/batch.ts";

async function withRun(
  ids: readonly string[],
  use: (folder: string, store: FileStore) => Promise<void>,
  termSeconds = 60,
): Promise<void> {
  await withNanoCheckpoint(async (folder) => {
    await writeFiles(
      folder,
      Object.fromEntries(
        ids.map((id) => [`scans/${id}.nii.gz`, PHANTOM.image]),
      ),
    );
    const store = new FileStore(`${folder}/run`);
    await freezeTestRun(store, folder, ids, {
      coordination: { kind: "claims", termSeconds },
    });
    await use(folder, store);
  });
}

Deno.test("work does every case and writes the summary", async () => {
  await withRun(["a", "b", "c"], async (folder) => {
    const ran = await uptake(folder, ["work", "--run", "run"]);
    expect(ran.err).toBe("");
    expect(ran.code).toBe(0);
    const summary = await readJson(`${folder}/run/summary.json`);
    expect(summary.coverage).toEqual({
      expected: 3,
      done: 3,
      failed: 0,
      missing: 0,
    });
    const [worker] = [...Deno.readDirSync(`${folder}/run/workers`)];
    const record = await readJson(`${folder}/run/workers/${worker!.name}`);
    expect(record.state).toBe("ended");
    expect(record.cases).toEqual({ done: 3, failed: 0, left: 0 });
    expect(record.busySeconds).toBeGreaterThan(0);
  });
});

Deno.test("work records a bad case and does the others", async () => {
  await withRun(["a", "b", "c"], async (folder) => {
    await Deno.writeTextFile(`${folder}/scans/a.nii.gz`, "no image");
    const ran = await uptake(folder, ["work", "--run", "run"]);
    expect(ran.code).toBe(0);
    expect((await readJson(`${folder}/run/failures/a/0.json`)).kind)
      .toBe("unreadable");
    const { coverage } = await readJson(`${folder}/run/summary.json`);
    expect(coverage).toEqual({ expected: 3, done: 2, failed: 1, missing: 0 });
  });
});

Deno.test("work ends with 0 where a record was damaged since: no other try mends it, and status says 3", async () => {
  await withRun(["a", "b"], async (folder, store) => {
    const work = () => uptake(folder, ["work", "--run", "run"]);
    expect((await work()).code).toBe(0);
    await store.put("results/a.json", new TextEncoder().encode("{"));
    const again = await work();
    expect([again.code, again.out]).toEqual([
      0,
      "Every case of run has its record, but 1 do not stand as they were committed: a. No other try mends them: `uptake summary` says what does",
    ]);
    for (const verb of ["status", "summary"]) {
      expect((await uptake(folder, [verb, "--run", "run"])).code).toBe(3);
    }
  });
});

Deno.test("work does not take what another worker holds, and takes it over once it has expired", async () => {
  await withRun(["a", "b"], async (folder, store) => {
    const other = { runId: "x", workerId: "other", termSeconds: 0.5 };
    expect(await claimCase(store, other, "b", 0, 0)).toMatchObject({
      generation: 1,
    });
    const ran = await uptake(folder, ["work", "--run", "run"]);
    expect(ran.code).toBe(0);
    expect((await readJson(`${folder}/run/claims/b/2.json`)).workerId)
      .not.toBe("other");
    expect((await readJson(`${folder}/run/summary.json`)).coverage.done)
      .toBe(2);
  }, 1);
});

Deno.test("work fails a case that three workers died with", async () => {
  await withRun(["a", "b"], async (folder, store) => {
    for (const generation of [1, 2, 3]) {
      const claim: Claim = {
        format: 1,
        runId: "x",
        caseId: "b",
        generation,
        round: 0,
        workerId: `w${generation}`,
        renewedAt: "2026-01-02T03:04:05.000Z",
        termSeconds: 0.001,
        state: "working",
      };
      await createRecord(store, claimKey("b", generation), claim);
    }
    expect((await uptake(folder, ["work", "--run", "run"])).code).toBe(0);
    const failure = await readJson(`${folder}/run/failures/b/0.json`);
    expect(failure.kind).toBe("workerDied");
    expect(failure.message).toBe(
      'Cannot segment case "b": 3 workers died or lost touch while they had it',
    );
  });
});

Deno.test("work ends with 78 where a record of its run cannot be understood: no other try would", async () => {
  await withRun(["a"], async (folder, store) => {
    await store.put("retries/1.json", new TextEncoder().encode("{"));
    const { code, err } = await uptake(folder, ["work", "--run", "run"]);
    expect(code).toBe(78);
    expect(err).toContain("retries/1.json: it is not JSON");
  });
});

Deno.test("work stops where the run is cancelled, with 0 so that nobody starts it again", async () => {
  await withRun(["a"], async (folder, store) => {
    await requestCancel(store, "x", "wrong checkpoint");
    const ran = await uptake(folder, ["work", "--run", "run"]);
    expect(ran.code).toBe(0);
    expect(ran.out).toContain("wrong checkpoint");
    expect(await store.head("results/a.json")).toBeNull();
  });
});

Deno.test("work does its shard alone, without claims", async () => {
  await withRun(["a", "b", "c"], async (folder, store) => {
    const shard = (part: string) =>
      uptake(folder, ["work", "--run", "run", "--shard", part]);
    expect((await shard("1/2")).code).toBe(0);
    const done = async () => {
      const keys = await Array.fromAsync(store.list("results/"));
      return keys.map(({ key }) => key);
    };
    expect(await done()).toEqual(["results/b.json"]);
    expect(await store.head("summary.json")).toBeNull();
    expect((await shard("0/2")).code).toBe(0);
    expect(await done()).toHaveLength(3);
    expect(await store.head("summary.json")).not.toBeNull();
    expect(await Array.fromAsync(store.list("claims/"))).toEqual([]);
  });
});

for (
  const [what, args, change, says] of [
    ["no run", ["--run", "nowhere"], {}, "There is no run"],
    ["a shard that is not there", ["--run", "run", "--shard", "2/2"], {}, ""],
    ["half an environment", ["--run", "run"], {
      UPTAKE_WORKER_INDEX: "0",
    }, "UPTAKE_WORKER_COUNT"],
  ] as const
) {
  Deno.test(`work ends with 78 for ${what}`, async () => {
    await withRun(["a"], async (folder) => {
      const ran = await uptake(folder, ["work", ...args], { env: change });
      expect(ran.code).toBe(78);
      expect(ran.err).toContain(says);
      expect(ran.out).toBe("");
    });
  });
}

Deno.test("work ends with 78 where the checkpoint has changed since", async () => {
  await withRun(["a"], async (folder) => {
    const path = `${folder}/nano.safetensors`;
    const bytes = await Deno.readFile(path);
    bytes[bytes.length - 1]! ^= 1;
    await Deno.writeFile(path, bytes);
    const ran = await uptake(folder, ["work", "--run", "run"]);
    expect(ran.code).toBe(78);
    expect(ran.err).toMatch(/has changed: its sha256 is [0-9a-f]{64}/);
  });
});

Deno.test("work ends with 78 where this machine lacks the run's engine or device", async () => {
  for (const [name, device] of [["onnx", "cuda"], ["onnx", "abacus"]]) {
    await withNanoCheckpoint(async (folder) => {
      await freezeTestRun(new FileStore(`${folder}/run`), folder, ["a"], {
        engine: { name: name!, device: device!, version: "1", threads: 1 },
      });
      const ran = await uptake(folder, ["work", "--run", "run"]);
      expect(ran.code).toBe(78);
      expect(ran.err).toContain(device);
    });
  }
});
