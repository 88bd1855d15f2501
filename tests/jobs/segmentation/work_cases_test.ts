import { expect } from "@std/expect";
import { ThreadDeath } from "../../../shared/thread.ts";
import type {
  CaseEnd,
  Task,
  Worker,
} from "../../../jobs/segmentation/work_case.ts";
import {
  type CaseSource,
  workCases,
} from "../../../jobs/segmentation/work_cases.ts";
import type { ProgressEvent } from "../../../jobs/cli/progress.ts";
import { CaseError } from "../../../shared/case_error.ts";
import { commitResult } from "../../../shared/runs/commit.ts";
import { failureKey, resultKey } from "../../../shared/runs/keys.ts";
import { readRecord } from "../../../shared/runs/record_io.ts";
import { failureSchema } from "../../../shared/runs/records.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { storageError } from "../../../shared/storage/storage_error.ts";
import {
  fakeCompute,
  type Gates,
  gates,
  settled,
  turnsUntil,
} from "../../support/fake_compute.ts";
import { memoryStore, stepped } from "../../support/memory_store.ts";
import { caseOf, resultOf, runOf } from "../../support/runs.ts";

interface Bench {
  readonly store: ObjectStore;
  readonly gates: Gates;
  readonly controller: AbortController;
  readonly said: string[];
  readonly events: ProgressEvent[];
  /** How each case ended, in the order they did. */
  readonly ends: [string, CaseEnd["status"] | null][];
  /** The work; its failure is handled. */
  readonly work: Promise<void>;
}

/** Starts work on cases that all wait at their gates. */
async function start(
  ids: readonly string[],
  { store = memoryStore(), scans = memoryStore(), change = {} }: {
    readonly store?: ObjectStore;
    readonly scans?: ObjectStore;
    readonly change?: Partial<CaseSource>;
  } = {},
): Promise<Bench> {
  const items = ids.map((id) => caseOf(id));
  for (const { images: [image] } of items) {
    if (!image!.key.startsWith("gone")) {
      await scans.put(image!.key, new Uint8Array(3));
    }
  }
  const gate = gates();
  const ends: Bench["ends"] = [];
  const said: string[] = [];
  const events: ProgressEvent[] = [];
  const controller = new AbortController();
  const worker: Worker = {
    run: runOf({ cases: items }),
    store,
    compute: fakeCompute(gate.onPart),
    progress: (event) => events.push(event),
    open: () => scans,
  };
  const open = items.values();
  const source: CaseSource = {
    next: () => {
      const { value } = open.next();
      return Promise.resolve(value ? { item: value, round: 0 } : null);
    },
    ended: ({ item }: Task, end) => {
      ends.push([item.caseId, end && end.status]);
      return Promise.resolve();
    },
    ...change,
  };
  const work = workCases(worker, source, {
    signal: controller.signal,
    say: (line) => said.push(line),
  });
  work.catch(() => {});
  return { store, gates: gate, controller, said, events, ends, work };
}

Deno.test("workCases() prepares the next case and writes the last one while one is segmented, and holds no more", async () => {
  const { gates, work, ends } = await start(["a", "b", "c", "d"]);
  await gates.open("prepare:a");
  await gates.stand("prepare:b", "segment:a");
  await gates.open("segment:a");
  await gates.open("prepare:b");
  await gates.stand("finish:a", "prepare:c", "segment:b");
  await gates.open("prepare:c");
  await gates.open("segment:b");
  // Three are in hand, and one of them is still written: neither c is segmented nor d prepared.
  await gates.stand("finish:a");
  await gates.open("finish:a");
  await gates.stand("finish:b", "prepare:d", "segment:c");
  gates.openAll();
  await work;
  expect(ends).toEqual(["a", "b", "c", "d"].map((id) => [id, "done"]));
});

Deno.test("workCases() writes one result per case, with the seconds of its stages", async () => {
  const { gates, work, store, events } = await start(["a", "b"]);
  gates.openAll();
  await work;
  const keys = (await Array.fromAsync(store.list("results/")))
    .map(({ key }) => key);
  expect(keys).toEqual(["results/a.json", "results/b.json"]);
  expect(await store.head("masks/b.nii.gz")).not.toBeNull();
  const { body } = (await store.get(resultKey("a")))!;
  const { secondsPerStage } = JSON.parse(new TextDecoder().decode(body));
  expect(secondsPerStage).toMatchObject({
    preprocess: 2,
    segment: 3,
    measure: 4,
    write: expect.any(Number),
  });
  expect(secondsPerStage.read).toBeGreaterThanOrEqual(1);
  const ofA = events.filter((event) =>
    "caseId" in event && event.caseId === "a"
  );
  expect(ofA[0]!.type).toBe("caseStart");
  expect(ofA.at(-1)).toEqual({ type: "caseEnd", caseId: "a", outcome: "done" });
});

