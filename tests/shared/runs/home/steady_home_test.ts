import { expect } from "@std/expect";
import { createAuditLog } from "../../../../dashboard/audit/audit_log.ts";
import {
  HOME_KEY,
  homeRecordSchema,
  steadyHome,
} from "../../../../shared/runs/home/steady_home.ts";
import { readRecord } from "../../../../shared/runs/record_io.ts";
import { FileStore } from "../../../../shared/storage/file_store.ts";
import type { ObjectStore } from "../../../../shared/storage/object_store.ts";
import { storageError } from "../../../../shared/storage/storage_error.ts";
import { memoryStore } from "../../../support/memory_store.ts";
import { withFolder } from "../../../support/temporary_folder.ts";

const BODY = new TextEncoder().encode("{}");
const now = () => new Date("2026-11-24T12:00:00.000Z");
const open = (store: ObjectStore, knowsRuns = false) =>
  steadyHome(store, { knowsRuns: () => knowsRuns, now });

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}

const EVENT = {
  at: "2026-11-24T12:00:00.000Z",
  requestId: "r",
  actor: "ada",
  role: "reviewer",
  by: "token",
  from: "127.0.0.1",
  action: "change",
  method: "POST",
  route: "/x",
  params: {},
  status: 200,
  outcome: "done",
} as const;

/** A home of one run that was opened, and is gone now; `left`: with its empty folder left behind. */
async function withLostHome(
  left: boolean,
  use: (home: ObjectStore, folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (above) => {
    const folder = `${above}/home`;
    const { home } = open(new FileStore(folder));
    await home.put("runs/a/run.json", BODY);
    await Deno.rename(folder, `${above}/away`);
    if (left) await Deno.mkdir(folder);
    await use(home, folder);
    if (left) await Deno.remove(folder);
    await Deno.rename(`${above}/away`, folder);
    await home.put("runs/a/reviews/b.json", BODY);
    expect(await home.get("runs/a/run.json")).not.toBeNull();
  });
}

for (const left of [false, true]) {
  const how = left ? "leaves an empty folder" : "is moved away";

  Deno.test(`steadyHome() neither reads nor writes a home that ${how}, and goes on once it is back`, async () => {
    await withLostHome(left, async (home, folder) => {
      const lost = { kind: "storage" };
      await expect(home.create("runs/a/b", BODY)).rejects.toMatchObject(lost);
      await expect(home.put("runs/a/b", BODY)).rejects.toMatchObject(lost);
      await expect(home.get("runs/a/run.json")).rejects.toMatchObject(lost);
      await expect(home.peek("runs/a/run.json", 1)).rejects.toMatchObject(lost);
      await expect(Array.fromAsync(home.list("runs/"))).rejects
        .toMatchObject(lost);
      await expect(Array.fromAsync(home.folders("runs/"))).rejects
        .toMatchObject(lost);
      expect(await isThere(folder)).toBe(left);
      if (left) {
        expect(await Array.fromAsync(Deno.readDir(folder))).toEqual([]);
      }
    });
  });

  Deno.test(`createAuditLog() keeps its lines while the home ${how}`, async () => {
    await withLostHome(left, async (home, folder) => {
      const audit = createAuditLog(home, now);
      audit.record(EVENT);
      await expect(audit.flush()).rejects.toMatchObject({ kind: "storage" });
      expect(await isThere(`${folder}/audit`)).toBe(false);
    });
  });
}

Deno.test("steadyHome() marks a home at the first look, once", async () => {
  const store = memoryStore();
  await open(store).check();
  const first = await readRecord(store, HOME_KEY, homeRecordSchema);
  await open(store).check();
  expect(await readRecord(store, HOME_KEY, homeRecordSchema)).toEqual(first);
  expect(first?.createdAt).toBe("2026-11-24T12:00:00.000Z");
});

Deno.test("steadyHome() takes no empty store for a home of which runs are known", async () => {
  const store = memoryStore();
  await expect(open(store, true).check()).rejects.toThrow("--catalog");
  expect(await store.head(HOME_KEY)).toBeNull();
  await store.put("runs/a/run.json", BODY);
  await open(store, true).check();
  expect(await store.head(HOME_KEY)).not.toBeNull();
});

Deno.test("steadyHome() tells another home in its place", async () => {
  const store = memoryStore();
  const { home, check } = open(store);
  await check();
  await store.delete(HOME_KEY);
  await open(store).check();
  await expect(home.put("a", BODY)).rejects.toThrow("another home");
});

Deno.test("steadyHome() reads a home that it may not mark", async () => {
  const store = memoryStore();
  const denied = () =>
    Promise.reject(
      storageError(
        { operation: "create", location: store.location, key: HOME_KEY },
        "configuration",
        "access is denied",
      ),
    );
  const { home, check } = open({ ...store, create: denied });
  await check();
  expect(await home.get("a")).toBeNull();
});
