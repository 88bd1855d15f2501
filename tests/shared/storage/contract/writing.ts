/** @module Writing, creating and deleting. */
import { expect } from "@std/expect";
import {
  bytesOf,
  expectSameBytes,
  keysOf,
  patternBytes,
  textOf,
} from "../contents.ts";
import type { StoreTest } from "../contract.ts";

const MIB = 1 << 20;

export function testWriting(test: StoreTest): void {
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
