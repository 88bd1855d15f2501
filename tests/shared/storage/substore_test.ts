import { expect } from "@std/expect";
import { FileStore } from "../../../shared/storage/file_store.ts";
import { substore } from "../../../shared/storage/substore.ts";
import { withFolder } from "../../support/temporary_folder.ts";
import { bytesOf, keysOf, textOf } from "./contents.ts";
import { testContract } from "./contract.ts";

testContract((name, fn) =>
  Deno.test(`substore() ${name}`, () =>
    withFolder(async (folder) => {
      const store = new FileStore(folder);
      await store.put("a", bytesOf("before"));
      await store.put("runs/r10", bytesOf("beside"));
      await store.put("z", bytesOf("after"));
      await fn(substore(store, "runs/r1"));
      expect(textOf(await store.get("runs/r10"))).toBe("beside");
    }))
);

Deno.test("substore() shows the objects below a folder under their names there", async () => {
  await withFolder(async (folder) => {
    const store = new FileStore(folder);
    const below = substore(store, "runs/r1");
    await below.put("run.json", bytesOf("plan"));
    expect(below.location).toBe(`${store.location}/runs/r1`);
    expect(await keysOf(store.list(""))).toEqual(["runs/r1/run.json"]);
    expect(textOf(await store.get("runs/r1/run.json"))).toBe("plan");
    expect(() => substore(store, "../x")).toThrow(RangeError);
  });
});
