import { expect } from "@std/expect";
import { createHash } from "node:crypto";
import { CaseError } from "../../../shared/case_error.ts";
import { FileStore } from "../../../shared/storage/file_store.ts";
import { temporaryName } from "../../../shared/storage/key.ts";
import { withFolder } from "../../support/temporary_folder.ts";
import { bytesOf, expectSameBytes, keysOf, textOf } from "./contents.ts";
import { testContract } from "./contract.ts";

const CONFIG = new URL("../../../deno.json", import.meta.url).pathname;

testContract((name, fn) =>
  Deno.test(
    `FileStore ${name}`,
    () => withFolder((folder) => fn(new FileStore(`${folder}/store`))),
  )
);

function fileTest(
  name: string,
  fn: (store: FileStore, folder: string) => Promise<void>,
): void {
  Deno.test(
    `FileStore ${name}`,
    () => withFolder((folder) => fn(new FileStore(folder), folder)),
  );
}

/** Command line of one of this folder's programs. */
function program(file: string, ...args: string[]): string[] {
  const path = new URL(file, import.meta.url).pathname;
  return ["run", "-A", "--quiet", `--config=${CONFIG}`, path, ...args];
}

async function outputOf(
  command: string,
  args: string[],
): Promise<string | null> {
  try {
    const { success, stdout } = await new Deno.Command(command, {
      args,
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout) : null;
  } catch {
    return null;
  }
}

fileTest("put() returns the sha256 of the content as ETag", async (store) => {
  const etag = await store.put("a", bytesOf("abc"));
  expect(etag).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
  expect((await store.head("a"))?.etag).toBe(etag);
  const large = new Uint8Array(3_000_001).fill(7);
  const wanted = createHash("sha256").update(large).digest("hex");
  expect(await store.put("b", large)).toBe(wanted);
  const range = { start: 1_048_570, end: 2_097_160 };
  const object = await store.get("b", { range });
  expect(object?.etag).toBe(wanted);
  expectSameBytes(object?.body, large.slice(range.start, range.end));
});

fileTest("peek() reads no more than it returns", async (store, folder) => {
  using file = await Deno.open(`${folder}/sparse`, {
    write: true,
    createNew: true,
  });
  await file.write(bytesOf("start"));
  // Reading so much would take minutes.
  await file.truncate(2 ** 40);
  const peeked = await store.peek("sparse", 5);
  expect(peeked).toEqual({ bytes: 2 ** 40, body: bytesOf("start") });
});

fileTest(
  "now() leaves nothing behind, and makes no folder to know the time",
  async (store, folder) => {
    const before = Date.now();
    const own = await store.now();
    const none = await new FileStore(`${folder}/not/yet`).now();
    for (const now of [own, none]) {
      // The file system's clock moves in ticks of some milliseconds.
      expect(now.getTime()).toBeGreaterThan(before - 100);
      expect(now.getTime()).toBeLessThan(Date.now() + 1);
    }
    expect(Array.from(Deno.readDirSync(folder))).toEqual([]);
  },
);

Deno.test({
  name: "FileStore now() tells this machine's time without write permission",
  permissions: { read: true },
  fn: async () => {
    const before = Date.now();
    const now = await new FileStore("/").now();
    expect(now.getTime()).toBeGreaterThan(before - 1);
    await expect(new FileStore("/").put("a", bytesOf("x"))).rejects
      .toMatchObject({ kind: "configuration" });
  },
});

fileTest(
  "list() of a folder that is not there is empty, and writing makes it",
  async (_store, folder) => {
    const store = new FileStore(`${folder}/not/yet`);
    expect(await keysOf(store.list(""))).toEqual([]);
    expect(await store.get("a")).toBe(null);
    await store.delete("a");
    await store.put("a", bytesOf("x"));
    expect(await Deno.readTextFile(`${folder}/not/yet/a`)).toBe("x");
  },
);

Deno.test("FileStore writing does not make a folder again that was there", () =>
  withFolder(async (above) => {
    const store = new FileStore(`${above}/store`);
    await store.put("a/b", bytesOf("b"));
    await Deno.rename(`${above}/store`, `${above}/away`);
    await expect(store.put("a/b", bytesOf("c"))).rejects.toMatchObject({
      kind: "storage",
    });
    await expect(store.create("d", bytesOf("d"))).rejects.toBeInstanceOf(
      CaseError,
    );
    expect([...Deno.readDirSync(above)].map(({ name }) => name))
      .toEqual(["away"]);
    await Deno.rename(`${above}/away`, `${above}/store`);
    await store.create("d/e", bytesOf("e"));
    expect(await keysOf(store.list(""))).toEqual(["a/b", "d/e"]);
  }));

fileTest("writing leaves nothing but the objects", async (store, folder) => {
  await store.put("a/b", bytesOf("x"));
  await store.put("a/b", bytesOf("y"));
  await store.create("a/c", bytesOf("x"));
  await store.create("a/c", bytesOf("y"));
  const names = Array.from(Deno.readDirSync(`${folder}/a`), ({ name }) => name);
  expect(names.toSorted()).toEqual(["b", "c"]);
});

fileTest(
  "list() leaves out what a killed writer left",
  async (store, folder) => {
    await store.put("a/b", bytesOf("x"));
    await Deno.writeTextFile(`${folder}/a/${temporaryName()}`, "half");
    await Deno.writeTextFile(`${folder}/${temporaryName()}`, "half");
    expect(await keysOf(store.list(""))).toEqual(["a/b"]);
    expect(await keysOf(store.list("a/."))).toEqual([]);
  },
);

fileTest(
  "create() has one winner among 8 processes, and what it made was whole from the start",
  async (_store, folder) => {
    const [racers, keys, bytes] = ["abcdefgh", 12, 300_000];
    const store = new FileStore(folder);
    let racing = true;
    const outputs = Promise.all(
      Array.from(
        racers,
        (name) =>
          outputOf(
            Deno.execPath(),
            program(
              "create_racer.ts",
              folder,
              name,
              String(keys),
              String(bytes),
            ),
          ),
      ),
    ).finally(() => racing = false);
    const seen = new Map<string, string>();
    while (racing) {
      for await (const { key, bytes: listed } of store.list("")) {
        expect(listed).toBe(bytes);
        const object = await store.get(key);
        const first = object?.body[0] ?? 0;
        expectSameBytes(object?.body, new Uint8Array(bytes).fill(first));
        expect(object?.etag).toBe(seen.get(key) ?? object?.etag);
        seen.set(key, object?.etag ?? "");
      }
      // Gives the turn to the processes' ends even when nothing is listed yet.
      await new Promise((resolve) => setTimeout(resolve));
    }
    const made = (await outputs).map((text) =>
      (text ?? "").trim().split(" ").filter(Boolean)
    );
    const all = made.flat().map(Number).toSorted((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: keys }, (_, i) => i));
    for (const [i, own] of made.entries()) {
      for (const key of own) {
        const object = await store.get(`records/${key}`);
        expect(object?.body[0]).toBe(racers.charCodeAt(i));
      }
    }
  },
);

