/** @module The index as a file: made, shared, damaged, of another version. */
import { expect } from "@std/expect";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  isTornError,
  openCatalog,
} from "../../../shared/catalog/open_catalog.ts";
import { cases } from "../../../shared/catalog/queries/cases.ts";
import { runs } from "../../../shared/catalog/queries/runs.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { withFolder } from "../../support/temporary_folder.ts";
import { emptyHome, putFinishedRun } from "./homes.ts";

const RUN = "20260101T000000Z-aaaaaa";

/** Every row of every table that stands for something read, with what tells one index from another left out. */
function contents(path: string): string {
  const database = new DatabaseSync(path, { readOnly: true });
  const tables = [
    "datasets",
    "checkpoints",
    "runs",
    "cases",
    "measures",
    "groups",
  ];
  const rows = tables.map((table) =>
    database.prepare(`SELECT * FROM ${table}`).all()
  );
  database.close();
  return JSON.stringify(rows);
}

async function withHome(
  use: (home: {
    readonly path: string;
    readonly store: ObjectStore;
    /** Opens the file, brings it up to date, closes it; tells how many records were read. */
    index(): Promise<number>;
  }) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, "new", "catalog.sqlite");
    const { store } = emptyHome();
    await putFinishedRun(store, RUN, Array.from({ length: 200 }, () => 0.5));
    await use({
      path,
      store,
      async index() {
        const catalog = openCatalog(path);
        const { refresh } = emptyHome(catalog, store);
        const { recordsRead } = await refresh();
        catalog.close();
        return recordsRead;
      },
    });
  });
}

Deno.test("openCatalog() makes the file and its folder, and finds them again", async () => {
  await withHome(async ({ path, index }) => {
    expect(await index()).toBe(201);
    const before = contents(path);
    expect(await index()).toBe(0);
    expect(contents(path)).toBe(before);
  });
});

Deno.test("openCatalog() makes a removed file anew, with the same contents", async () => {
  await withHome(async ({ path, index }) => {
    await index();
    const before = contents(path);
    Deno.removeSync(path);
    expect(await index()).toBe(201);
    expect(contents(path)).toBe(before);
  });
});

const DAMAGES: Readonly<Record<string, (path: string) => void>> = {
  "is no database": (path) =>
    Deno.writeTextFileSync(path, "something else ".repeat(1000)),
  "was cut off": (path) =>
    Deno.truncateSync(path, Deno.statSync(path).size - 8192),
  "is empty": (path) => Deno.truncateSync(path, 0),
  "is of another version": (path) => {
    const database = new DatabaseSync(path);
    database.exec("PRAGMA user_version = 9999");
    database.close();
  },
};
for (const [name, harm] of Object.entries(DAMAGES)) {
  Deno.test(`openCatalog() makes a file anew that ${name}`, async () => {
    await withHome(async ({ path, index }) => {
      await index();
      const before = contents(path);
      harm(path);
      expect(await index()).toBe(201);
      expect(contents(path)).toBe(before);
    });
  });
}

Deno.test("openCatalog() sets a file aside that bears no mark of an index", async () => {
  await withHome(async ({ path, index }) => {
    await index();
    Deno.writeTextFileSync(path, "a letter");
    await index();
    expect(Deno.readTextFileSync(`${path}.damaged`)).toBe("a letter");
  });
});

Deno.test("openCatalog() refuses a database of something else, and leaves it alone", async () => {
  await withFolder((folder) => {
    const path = join(folder, "letters.sqlite");
    const database = new DatabaseSync(path);
    database.exec("CREATE TABLE letters (text)");
    database.close();
    const before = Deno.readFileSync(path);
    expect(() => openCatalog(path)).toThrow("a database of something else");
    expect(Deno.readFileSync(path)).toEqual(before);
    return Promise.resolve();
  });
});

/** Damages a page that is not looked at when the file is opened: the first of a table. */
function damage(path: string, table: "runs" | "measures"): void {
  const database = new DatabaseSync(path);
  const row = database.prepare(
    "SELECT rootpage FROM sqlite_schema WHERE name = ?",
  ).get(table);
  database.close();
  const end = Number(row?.rootpage) * 4096;
  Deno.writeFileSync(path, Deno.readFileSync(path).fill(0xff, end - 4096, end));
}

Deno.test("refresh() makes a file anew that turns out to be damaged", async () => {
  await withHome(async ({ path, index }) => {
    await index();
    const before = contents(path);
    damage(path, "runs");
    expect(await index()).toBe(201);
    expect(contents(path)).toBe(before);
  });
});

Deno.test("refresh() makes a file anew that somebody else found damaged, where it would not look itself", async () => {
  await withHome(async ({ path, store, index }) => {
    await index();
    const before = contents(path);
    damage(path, "measures");
    const catalog = openCatalog(path);
    const { refresh } = emptyHome(catalog, store);
    expect((await refresh()).recordsRead).toBe(0);
    expect(catalog.isTorn).toBe(false);
    let thrown: unknown = null;
    try {
      cases(catalog, { runId: RUN });
    } catch (error) {
      thrown = error;
    }
    expect(isTornError(thrown)).toBe(true);
    expect(catalog.isTorn).toBe(true);
    expect((await refresh()).recordsRead).toBe(201);
    expect(catalog.isTorn).toBe(false);
    catalog.close();
    expect(contents(path)).toBe(before);
  });
});

Deno.test("a file can be read while another process writes to it, and sees nothing half-written", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "catalog.sqlite");
    const [writer, reader] = [openCatalog(path), openCatalog(path)];
    const { store, refresh } = emptyHome(writer);
    await putFinishedRun(store, RUN, [0.5]);
    await refresh();
    writer.transaction(() => {
      writer.run("UPDATE runs SET nReviewed = 7");
      expect(runs(reader).items[0]?.nReviewed).toBe(0);
    });
    expect(runs(reader).items[0]?.nReviewed).toBe(7);
    writer.close();
    reader.close();
  });
});

Deno.test("two who index the same home into one file do not differ", async () => {
  await withHome(async ({ path, index }) => {
    await Promise.all([index(), index()]);
    const together = contents(path);
    Deno.removeSync(path);
    await index();
    expect(contents(path)).toBe(together);
  });
});

Deno.test("transaction() writes all or nothing", () => {
  const catalog = openCatalog(":memory:");
  const insert = () =>
    catalog.run("INSERT INTO facts VALUES ('indexedAt', '2026-01-01')");
  expect(() =>
    catalog.transaction(() => {
      insert();
      throw new Error("no");
    })
  ).toThrow("no");
  expect(catalog.all("SELECT * FROM facts")).toEqual([]);
  catalog.transaction(insert);
  expect(catalog.all("SELECT * FROM facts").length).toBe(1);
  catalog.close();
});
