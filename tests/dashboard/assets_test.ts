/** @module What browsers load: bundled scripts, their size, and the table of files that is served. */
import { expect } from "@std/expect";
import { gzipSync } from "node:zlib";
import { readAssets } from "../../dashboard/assets.ts";
import { BROWSER, bundle, bundleIfOld, DIST } from "../../dashboard/bundle.ts";
import { withFolder } from "../support/temporary_folder.ts";

/** What a script needs before it runs; `import(...)` comes later, as the viewer does. */
const IMPORT = /(?:from|import)\s*["']\.\/([^"']+\.js)["']/g;

/** A script with all that it loads at once, by name. */
function loadedWith(
  name: string,
  scripts: ReadonlyMap<string, string>,
  loaded = new Set<string>(),
): Set<string> {
  if (loaded.has(name)) return loaded;
  loaded.add(name);
  for (const [, other] of scripts.get(name)!.matchAll(IMPORT)) {
    loadedWith(other!, scripts, loaded);
  }
  return loaded;
}

Deno.test("every page loads less than 300 KB of scripts before the viewer", async () => {
  await bundleIfOld();
  const scripts = new Map<string, string>();
  for await (const { name } of Deno.readDir(DIST)) {
    if (!name.endsWith(".js")) continue;
    scripts.set(name, await Deno.readTextFile(new URL(name, DIST)));
  }
  const entries = (await Array.fromAsync(Deno.readDir(BROWSER)))
    .filter(({ name }) => name.endsWith(".ts"))
    .map(({ name }) => name.replace(/\.ts$/, ".js"));
  expect(entries).toContain("shell.js");
  for (const entry of entries) {
    const loaded = loadedWith(entry, scripts, loadedWith("shell.js", scripts));
    const bytes = [...loaded].reduce(
      (sum, name) => sum + scripts.get(name)!.length,
      0,
    );
    expect(`${entry}: ${bytes < 300_000 ? "small" : bytes}`).toBe(
      `${entry}: small`,
    );
  }
  expect(gzipSync(scripts.get("shell.js")!).length).toBeLessThan(5_000);
});

Deno.test("scripts hold nothing of the machine that bundled them", async () => {
  await bundleIfOld();
  const root = new URL("../..", import.meta.url).pathname;
  for await (const { name } of Deno.readDir(DIST)) {
    const text = await Deno.readTextFile(new URL(name, DIST));
    expect(text.includes(root)).toBe(false);
  }
});

Deno.test("bundle() makes the same scripts each time", async () => {
  const read = async () => (await readAssets([DIST])).build;
  await bundleIfOld();
  const before = await read();
  await bundle();
  expect(await read()).toBe(before);
});

Deno.test("readAssets() serves files whose kind it knows, right in its folders", async () => {
  await withFolder(async (path) => {
    const folder = new URL(`file://${path}/`);
    const write = (name: string, text: string) =>
      Deno.writeTextFile(new URL(name, folder), text);
    await write("a.css", "a");
    await write("notes.txt", "n");
    await Deno.mkdir(new URL("deep/", folder));
    await write("deep/b.js", "b");
    await Deno.symlink("/etc/passwd", new URL("linked.js", folder));
    const assets = await readAssets([folder]);
    expect(assets.find("a.css")?.contentType).toBe("text/css; charset=utf-8");
    for (const name of ["notes.txt", "b.js", "deep/b.js", "linked.js"]) {
      expect(assets.find(name)).toBeUndefined();
    }
    expect(assets.url("a.css")).toBe(`/static/${assets.build}/a.css`);
    expect(() => assets.url("b.js")).toThrow("Cannot serve b.js");
    await write("a.css", "changed");
    expect((await readAssets([folder])).build).not.toBe(assets.build);
  });
});
