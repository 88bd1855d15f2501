/** @module Reading whole objects, ranges, starts and parts, and telling the time. */
import { expect } from "@std/expect";
import { bytesOf, keysOf, textOf } from "../contents.ts";
import type { StoreTest } from "../contract.ts";

export function testReading(test: StoreTest): void {
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
}

export function testPeeking(test: StoreTest): void {
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