fileTest(
  "reading and writing refuse symbolic links out of the folder",
  async (_store, folder) => {
    const store = new FileStore(`${folder}/store`);
    await store.put("inside/real", bytesOf("mine"));
    await Deno.mkdir(`${folder}/outside`);
    await Deno.writeTextFile(`${folder}/outside/secret`, "secret");
    await Deno.symlink(`${folder}/outside/secret`, `${folder}/store/link`);
    await Deno.symlink(`../outside`, `${folder}/store/folder`);
    await Deno.symlink(`inside/real`, `${folder}/store/alias`);
    await Deno.symlink(`nowhere`, `${folder}/store/dangling`);
    await Deno.symlink(`loop`, `${folder}/store/loop`);
    expect(textOf(await store.get("alias"))).toBe("mine");
    expect(await store.get("dangling")).toBe(null);
    const refused = [
      () => store.get("link"),
      () => store.head("link"),
      () => store.get("folder/secret"),
      () => store.put("folder/new", bytesOf("x")),
      () => store.create("folder/new", bytesOf("x")),
      () => store.delete("folder/secret"),
    ];
    for (const call of refused) {
      await expect(call()).rejects.toMatchObject({
        kind: "unreadable",
        message: expect.stringContaining(
          "a symbolic link on its path leads out of the folder",
        ),
      });
    }
    await expect(store.get("loop")).rejects.toMatchObject({
      kind: "configuration",
      message: expect.stringContaining("its symbolic links form a loop"),
    });
    expect(await keysOf(store.list(""))).toEqual([
      "alias",
      "inside/real",
      "link",
    ]);
    expect(await keysOf(store.list("folder/"))).toEqual([]);
    const names = Array.from(
      Deno.readDirSync(`${folder}/outside`),
      ({ name }) => name,
    );
    expect(names).toEqual(["secret"]);
    await store.put("link", bytesOf("replaced"));
    expect(textOf(await store.get("link"))).toBe("replaced");
    expect(await Deno.readTextFile(`${folder}/outside/secret`)).toBe("secret");
  },
);