for (
  const [stage, gate] of [
    ["preprocess", "prepare:b"],
    ["segment", "segment:b"],
    ["measure", "finish:b"],
  ] as const
) {
  Deno.test(`workCases() records a case that fails in stage ${stage}, and goes on`, async () => {
    const { gates, work, store, ends, events } = await start(["a", "b", "c"]);
    const failing = gates.open(
      gate,
      new CaseError("voxels", "it is odd", { caseId: "b", stage }),
    );
    for (const id of ["a", "b", "c"]) {
      for (const part of ["prepare", "segment", "finish"]) {
        const name = `${part}:${id}`;
        if (name === gate) {
          await failing;
          break;
        }
        await gates.open(name);
      }
    }
    await work;
    expect(ends.toSorted()).toEqual([
      ["a", "done"],
      ["b", "failed"],
      ["c", "done"],
    ]);
    expect(await readRecord(store, failureKey("b", 0), failureSchema))
      .toMatchObject({
        kind: "voxels",
        stage,
        message: `Cannot ${stage} case "b": it is odd`,
      });
    expect(gates.begun).toContain("drop:b");
    expect(events).toContainEqual({
      type: "caseEnd",
      caseId: "b",
      outcome: "failed",
      kind: "voxels",
    });
  });
}

Deno.test("workCases() records a case whose file is not there, in stage read", async () => {
  const { gates, work, store, ends } = await start(["gone", "b"]);
  gates.openAll();
  await work;
  expect(ends).toEqual([["gone", "failed"], ["b", "done"]]);
  expect(await readRecord(store, failureKey("gone", 0), failureSchema))
    .toMatchObject({ kind: "unreadable", stage: "read" });
});

Deno.test("workCases() leaves a case that storage or a defect keeps from being recorded, and goes on", async () => {
  const plain = memoryStore();
  const full = (key: string) =>
    storageError(
      { operation: "write", location: plain.location, key },
      "storage",
      "the disk is full",
    );
  const store: ObjectStore = {
    ...plain,
    put: (key, ...rest) =>
      key.startsWith("attempts/a/")
        ? Promise.reject(full(key))
        : plain.put(key, ...rest),
    create: (key, ...rest) =>
      key.startsWith("failures/c/")
        ? Promise.reject(full(key))
        : plain.create(key, ...rest),
  };
  const { gates, work, ends, said } = await start(["a", "b", "c", "d"], {
    store,
  });
  const b = gates.open("segment:b", new TypeError("x is undefined"));
  const c = gates.open("segment:c", new CaseError("voxels", "it is odd"));
  for (
    const name of [
      ...["prepare:a", "segment:a", "finish:a", "prepare:b"],
      ...["prepare:c", "prepare:d"],
    ]
  ) await gates.open(name);
  await Promise.all([b, c]);
  gates.openAll();
  await work;
  expect(ends.toSorted()).toEqual([
    ["a", null],
    ["b", null],
    ["c", null],
    ["d", "done"],
  ]);
  expect(await Array.fromAsync(plain.list("failures/"))).toEqual([]);
  const text = said.join("\n");
  expect(text).toContain('Case "a" is left for later: Cannot write case "a"');
  expect(text).toContain("TypeError: x is undefined");
});

/** A store in which an attempt's files are gone the moment they are written, as if for hours. */
function litteredStore(onGone: (store: ObjectStore) => Promise<void>) {
  const plain = memoryStore();
  return stepped(plain, async (what, key, when) => {
    if (what !== "put" || !key.startsWith("attempts/") || when === "before") {
      return;
    }
    await plain.delete(key);
    await onGone(plain);
  });
}

Deno.test("workCases() commits no result whose files are gone, but leaves the case", async () => {
  const store = litteredStore(() => Promise.resolve());
  const { gates, work, ends, said } = await start(["a"], { store });
  gates.openAll();
  await work;
  expect(ends).toEqual([["a", null]]);
  expect(await store.head(resultKey("a"))).toBeNull();
  expect(await Array.fromAsync(store.list("failures/"))).toEqual([]);
  expect(said).toEqual([
    'Case "a" is left for later: Cannot write case "a": its files were removed before they were committed',
  ]);
});

