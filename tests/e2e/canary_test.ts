/** @module What the first case of a run tells about the others, over several workers. */
import { expect } from "@std/expect";
import { openRun, openRunCompute } from "../../jobs/batch/open_worker.ts";
import { type WorkEnd, workRun } from "../../jobs/batch/work_run.ts";
import { CaseError } from "../../shared/case_error.ts";
import { readCancel } from "../../shared/runs/cancel.ts";
import { CANCEL_KEY } from "../../shared/runs/keys.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { type S3Server, testWithS3 } from "../support/s3_server.ts";
import { startChecker } from "./harness/checker.ts";
import { withCheckedRun } from "./harness/checked.ts";
import { History } from "./harness/history.ts";
import { newScene, type Scene, withPlace } from "./harness/scene.ts";
import { workHere } from "./harness/worker_here.ts";

/** A worker whose machine has lost its device by the time that the first window comes. */
async function workWithoutDevice(
  scene: Scene,
  history: History,
  name: string,
  store: ObjectStore = scene.store,
): Promise<WorkEnd> {
  const { open } = scene.place;
  const opened = await openRun(store, null);
  const compute = await openRunCompute(opened.run, open);
  try {
    return await workRun({
      ...opened,
      workerId: `${name}-${crypto.randomUUID()}`,
      index: 0,
      compute: {
        ...compute,
        segment: (_signal, caseId) =>
          Promise.reject(
            new CaseError("engine", "the device is gone").at(caseId, "segment"),
          ),
      },
      progress: () => {},
      signal: new AbortController().signal,
      open,
      say: (line) => history.add(`${name} says: ${line}`),
    });
  } finally {
    await compute.close();
  }
}

async function keysOf({ store }: Scene, prefix: string): Promise<string[]> {
  return await Array.fromAsync(store.list(prefix), ({ key }) => key);
}

/** Calls `use` with a run, and checks that of its cases only the first was tried. */
async function withHopelessRun(
  server: S3Server,
  use: (scene: Scene, history: History) => Promise<void>,
): Promise<void> {
  const history = new History(0);
  await withPlace(server, { count: 4 }, async (place) => {
    const scene = await newScene(place, {
      coordination: { kind: "claims", termSeconds: 1 },
    });
    const checker = startChecker(scene, {
      history,
      isExpected: ({ caseId, kind }) =>
        caseId === "case 0" && kind === "engine",
    });
    try {
      await use(scene, history);
    } finally {
      await checker.stop();
    }
    checker.throwIfViolated();
    expect((await readCancel(scene.store))?.reason).toBe(
      'The first case failed as every other would (Cannot segment case "case 0": the device is gone)',
    );
    expect(await keysOf(scene, "failures/"))
      .toEqual(["failures/case 0/0.json"]);
    expect(await keysOf(scene, "results/")).toEqual([]);
    expect(await keysOf(scene, "attempts/")).toEqual([]);
    const claims = await keysOf(scene, "claims/");
    expect(claims.filter((key) => !key.startsWith("claims/case 0/")))
      .toEqual([]);
  });
}

testWithS3(
  "a first case that fails as every other would cancels the run before others begin",
  async (server) => {
    await withHopelessRun(server, async (scene, history) => {
      const ends = await Promise.all(
        ["one", "two", "three"].map((name) =>
          workWithoutDevice(scene, history, name)
        ),
      );
      expect(ends.map(({ type }) => type))
        .toEqual(["cancelled", "cancelled", "cancelled"]);
      // Also for workers to come, who could do it.
      expect((await workHere(scene, { history })).code).toBe(0);
    });
  },
);

testWithS3(
  "a first case cancels the run also where its worker is cut off before it could",
  async (server) => {
    await withHopelessRun(server, async (scene, history) => {
      const cutOff: ObjectStore = {
        ...bound(scene.store),
        create: async (key, body, options) => {
          if (key === CANCEL_KEY) throw new CaseError("storage", "cut off");
          return await scene.store.create(key, body, options);
        },
      };
      await expect(workWithoutDevice(scene, history, "one", cutOff))
        .rejects.toThrow("cut off");
      expect(await readCancel(scene.store)).toBeNull();
      expect((await workHere(scene, { history })).code).toBe(0);
    });
  },
);

testWithS3(
  "a first case that is merely unreadable stops nobody",
  async (server) => {
    const counts = await withCheckedRun({
      server,
      scans: { count: 4 },
      isExpected: ({ caseId, kind }) =>
        caseId === "case 0" && kind === "unreadable",
    }, async (scene, history) => {
      const { place } = scene;
      const scans = place.open(place.location);
      const noImage = new TextEncoder().encode("no image");
      await scans.put("scans/case 0.nii.gz", noImage);
      const ends = await Promise.all([
        workHere(scene, { history }),
        workHere(scene, { history }),
      ]);
      expect(ends.map(({ code }) => code)).toEqual([0, 0]);
      expect(await readCancel(scene.store)).toBeNull();
    });
    expect(counts).toMatchObject({ results: 3, failures: 1 });
  },
);

/** A store as a plain object, of which parts can be replaced. */
function bound(store: ObjectStore): ObjectStore {
  return {
    location: store.location,
    get: (key, options) => store.get(key, options),
    head: (key, signal) => store.head(key, signal),
    peek: (key, maxBytes, signal) => store.peek(key, maxBytes, signal),
    put: (key, body, options) => store.put(key, body, options),
    create: (key, body, options) => store.create(key, body, options),
    delete: (key, signal) => store.delete(key, signal),
    list: (prefix, options) => store.list(prefix, options),
    folders: (prefix, options) => store.folders(prefix, options),
    now: (signal) => store.now(signal),
  };
}