fileTest(
  "get() follows a link that is the folder itself",
  async (_store, folder) => {
    await Deno.mkdir(`${folder}/real`);
    await Deno.symlink("real", `${folder}/link`);
    const store = new FileStore(`${folder}/link`);
    await store.put("a/b", bytesOf("x"));
    expect(textOf(await store.get("a/b"))).toBe("x");
    expect(await keysOf(store.list("a/"))).toEqual(["a/b"]);
  },
);

fileTest(
  "get() takes no folder, pipe or socket for an object",
  async (store, folder) => {
    await outputOf("mkfifo", [`${folder}/pipe`]);
    using _socket = Deno.listen({
      transport: "unix",
      path: `${folder}/socket`,
    });
    await Deno.mkdir(`${folder}/folder`);
    for (const key of ["pipe", "socket", "folder"]) {
      expect(
        await store.get(key),
      ).toBe(null);
    }
    expect(await keysOf(store.list(""))).toEqual([]);
  },
);

fileTest(
  "writing where the tree does not allow it says what stands in the way",
  async (store) => {
    await store.put("file", bytesOf("x"));
    await store.put("folder/file", bytesOf("x"));
    const cases: [() => Promise<unknown>, string][] = [
      [
        () => store.put("file/below", bytesOf("y")),
        `cannot write ${store.location}/file/below: a file stands where a folder is needed (ENOTDIR)`,
      ],
      [
        () => store.create("file/below", bytesOf("y")),
        `cannot create ${store.location}/file/below: a file stands where a folder is needed (ENOTDIR)`,
      ],
      [
        () => store.put("folder", bytesOf("y")),
        `cannot write ${store.location}/folder: a folder stands there (EISDIR)`,
      ],
      [
        () => store.put("n".repeat(300), bytesOf("y")),
        "a name is too long for the file system (ENAMETOOLONG)",
      ],
    ];
    for (const [call, message] of cases) {
      await expect(call()).rejects.toBeInstanceOf(CaseError);
      await expect(call()).rejects.toMatchObject({
        kind: "configuration",
        message: expect.stringContaining(message),
        cause: expect.any(Error),
      });
    }
    expect(await keysOf(store.list(""))).toEqual(["file", "folder/file"]);
  },
);

const isSuperuser = Deno.uid() === 0;

Deno.test({
  name:
    "FileStore put() into a folder without write access is a matter of configuration" +
    (isSuperuser ? " [skipped: the superuser may write everywhere]" : ""),
  ignore: isSuperuser,
  fn: () =>
    withFolder(async (folder) => {
      await Deno.mkdir(`${folder}/closed`, { mode: 0o555 });
      const store = new FileStore(`${folder}/closed`);
      await expect(store.put("a", bytesOf("x"))).rejects.toMatchObject({
        kind: "configuration",
        message: expect.stringContaining("access is denied (EACCES)"),
      });
    }),
});

/** A command that runs another with a disk of 1 MB on /mnt, in a namespace of its own. */
const SMALL_DISK = ["--user", "--map-root-user", "--mount", "sh", "-c"];
const mountsSmallDisk = await outputOf("unshare", [
  ...SMALL_DISK,
  "mount -t tmpfs -o size=1m none /mnt",
]) !== null;

Deno.test({
  name: mountsSmallDisk
    ? "FileStore put() onto a full disk names the key and leaves what was there"
    : "FileStore put() onto a full disk [skipped: no user namespaces here]",
  ignore: !mountsSmallDisk,
  fn: async () => {
    const script = 'mount -t tmpfs -o size=1m none /mnt && exec "$0" "$@"';
    const output = await outputOf("unshare", [
      ...SMALL_DISK,
      script,
      Deno.execPath(),
      ...program("full_disk.ts", "/mnt"),
    ]);
    expect(JSON.parse(output ?? "null")).toEqual({
      failure: expect.stringMatching(
        /^storage: cannot write file:\/\/\/mnt\/large\/3: the disk is full \(ENOSPC\)$/,
      ),
      replaced: false,
      sizes: [["kept", 1000], ["large/0", 300_000], ["large/1", 300_000], [
        "large/2",
        300_000,
      ]],
      names: expect.arrayContaining(["0", "1", "2"]),
    });
    expect(JSON.parse(output ?? "null").names).toHaveLength(3);
  },
});
