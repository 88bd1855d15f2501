/**
 * What every store must do, whatever it is made of.
 * @module
 */
import { expect } from "@std/expect";
import type {
  ObjectInfo,
  ObjectStore,
} from "../../../shared/storage/object_store.ts";

/** Registers one test; gets a fresh, empty store. */
export type StoreTest = (
  name: string,
  fn: (store: ObjectStore) => Promise<void>,
) => void;

const MIB = 1 << 20;

/** Keys in UTF-8 byte order, with what is awkward in folders, URLs, XML and UTF-16. */
const AWKWARD_KEYS = [
  " leading space",
  "%2e%2e/percent",
  "+plus +",
  "-dash",
  "a b/c d",
  "a-b",
  "a.txt",
  "a/1",
  "a/b/c",
  "a0",
  `q&<>'"/?x=1#y;:@$,*()[]{}|^~\`!`,
  "trailing space ",
  "ü/é",
  "日本語/症例 1",
  "\uFFEEhalf width",
  "\u{1F9E0}/scan.nii.gz",
];

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

export function textOf(
  object: { readonly body: Uint8Array } | null,
): string | null {
  return object && new TextDecoder().decode(object.body);
}

export async function keysOf(
  objects: AsyncIterable<ObjectInfo>,
): Promise<string[]> {
  return (await Array.fromAsync(objects)).map(({ key }) => key);
}

