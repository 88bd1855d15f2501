/** @module Listing objects and folders. */
import { expect } from "@std/expect";
import { bytesOf, keysOf, textOf } from "../contents.ts";
import type { StoreTest } from "../contract.ts";

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

export function testListing(test: StoreTest): void {
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
