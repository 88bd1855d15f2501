/** @module Files of cases in parts. */
import { expect } from "@std/expect";
import {
  createFileReader,
  PART_BYTES,
} from "../../../dashboard/cases/read_file.ts";
import { sha256 } from "../../../shared/runs/sha256.ts";
import { FileStore } from "../../../shared/storage/file_store.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { memoryStore, stepped } from "../../support/memory_store.ts";
import { withFolder } from "../../support/temporary_folder.ts";

const BYTES = Uint8Array.from({ length: 100 }, (_, n) => n);
const WHOLE = { start: 0, end: 100 };

async function storeWithFile() {
  const store = memoryStore();
  await store.put("a", BYTES);
  return store;
}

async function read(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

Deno.test("stream() gives the bytes of a range, part by part", async () => {
  const asked: number[] = [];
  const store = await storeWithFile();
  const counting = stepped(store, (what, _, when) => {
    if (what === "get" && when === "before") asked.push(asked.length);
    return Promise.resolve();
  });
  const { stream } = createFileReader({ partBytes: 30 });
  const range = { start: 5, end: 95 };
  const bytes = await read(
    stream({ store: counting, key: "a", range, sha256: null }),
  );
  expect(bytes).toEqual(BYTES.subarray(5, 95));
  expect(asked.length).toBe(3);
});

Deno.test("stream() reads nothing before somebody takes it, and holds no more parts than it may", async () => {
  let held = 0;
  let most = 0;
  const store = stepped(await storeWithFile(), (what, _, when) => {
    if (what === "get") held += when === "before" ? 1 : -1;
    most = Math.max(most, held);
    return Promise.resolve();
  });
  const { stream } = createFileReader({ partBytes: 10, mostParts: 2 });
  const streams = Array.from(
    { length: 8 },
    () => stream({ store, key: "a", range: WHOLE, sha256: null }),
  );
  await Promise.resolve();
  expect(most).toBe(0);
  for (const bytes of await Promise.all(streams.map(read))) {
    expect(bytes).toEqual(BYTES);
  }
  expect(most).toBe(2);
});

Deno.test("stream() fails before the last bytes of a file that is not what was committed", async () => {
  const store = await storeWithFile();
  const { stream } = createFileReader({ partBytes: 60 });
  const what = { store, key: "a", range: WHOLE };
  expect(await read(stream({ ...what, sha256: await sha256(BYTES) })))
    .toEqual(BYTES);
  const other = stream({ ...what, sha256: "0".repeat(64) });
  const reader = other.getReader();
  expect((await reader.read()).value?.length).toBe(60);
  await expect(reader.read()).rejects.toThrow("it is not what it was");
});

Deno.test("stream() fails when the file changes between two parts", async () => {
  const store = await storeWithFile();
  const { stream } = createFileReader({ partBytes: 60 });
  const reader = stream({ store, key: "a", range: WHOLE, sha256: null })
    .getReader();
  await reader.read();
  await store.put("a", BYTES);
  await expect(reader.read()).rejects.toThrow("was changed while it was read");
});

Deno.test("stream() leaves its place to others when whoever asked has gone", async () => {
  const gate = Promise.withResolvers<void>();
  const store = stepped(
    await storeWithFile(),
    (_, __, when) => when === "before" ? gate.promise : Promise.resolve(),
  );
  const { stream } = createFileReader({ mostParts: 1 });
  const what = { store, key: "a", range: WHOLE, sha256: null };
  const first = read(stream(what));
  const second = stream(what).getReader();
  const asked = second.read();
  const third = read(stream(what));
  await second.cancel("gone");
  expect((await asked).done).toBe(true);
  gate.resolve();
  expect(await first).toEqual(BYTES);
  expect(await third).toEqual(BYTES);
});

Deno.test("stream() holds a small part for whom takes no more, and lets others go on", async () => {
  const scan = new Uint8Array(64 * 1024 * 1024);
  const plain = memoryStore();
  await plain.put("scan", scan);
  let askedBytes = 0;
  const store: ObjectStore = {
    ...plain,
    get(key, options) {
      const { start, end } = options!.range!;
      askedBytes += end - start;
      return plain.get(key, options);
    },
  };
  const { stream } = createFileReader();
  const range = { start: 0, end: scan.length };
  const what = { store, key: "scan", range, sha256: null };
  const slow = Array.from({ length: 20 }, () => stream(what).getReader());
  // Each takes one piece, and then nothing any more.
  await Promise.all(slow.map((reader) => reader.read()));
  expect(askedBytes).toBe(20 * PART_BYTES);
  expect(20 * PART_BYTES).toBeLessThanOrEqual(scan.length);
  expect((await read(stream(what))).length).toBe(scan.length);
  expect(askedBytes).toBe(20 * PART_BYTES + scan.length);
  await Promise.all(slow.map((reader) => reader.cancel("gone")));
});

Deno.test("stream() reads of a folder no more than the part that is taken", async () => {
  await withFolder(async (folder) => {
    const scan = new Uint8Array(8 * PART_BYTES);
    const plain = new FileStore(folder);
    await plain.put("scan", scan);
    const etags = new Set<string>();
    const store = stepped(plain, () => Promise.resolve());
    const watched: ObjectStore = {
      ...store,
      async get(key, options) {
        const part = await store.get(key, options);
        etags.add(part!.etag);
        return part;
      },
    };
    const { stream } = createFileReader();
    const range = { start: 0, end: scan.length };
    const whole = await sha256(scan);
    const bytes = await read(
      stream({ store: watched, key: "scan", range, sha256: whole }),
    );
    expect(bytes.length).toBe(scan.length);
    // The store's own ETag is that of the whole content, which it would have had to read.
    expect(etags.size).toBe(1);
    expect(etags.has(whole)).toBe(false);
  });
});
