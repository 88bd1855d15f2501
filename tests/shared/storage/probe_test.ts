import { expect } from "@std/expect";
import { FileStore } from "../../../shared/storage/file_store.ts";
import { lastWriterWins } from "../../../shared/storage/last_writer.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import {
  canCreateConditionally,
  probeStore,
  type StoreReport,
} from "../../../shared/storage/probe.ts";
import { S3Store } from "../../../shared/storage/s3_store.ts";
import { substore } from "../../../shared/storage/substore.ts";
import { testWithS3 } from "../../support/s3_server.ts";
import { testWithSwift } from "../../support/s3_swift.ts";
import { testSettings, testStore } from "../../support/s3_store.ts";
import { withFolder } from "../../support/temporary_folder.ts";
import { bytesOf, keysOf } from "./contents.ts";

const { signal } = new AbortController();

/** A folder with other behaviour where `change` says so. */
function oddStore(
  folder: string,
  change: (store: ObjectStore) => Partial<ObjectStore>,
): ObjectStore {
  // A plain object, as an instance's methods would be lost when it is spread.
  const plain = substore(new FileStore(folder), "store");
  return { ...plain, ...change(plain) };
}

/** In a race nobody is answered what is there before all have asked: else one could be late enough to see another's. */
function allAtOnce(store: ObjectStore): ObjectStore {
  const asked = new Map<string, PromiseWithResolvers<void>[]>();
  return {
    ...store,
    async head(key, signal) {
      const head = await store.head(key, signal);
      if (!key.includes("-race-")) return head;
      const racers = asked.get(key) ?? [];
      asked.set(key, racers);
      racers.push(Promise.withResolvers());
      if (racers.length === 8) { for (const { resolve } of racers) resolve(); }
      await racers.at(-1)!.promise;
      return head;
    },
  };
}

/** What a check found, and whether it did. */
function found(
  { checks }: StoreReport,
  name: string,
): [boolean | null, string] {
  const check = checks.find((check) => check.name === name);
  if (check === undefined) throw new Error(`there is no check "${name}"`);
  return [check.ok, check.detail];
}

/** Names of the checks that did not succeed. */
function failures({ checks }: StoreReport): string[] {
  return checks.filter(({ ok }) => ok === false).map(({ name }) => name);
}

Deno.test("probeStore() finds that workers may share runs in a folder, and leaves nothing", async () => {
  await withFolder(async (folder) => {
    const report = await probeStore(new FileStore(folder), signal);
    expect(failures(report)).toEqual([]);
    expect(report.verdict).toBe("claims");
    expect(found(report, "refuse damaged uploads")[0]).toBe(null);
    expect(Array.from(Deno.readDirSync(folder))).toEqual([]);
  });
});

testWithS3(
  "probeStore() finds that workers may share runs on Ceph, and leaves nothing",
  async (server) => {
    const store = testStore(server);
    await store.put("mine", bytesOf("x"));
    const report = await probeStore(store, signal);
    expect(report.checks.map(({ ok }) => ok)).not.toContain(false);
    expect(report.checks.map(({ ok }) => ok)).not.toContain(null);
    expect(report).toMatchObject({
      location: store.location,
      verdict: "claims",
      promise:
        "Any number of workers may share a run here: exactly one result per case",
    });
    expect(await canCreateConditionally(store, signal)).toBe(true);
    expect(await keysOf(store.list(""))).toEqual(["mine"]);
  },
);

testWithSwift(
  "probeStore() finds that workers need shards on Swift, and leaves nothing",
  async (server) => {
    const store = testStore(server);
    await store.put("mine", bytesOf("x"));
    const report = await probeStore(store, signal);
    expect(failures(report)).toEqual(["create only once"]);
    expect(found(report, "create only once")[1]).toMatch(
      /^not supported: .*501/,
    );
    expect(report).toMatchObject({
      verdict: "shards",
      promise:
        "Each worker needs a shard of its own here, and of two results for a case the last written wins",
    });
    expect(await canCreateConditionally(store, signal)).toBe(false);
    expect(await keysOf(store.list(""))).toEqual(["mine"]);
  },
);

testWithSwift(
  "lastWriterWins() creates an object once on Swift",
  async (server) => {
    const store = lastWriterWins(testStore(server));
    expect(await store.create("a", bytesOf("first"))).toBe(true);
    expect(await store.create("a", bytesOf("second"))).toBe(false);
    expect((await store.peek("a", 9))?.body).toEqual(bytesOf("first"));
  },
);

