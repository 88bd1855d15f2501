/**
 * Opens the index. It only repeats what records say: one of another version, or one that is damaged, is removed
 * and made anew. A file that was never one is left alone, or set aside where it cannot be told.
 *
 * Any number of processes may read a file, also while one writes to it (WAL). Writers wait for each other: their
 * transactions are short, and each says what records say, so that two who index the same home do the work twice
 * but never differ.
 * @module
 */
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from "./schema.ts";

/** What a column may hold. */
export type Value = string | number | null;
export type Row = Record<string, unknown>;

export interface Catalog {
  readonly path: string;
  /** Whether it was found damaged since it was opened: what it says is not to be trusted. */
  readonly isTorn: boolean;
  all(sql: string, ...values: Value[]): Row[];
  get(sql: string, ...values: Value[]): Row | undefined;
  run(sql: string, ...values: Value[]): void;
  /** All that `write` writes becomes visible at once, or nothing when it throws. */
  transaction<T>(write: () => T): T;
  /** Empties it, whatever state it is in. */
  rebuild(): void;
  close(): void;
}

/** How long a writer waits for another one. */
const BUSY_MS = 10_000;

const SETTINGS = [
  "PRAGMA journal_mode = WAL",
  // What a power cut takes is read again from the records.
  "PRAGMA synchronous = NORMAL",
  "PRAGMA temp_store = MEMORY",
  "PRAGMA cache_size = -65536",
];

/** SQLite's result codes `SQLITE_CORRUPT` and `SQLITE_NOTADB`. */
const TORN_CODES = [11, 26];

/**
 * @param path of a file, which need not be there, or `:memory:`
 * @throws {Error} when the file is a database of something else.
 */
export function openCatalog(path: string): Catalog {
  let { database, statements } = open(path);
  let isTorn = false;

  function guarded<T>(use: () => T): T {
    try {
      return use();
    } catch (error) {
      if (isTornError(error)) isTorn = true;
      throw error;
    }
  }

  function prepare(sql: string): StatementSync {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = database.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  }

  return {
    path,
    get isTorn() {
      return isTorn;
    },
    all: (sql, ...values) => guarded(() => prepare(sql).all(...values)),
    get: (sql, ...values) => guarded(() => prepare(sql).get(...values)),
    run: (sql, ...values) => guarded(() => void prepare(sql).run(...values)),
    transaction: (write) =>
      guarded(() => {
        prepare("BEGIN IMMEDIATE").run();
        try {
          const result = write();
          prepare("COMMIT").run();
          return result;
        } catch (error) {
          // SQLite has rolled back by itself after some errors.
          if (database.isTransaction) prepare("ROLLBACK").run();
          throw error;
        }
      }),
    rebuild() {
      closeQuietly(database);
      removeFiles(path);
      ({ database, statements } = open(path));
      isTorn = false;
    },
    close: () => database.close(),
  };
}

/** Whether SQLite says that a file is damaged, or is none of its own. */
export function isTornError(error: unknown): boolean {
  return error instanceof Error && "errcode" in error &&
    typeof error.errcode === "number" &&
    TORN_CODES.includes(error.errcode & 0xff);
}

interface Opened {
  readonly database: DatabaseSync;
  readonly statements: Map<string, StatementSync>;
}

function open(path: string): Opened {
  if (path !== ":memory:") Deno.mkdirSync(dirname(path), { recursive: true });
  const database = connect(path) ?? connectAnew(path);
  return { database, statements: new Map() };
}

function connectAnew(path: string): DatabaseSync {
  removeFiles(path);
  const database = connect(path);
  if (database !== null) return database;
  throw new Error(
    `Cannot open the index ${path}: it cannot be read although it was made anew`,
  );
}

/**
 * A connection to an index of this version, made where there was none; null where another one is there, or one that
 * is seen to be damaged: by its header, by the names of its tables, or as it was cut off.
 */
function connect(path: string): DatabaseSync | null {
  const database = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    claim(database, path);
    // Prepared, as exec() does not tell SQLite's code of an error.
    for (const setting of SETTINGS) database.prepare(setting).get();
    // Two processes may find none at the same time: the second waits, and finds that of the first.
    database.prepare("BEGIN IMMEDIATE").run();
    if (tableCount(database) === 0) database.exec(SCHEMA);
    database.prepare("COMMIT").run();
    const version = database.prepare("PRAGMA user_version").get()?.user_version;
    if (version === SCHEMA_VERSION) return database;
  } catch (error) {
    if (!isTornError(error)) {
      database.close();
      throw error;
    }
  }
  closeQuietly(database);
  return null;
}

/** Marks an empty file as ours, before anything else: the mark is in the header, where damage leaves it readable. */
function claim(database: DatabaseSync, path: string): void {
  if (tableCount(database) === 0) {
    database.prepare(`PRAGMA application_id = ${APPLICATION_ID}`).run();
    return;
  }
  const row = database.prepare("PRAGMA application_id").get();
  if (row?.application_id === APPLICATION_ID) return;
  throw new Error(
    `Cannot open the index ${path}: it is a database of something else; choose another file`,
  );
}

function tableCount(database: DatabaseSync): number {
  const row = database.prepare("SELECT count(*) AS n FROM sqlite_schema").get();
  return Number(row?.n);
}

/** Closing a damaged file may fail for the damage alone. */
function closeQuietly(database: DatabaseSync): void {
  try {
    database.close();
  } catch (error) {
    if (!isTornError(error)) throw error;
  }
}

/** Removes an index; what bears no mark of one is set aside as `<path>.damaged`. */
function removeFiles(path: string): void {
  if (path === ":memory:") return;
  unlessMissing(() => {
    if (isMarked(path)) Deno.removeSync(path);
    else Deno.renameSync(path, `${path}.damaged`);
  });
  for (const file of [`${path}-wal`, `${path}-shm`]) {
    unlessMissing(() => Deno.removeSync(file));
  }
}

/** Where SQLite keeps a file's application id. */
const ID_OFFSET = 68;

function isMarked(path: string): boolean {
  using file = Deno.openSync(path);
  const header = new Uint8Array(ID_OFFSET + 4);
  const read = file.readSync(header);
  return read === header.length &&
    new DataView(header.buffer).getUint32(ID_OFFSET) === APPLICATION_ID;
}

function unlessMissing(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