Deno.test("workCases() takes another's result for the end of a case whose files are gone", async () => {
  const store = litteredStore(async (plain) => {
    await commitResult(plain, resultOf("a", "other"));
  });
  const { gates, work, ends } = await start(["a"], { store });
  gates.openAll();
  await work;
  expect(ends).toEqual([["a", "done"]]);
});

Deno.test("workCases() finishes what is being written when aborted, and throws the reason", async () => {
  const { gates, work, store, controller, ends } = await start(["a", "b", "c"]);
  await gates.open("prepare:a");
  await gates.open("segment:a");
  await gates.open("prepare:b");
  await gates.open("prepare:c");
  await gates.stand("finish:a", "segment:b");
  const reason = new Error("asked to stop");
  controller.abort(reason);
  await settled();
  expect(ends).toEqual([]);
  await gates.open("finish:a");
  await expect(work).rejects.toBe(reason);
  expect(ends).toEqual([["a", "done"]]);
  expect(await store.head(resultKey("a"))).not.toBeNull();
  expect(await store.head(resultKey("b"))).toBeNull();
  expect(await Array.fromAsync(store.list("failures/"))).toEqual([]);
});

Deno.test("workCases() begins nothing when it is aborted before", async () => {
  const controller = new AbortController();
  controller.abort(new Error("early"));
  const store = memoryStore();
  const work = workCases(
    {
      run: runOf(),
      store,
      compute: fakeCompute(),
      progress: () => {},
      open: () => store,
    },
    {
      next: () => Promise.reject(new Error("asked for a case")),
      ended: () => Promise.resolve(),
    },
    { signal: controller.signal, say: () => {} },
  );
  await expect(work).rejects.toThrow("early");
});

/** A source that hands out the last case only when the first has ended: as canaries are waited for. */
function waitsForFirst(ids: readonly string[]): Partial<CaseSource> {
  const firstEnded = Promise.withResolvers<void>();
  let given = 0;
  return {
    async next(signal) {
      const id = ids[given++];
      if (id === undefined) return null;
      if (given > 1) {
        const aborted = Promise.withResolvers<never>();
        signal.addEventListener("abort", () => aborted.reject(signal.reason));
        await Promise.race([firstEnded.promise, aborted.promise]);
      }
      return { item: caseOf(id), round: 0 };
    },
    ended: () => {
      firstEnded.resolve();
      return Promise.resolve();
    },
  };
}

for (const part of ["prepare", "segment", "finish"] as const) {
  Deno.test(`workCases() ends at once when a thread dies in ${part}, though the next case waits for this one`, async () => {
    const dead: string[] = [];
    const { gates, work, store } = await start(["a", "b"], {
      change: {
        ...waitsForFirst(["a", "b"]),
        died: ({ item }) => dead.push(item.caseId),
      },
    });
    for (const before of ["prepare", "segment"]) {
      if (before === part) break;
      await gates.open(`${before}:a`);
    }
    const death = new ThreadDeath("The case thread died: out of memory");
    await gates.open(`${part}:a`, death);
    await expect(work).rejects.toBe(death);
    expect(dead).toEqual(["a"]);
    expect(await Array.fromAsync(store.list("failures/"))).toEqual([]);
  });
}

Deno.test("workCases() ends when the source fails, after the case in hand is done", async () => {
  let given = 0;
  const { gates, work, store } = await start(["a"], {
    change: {
      next: () =>
        given++ === 0
          ? Promise.resolve({ item: caseOf("a"), round: 0 })
          : Promise.reject(new Error("cannot list")),
    },
  });
  gates.openAll();
  await expect(work).rejects.toThrow("cannot list");
  expect(await store.head(resultKey("a"))).not.toBeNull();
});

Deno.test("workCases() ends when the source cannot be told of an end, and stops the case in work", async () => {
  let told = 0;
  const { gates, work } = await start(["a", "b", "c"], {
    change: {
      ended: () => {
        told++;
        return Promise.reject(new Error("cannot tell"));
      },
    },
  });
  await gates.open("prepare:a");
  await gates.open("segment:a");
  await gates.open("prepare:b");
  await gates.open("finish:a");
  await turnsUntil(() => told > 0, "the source is told");
  await settled();
  gates.openAll();
  await expect(work).rejects.toThrow("cannot tell");
  expect(gates.begun).not.toContain("finish:b");
});