const ODD: readonly (readonly [
  string,
  (store: ObjectStore) => Partial<ObjectStore>,
  StoreReport["verdict"],
  string,
  string,
])[] = [
  [
    "a server that ignores conditions",
    (store) => ({
      create: (key, body) => store.put(key, body).then(() => true),
    }),
    "shards",
    "create only once",
    "the condition is ignored: an object that stands is written over",
  ],
  [
    "a server that refuses conditions",
    () => ({
      create: () => Promise.reject(new Deno.errors.NotSupported("501")),
    }),
    "shards",
    "create only once",
    "not supported: 501",
  ],
  [
    "a server whose conditions hold only one after the other",
    (store) => ({ create: lastWriterWins(allAtOnce(store)).create }),
    "shards",
    "one winner at once",
    "of 8 at once, 8 were told that they made the object",
  ],
  [
    "a server whose clock is not that of its objects",
    () => ({ now: () => Promise.resolve(new Date(Date.now() - 3_600_000)) }),
    "shards",
    "tell the time",
    "an object written at",
  ],
  [
    "a server that lists late",
    (store) => ({
      async *list(prefix, options) {
        if (prefix === "") yield* store.list(prefix, options);
      },
    }),
    "unusable",
    "list what was written",
    "of 20 objects just written, it lists 0",
  ],
  [
    "a server that lists in another order",
    (store) => ({
      async *list(prefix, options) {
        yield* (await Array.fromAsync(store.list(prefix, options))).reverse();
      },
    }),
    "unusable",
    "list what was written",
    "it does not list keys in order",
  ],
  [
    "a server that ignores where a listing is to start",
    (store) => ({ list: (prefix) => store.list(prefix) }),
    "unusable",
    "list what was written",
    "a listing does not start where it is asked to",
  ],
  [
    "a server that lists what was deleted",
    (store) => ({
      delete: (key) =>
        key.endsWith("-00") ? Promise.resolve() : store.delete(key),
    }),
    "unusable",
    "list what was written",
    "an object is listed after it was deleted",
  ],
  [
    "a server that keeps what is deleted",
    (store) => ({
      delete: (key) =>
        key.endsWith("-deleted") ? Promise.resolve() : store.delete(key),
    }),
    "unusable",
    "delete",
    "an object is still there after it was deleted",
  ],
  [
    "a server that ignores ranges",
    (store) => ({
      get: (key, { range: _range, ...options } = {}) => store.get(key, options),
    }),
    "unusable",
    "read ranges",
    "of 0123456789, asked for 3456 and 0123, came 0123456789, 0123, 10, 10",
  ],
  [
    "a server that changes what it stores",
    (store) => ({
      put: (key, body) => store.put(key, body.toReversed()),
    }),
    "unusable",
    "write and read back",
    "what is read is not what was written",
  ],
  [
    "a server that may only be read",
    () => ({ put: () => Promise.reject(new Error("access is denied")) }),
    "unusable",
    "write and read back",
    "access is denied",
  ],
];

for (const [what, change, verdict, name, detail] of ODD) {
  Deno.test(`probeStore() finds out about ${what}`, async () => {
    await withFolder(async (folder) => {
      const store = oddStore(folder, change);
      const report = await probeStore(store, signal);
      expect(failures(report)).toContain(name);
      expect(found(report, name)).toEqual([
        false,
        expect.stringContaining(detail),
      ]);
      expect(report.verdict).toBe(verdict);
    });
  });
}

Deno.test("probeStore() removes what it wrote when a check fails or it is stopped", async () => {
  await withFolder(async (folder) => {
    const stop = new AbortController();
    const reason = new DOMException("stopped by SIGINT", "AbortError");
    const store = oddStore(folder, (store) => ({
      create: async (key, body) => {
        await store.put(key, body);
        stop.abort(reason);
        throw new Error("broken");
      },
    }));
    await expect(probeStore(store, stop.signal)).rejects.toBe(reason);
    expect(await keysOf(store.list(""))).toEqual([]);

    const report = await probeStore(store, signal);
    expect(found(report, "create only once")).toEqual([false, "broken"]);
    expect(found(report, "one winner at once")[0]).toBe(null);
    expect(await keysOf(store.list(""))).toEqual([]);

    await expect(canCreateConditionally(store, signal)).rejects.toThrow(
      "broken",
    );
    expect(await keysOf(store.list(""))).toEqual([]);
  });
});

testWithS3(
  "probeStore() tries nothing more where the bucket is not there",
  async (server) => {
    const store = new S3Store("no-such-bucket", "", testSettings(server));
    const report = await probeStore(store, signal);
    expect(report.promise).toBe(
      "No run can be kept here: cannot list s3://no-such-bucket: there is no such bucket",
    );
    expect(report.checks.map(({ ok }) => ok)).toEqual([
      false,
      ...Array(8).fill(null),
    ]);
    await expect(canCreateConditionally(store, signal)).rejects.toMatchObject({
      kind: "configuration",
    });
  },
);

Deno.test("canCreateConditionally() tells stores with conditions from those without", async () => {
  await withFolder(async (folder) => {
    const ignoring = oddStore(folder, (store) => ({
      create: (key, body) => store.put(key, body).then(() => true),
    }));
    const refusing = oddStore(folder, () => ({
      create: () => Promise.reject(new Deno.errors.NotSupported("501")),
    }));
    const folderStore = new FileStore(folder);
    expect(await canCreateConditionally(folderStore, signal)).toBe(true);
    expect(await canCreateConditionally(ignoring, signal)).toBe(false);
    expect(await canCreateConditionally(refusing, signal)).toBe(false);
    expect(await keysOf(folderStore.list(""))).toEqual([]);
  });
});
