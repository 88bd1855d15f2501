import { expect } from "@std/expect";
import { FileStore } from "../../../shared/storage/file_store.ts";
import { lastWriterWins } from "../../../shared/storage/last_writer.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { testStore } from "../../support/s3_store.ts";
import { testWithSwift } from "../../support/s3_swift.ts";
import { withFolder } from "../../support/temporary_folder.ts";
import { bytesOf, textOf } from "./contents.ts";
import { testContract } from "./contract.ts";

/** A folder that, like some servers, cannot create conditionally. */
function unconditionalStore(folder: string): ObjectStore {
  class Unconditional extends FileStore {
    override create(): Promise<boolean> {
      return Promise.reject(new Deno.errors.NotSupported("no conditions"));
    }
  }
  return new Unconditional(folder);
}

/** Everything that stores promise holds for the wrapped one, but for races. */
testContract((name, fn) => {
  if (name.startsWith("create() has exactly one winner")) return;
  Deno.test(
    `lastWriterWins() ${name}`,
    () =>
      withFolder((folder) =>
        fn(lastWriterWins(unconditionalStore(`${folder}/store`)))
      ),
  );
});

Deno.test("lastWriterWins() lets the last of two at once win, and each record is whole", async () => {
  await withFolder(async (folder) => {
    const below = unconditionalStore(folder);
    let looking = 0;
    const bothLooked = Promise.withResolvers<void>();
    const store = lastWriterWins({
      ...lastWriterWins(below),
      async head(key, signal) {
        const head = await below.head(key, signal);
        if (++looking === 2) bothLooked.resolve();
        await bothLooked.promise;
        return head;
      },
    });
    const made = await Promise.all([
      store.create("record", bytesOf("mine")),
      store.create("record", bytesOf("theirs")),
    ]);
    expect(made).toEqual([true, true]);
    expect(["mine", "theirs"]).toContain(textOf(await store.get("record")));
    expect(await store.create("record", bytesOf("late"))).toBe(false);
  });
});

/** Too many objects for a server that writes fifty a second, and what only conditions can do. */
const NOT_ON_SWIFT =
  /^(create\(\) has exactly one winner|list\(\) goes on past)/;

testContract((name, fn) => {
  if (NOT_ON_SWIFT.test(name)) return;
  testWithSwift(
    `lastWriterWins() on Swift ${name}`,
    (server) => fn(lastWriterWins(testStore(server))),
  );
});