/** Bytes that differ from place to place, so that a wrong offset shows. */
export function patternBytes(
  length: number,
  seed = 1,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** Equal, without the cost of comparing large arrays element by element in a matcher. */
export function expectSameBytes(
  actual: Uint8Array | undefined,
  wanted: Uint8Array,
): void {
  expect(actual?.length).toBe(wanted.length);
  expect(actual?.findIndex((byte, i) => byte !== wanted[i])).toBe(-1);
}

/** Registers the tests that every store passes. */
export function testContract(test: StoreTest): void {
  testReading(test);
  testPeeking(test);
  testWriting(test);
  testListing(test);
}

function testReading(test: StoreTest): void {
  test("get() and head() answer null when there is no object", async (store) => {
    await store.put("folder/object", bytesOf("x"));
    for (
      const key of ["none", "folder", "folder/none", "folder/object/below"]
    ) {
      expect(await store.get(key)).toBe(null);
      expect(await store.head(key)).toBe(null);
    }
  });

  test("get() returns what put() wrote, with size, time and ETag", async (store) => {
    const before = Date.now();
    const body = bytesOf("some content");
    const etag = await store.put("a/b.txt", body, {
      contentType: "text/plain",
    });
    const object = await store.get("a/b.txt");
    const head = await store.head("a/b.txt");
    expect(head).toEqual({
      key: "a/b.txt",
      bytes: 12,
      etag,
      modifiedAt: expect.any(Date),
    });
    expect(object).toEqual({ ...head, body });
    expect(etag).toMatch(/^[^"]+$/);
    // S3 tells whole seconds.
    const time = head?.modifiedAt.getTime();
    expect(time).toBeGreaterThan(before - 2000);
    expect(time).toBeLessThan(Date.now() + 2000);
  });

  test("get() returns an empty object", async (store) => {
    await store.put("empty", new Uint8Array(0));
    const object = await store.get("empty", { maxBytes: 0 });
    expect(object?.bytes).toBe(0);
    expect(object?.body).toEqual(new Uint8Array(0));
  });

  test("get() returns ranges, clamped to the object, beside the whole object's size and ETag", async (store) => {
    const etag = await store.put("ten", bytesOf("0123456789"));
    await store.put("empty", new Uint8Array(0));
    const cases = [
      ["ten", 0, 4, "0123"],
      ["ten", 3, 7, "3456"],
      ["ten", 9, 10, "9"],
      ["ten", 8, 100, "89"],
      ["ten", 0, 10, "0123456789"],
      ["ten", 5, 5, ""],
      ["ten", 10, 12, ""],
      ["ten", 50, 60, ""],
      ["empty", 0, 5, ""],
    ] as const;
    for (const [key, start, end, wanted] of cases) {
      const object = await store.get(key, { range: { start, end } });
      expect([key, start, end, textOf(object)]).toEqual([
        key,
        start,
        end,
        wanted,
      ]);
      if (key === "ten") {
        expect([object?.bytes, object?.etag]).toEqual([10, etag]);
      }
    }
    expect(await store.get("none", { range: { start: 0, end: 4 } })).toBe(null);
    expect(await store.get("none", { range: { start: 4, end: 4 } })).toBe(null);
  });

  test("get() refuses a range that is none", async (store) => {
    for (
      const [start, end] of [[-1, 2], [3, 2], [0.5, 2], [0, Infinity], [
        NaN,
        1,
      ]] as const
    ) {
      await expect(store.get("ten", { range: { start, end } })).rejects.toThrow(
        RangeError,
      );
    }
  });

  test("get() refuses to hold more than maxBytes, of the object or of the range asked for", async (store) => {
    await store.put("folder/ten", bytesOf("0123456789"));
    expect((await store.get("folder/ten", { maxBytes: 10 }))?.bytes).toBe(10);
    const range = { start: 2, end: 5 };
    expect(textOf(await store.get("folder/ten", { maxBytes: 3, range }))).toBe(
      "234",
    );
    const tooLarge = () => store.get("folder/ten", { maxBytes: 9 });
    await expect(tooLarge()).rejects.toThrow(RangeError);
    await expect(tooLarge()).rejects.toThrow(
      `Cannot read ${store.location}/folder/ten as it would take 10 bytes: at most 9 are allowed`,
    );
    await expect(store.get("folder/ten", { maxBytes: 2, range })).rejects
      .toThrow(RangeError);
  });
}

function testPeeking(test: StoreTest): void {
  test("peek() returns an object's start and its whole size", async (store) => {
    await store.put("folder/ten", bytesOf("0123456789"));
    await store.put("empty", new Uint8Array(0));
    const cases = [
      ["folder/ten", 4, 10, "0123"],
      ["folder/ten", 10, 10, "0123456789"],
      ["folder/ten", 1000, 10, "0123456789"],
      ["folder/ten", 0, 10, ""],
      ["empty", 4, 0, ""],
      ["empty", 0, 0, ""],
    ] as const;
    for (const [key, maxBytes, bytes, start] of cases) {
      const peeked = await store.peek(key, maxBytes);
      expect(peeked).toEqual({ bytes, body: bytesOf(start) });
    }
    for (const key of ["none", "folder", "folder/ten/below"]) {
      expect(await store.peek(key, 4)).toBe(null);
    }
    for (const maxBytes of [-1, 0.5, Infinity]) {
      await expect(store.peek("empty", maxBytes)).rejects.toThrow(RangeError);
    }
  });

  test("now() tells the clock that objects' times are told by", async (store) => {
    const first = await store.now();
    await store.put("a", bytesOf("x"));
    const written = (await store.head("a"))?.modifiedAt ?? new Date(0);
    const second = await store.now();
    // Whole seconds, cut off, on either side.
    expect(written.getTime() - first.getTime()).toBeGreaterThan(-1000);
    expect(second.getTime() - written.getTime()).toBeGreaterThan(-1000);
    expect(second.getTime() - first.getTime()).toBeLessThan(60_000);
    expect(await keysOf(store.list(""))).toEqual(["a"]);
  });
}

function testWriting(test: StoreTest): void {
  test("put() replaces an object, and its ETag tells contents apart", async (store) => {
    const first = await store.put("object", bytesOf("first, long content"));
    const second = await store.put("object", bytesOf("second"));
    const again = await store.put("object", bytesOf("first, long content"));
    expect(second).not.toBe(first);
    expect(again).toBe(first);
    expect(textOf(await store.get("object"))).toBe("first, long content");
  });

  test("put() and get() carry 20 MiB and an odd number of bytes unchanged", async (store) => {
    const body = patternBytes(20 * MIB + 7);
    const etag = await store.put("large", body, {
      contentType: "application/gzip",
    });
    const object = await store.get("large", { maxBytes: body.length });
    expectSameBytes(object?.body, body);
    expect(object?.etag).toBe(etag);
    const range = { start: 8 * MIB - 5, end: 8 * MIB + 5 };
    expect((await store.get("large", { range }))?.body).toEqual(
      body.slice(range.start, range.end),
    );
  });

  test("put() writes a view of a larger buffer, and only that", async (store) => {
    await store.put("view", bytesOf("0123456789").subarray(3, 6));
    expect(textOf(await store.get("view"))).toBe("345");
  });

  test("create() makes an object once and changes none", async (store) => {
    expect(await store.create("new/record.json", bytesOf("mine"))).toBe(true);
    expect(await store.create("new/record.json", bytesOf("theirs"))).toBe(
      false,
    );
    expect(textOf(await store.get("new/record.json"))).toBe("mine");
    await store.put("put", bytesOf("put"));
    expect(await store.create("put", bytesOf("created"))).toBe(false);
    await store.delete("put");
    expect(await store.create("put", bytesOf("created"))).toBe(true);
    expect(textOf(await store.get("put"))).toBe("created");
  });

  test("create() has exactly one winner among 16 at once, and the object is the winner's", async (store) => {
    for (let round = 0; round < 3; round++) {
      const key = `race/${round}`;
      const wins = await Promise.all(
        Array.from(
          { length: 16 },
          (_, i) => store.create(key, bytesOf(`racer ${i}`)),
        ),
      );
      const winners = wins.flatMap((won, i) => won ? [`racer ${i}`] : []);
      expect(winners).toHaveLength(1);
      expect(textOf(await store.get(key))).toBe(winners[0]);
    }
  });

  test("delete() removes one object, and nothing when there is none", async (store) => {
    await store.put("a/b", bytesOf("x"));
    await store.put("a/c", bytesOf("y"));
    await store.delete("a/b");
    await store.delete("a/b");
    await store.delete("a");
    expect(await store.get("a/b")).toBe(null);
    expect(await keysOf(store.list(""))).toEqual(["a/c"]);
  });

  test("every call refuses keys that could mean another place", async (store) => {
    const keys = [
      "",
      "/",
      "/abs",
      "a/",
      "a//b",
      ".",
      "..",
      "../x",
      "a/../b",
      "a/./b",
      "a\\b",
      "a\0b",
      "\ud800",
    ];
    for (
      const key of [
        ...keys,
        "x".repeat(1025),
        "a/.uptake-00000000-0000-4000-8000-000000000000.tmp",
      ]
    ) {
      await expect(store.get(key)).rejects.toThrow(RangeError);
      await expect(store.head(key)).rejects.toThrow(RangeError);
      await expect(store.peek(key, 1)).rejects.toThrow(RangeError);
      await expect(store.put(key, bytesOf("x"))).rejects.toThrow(RangeError);
      await expect(store.create(key, bytesOf("x"))).rejects.toThrow(RangeError);
      await expect(store.delete(key)).rejects.toThrow(RangeError);
    }
    for (const prefix of ["/", "../", "a//", "a/../", "a\0"]) {
      await expect(keysOf(store.list(prefix))).rejects.toThrow(RangeError);
    }
    await expect(store.get("../x")).rejects.toThrow(
      'Cannot use "../x" as a key: it holds the name ".."',
    );
  });

  test("every call ends with the signal's reason", async (store) => {
    const signal = AbortSignal.abort(
      new DOMException("stopped by SIGINT", "AbortError"),
    );
    const calls = [
      () => store.get("a", { signal }),
      () => store.head("a", signal),
      () => store.peek("a", 1, signal),
      () => store.now(signal),
      () => store.put("a", bytesOf("x"), { signal }),
      () => store.create("a", bytesOf("x"), { signal }),
      () => store.delete("a", signal),
    ];
    for (const call of calls) await expect(call()).rejects.toBe(signal.reason);
    expect(await store.get("a")).toBe(null);
    await store.put("a", bytesOf("x"));
    await expect(keysOf(store.list("", { signal }))).rejects.toBe(
      signal.reason,
    );
  });
}

function testListing(test: StoreTest): void {
  test("list() of nothing is empty", async (store) => {
    expect(await keysOf(store.list(""))).toEqual([]);
    expect(await keysOf(store.list("none/at/all"))).toEqual([]);
  });

  test("list() yields awkward keys in UTF-8 byte order, each of which can be read", async (store) => {
    const shuffled = AWKWARD_KEYS.toReversed();
    await Promise.all(shuffled.map((key) => store.put(key, bytesOf(key))));
    const listed = await Array.fromAsync(store.list(""));
    expect(listed.map(({ key }) => key)).toEqual(AWKWARD_KEYS);
    for (const { key, bytes, modifiedAt } of listed) {
      const head = await store.head(key);
      expect(textOf(await store.get(key))).toBe(key);
      expect(bytes).toBe(bytesOf(key).length);
      // A listing may tell the time more finely than the object itself.
      expect(Math.abs(modifiedAt.getTime() - (head?.modifiedAt.getTime() ?? 0)))
        .toBeLessThan(1001);
    }
  });

  test("list() takes a prefix as text, and starts after a key that need not exist", async (store) => {
    for (const key of ["a", "a.b", "ab/1", "ab/2", "ab/3/x", "ab0", "b"]) {
      if (key !== "a") await store.put(key, bytesOf(key));
    }
    const cases: [string, string | undefined, string[]][] = [
      ["a", undefined, ["a.b", "ab/1", "ab/2", "ab/3/x", "ab0"]],
      ["ab/", undefined, ["ab/1", "ab/2", "ab/3/x"]],
      ["ab/3", undefined, ["ab/3/x"]],
      ["ab/3/x", undefined, ["ab/3/x"]],
      ["ab/3/x/", undefined, []],
      [".", undefined, []],
      ["", "ab/1", ["ab/2", "ab/3/x", "ab0", "b"]],
      ["", "ab/2zzz", ["ab/3/x", "ab0", "b"]],
      ["", "ab/3/x", ["ab0", "b"]],
      ["ab/", "ab/2", ["ab/3/x"]],
      ["ab/", "a", ["ab/1", "ab/2", "ab/3/x"]],
      ["ab/", "b", []],
    ];
    for (const [prefix, startAfter, wanted] of cases) {
      const options = startAfter === undefined ? {} : { startAfter };
      const keys = await keysOf(store.list(prefix, options));
      expect([prefix, startAfter, keys]).toEqual([prefix, startAfter, wanted]);
    }
  });

  test("folders() tells the names directly below a prefix, and not what is in them", async (store) => {
    const keys = ["r/a b/1", "r/a b/c/2", "r/a-b/1", "r/a.txt", "r/a/1", "s/1"];
    for (const key of keys) await store.put(key, bytesOf(key));
    const folders = (startAfter?: string) =>
      Array.fromAsync(
        store.folders("r/", startAfter === undefined ? {} : { startAfter }),
      );
    expect(await folders()).toEqual(["a b", "a-b", "a"]);
    expect(await folders("r/a b0")).toEqual(["a-b", "a"]);
    expect(await folders("r/a b/1")).toEqual(["a-b", "a"]);
    expect(await folders("r/b")).toEqual([]);
    await store.delete("r/a-b/1");
    expect(await folders()).toEqual(["a b", "a"]);
    expect(await Array.fromAsync(store.folders("none/"))).toEqual([]);
  });

  test("get() of parts tells whether the object was written anew between them", async (store) => {
    await store.put("a", bytesOf("0123456789"));
    const part = async (start: number) =>
      (await store.get("a", {
        isPart: true,
        range: { start, end: start + 4 },
      }))!;
    const first = await part(0);
    const second = await part(4);
    expect([textOf(first), textOf(second)]).toEqual(["0123", "4567"]);
    expect([first.bytes, second.etag]).toEqual([10, first.etag]);
    await store.put("a", bytesOf("0123456789!"));
    expect((await part(4)).etag).not.toBe(first.etag);
  });

  test("list() goes on past a page of 1000, and may be left early", async (store) => {
    const keys = Array.from(
      { length: 1005 },
      (_, i) => `many/${String(i).padStart(4, "0")}`,
    );
    for (let i = 0; i < keys.length; i += 64) {
      await Promise.all(
        keys.slice(i, i + 64).map((key) => store.put(key, new Uint8Array(0))),
      );
    }
    expect(await keysOf(store.list("many/"))).toEqual(keys);
    expect(await keysOf(store.list("", { startAfter: "many/1002" }))).toEqual([
      "many/1003",
      "many/1004",
    ]);
    for await (const { key } of store.list("")) {
      expect(key).toBe("many/0000");
      break;
    }
  });
}
