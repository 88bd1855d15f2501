/**
 * Style sheets and browser scripts, read once at start. Only these files are served, under a path that holds
 * the hash of them all: browsers keep them for ever, and scripts import each other by relative paths.
 * @module
 */
import { createHash } from "node:crypto";

export interface Asset {
  readonly contentType: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface Assets {
  /** 16 hex digits that change with any file. */
  readonly build: string;
  find(name: string): Asset | undefined;
  /** The path of a file that is served. */
  url(name: string): string;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = Object.freeze({
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  wasm: "application/wasm",
});

/** Reads the files right in the folders whose ending is known; others are not served. */
export async function readAssets(folders: readonly URL[]): Promise<Assets> {
  const files = new Map<string, Asset>();
  for (const folder of folders) {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      const contentType = CONTENT_TYPES[name.slice(name.lastIndexOf(".") + 1)];
      if (!isFile || contentType === undefined) continue;
      const body = await Deno.readFile(new URL(name, folder));
      files.set(name, { contentType, body });
    }
  }
  const hash = createHash("sha256");
  for (const name of [...files.keys()].sort()) {
    hash.update(name).update("\0").update(files.get(name)!.body);
  }
  const build = hash.digest("hex").slice(0, 16);
  return {
    build,
    find: (name) => files.get(name),
    url(name) {
      if (!files.has(name)) {
        throw new RangeError(`Cannot serve ${name}: there is no such file`);
      }
      return `/static/${build}/${name}`;
    },
  };
}
