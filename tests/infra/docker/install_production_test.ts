/** @module What the build stage leaves of the packages: measured, not assumed. */
import { expect } from "@std/expect";
import {
  importedPackages,
  productionImports,
} from "../../../infra/docker/production_manifest.ts";
import { ROOT } from "./images.ts";

Deno.test("importedPackages() names packages, whatever is imported of them and how", () => {
  expect(importedPackages(`
    import { a } from "zod";
    import type {
      b,
    } from "@aws-sdk/client-s3/x";
    export * from "yaml";
    import "fflate";
    const c = await import("onnxruntime-node");
    import { d } from "./near.ts";
    import { e } from "node:path";
  `)).toEqual([
    "zod",
    "@aws-sdk/client-s3",
    "yaml",
    "fflate",
    "onnxruntime-node",
  ]);
});

Deno.test("productionImports() keeps what is used and refuses to leave out what is not there", () => {
  const imports = { a: "npm:a@1", b: "npm:b@1", c: "npm:c@1" };
  expect(productionImports(imports, new Set(["a", "b"]), ["b"])).toEqual({
    a: "npm:a@1",
  });
  expect(() => productionImports(imports, new Set(), ["z"])).toThrow(
    "Cannot leave out z",
  );
});

interface Lock {
  readonly npm: Readonly<Record<string, { readonly integrity: string }>>;
}

/** Well above what is left today (about 190 MB), well below the 708 MB that an ordinary install makes. */
const MAX_MB = 300;

Deno.test({
  name:
    "install_production.sh leaves only what runs, in the versions of the lock file",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const app = `${folder}/app`;
      for (const part of ["jobs", "shared", "dashboard", "infra/docker"]) {
        await copyFolder(`${ROOT}${part}`, `${app}/${part}`);
      }
      for (const file of ["deno.json", "deno.lock"]) {
        await Deno.copyFile(`${ROOT}${file}`, `${app}/${file}`);
      }
      await Deno.mkdir(`${folder}/bin`);
      await Deno.symlink(Deno.execPath(), `${folder}/bin/deno`);
      const { success, stderr } = await new Deno.Command("sh", {
        args: [
          "infra/docker/install_production.sh",
          "--without",
          "@tensorflow/tfjs-node-gpu",
        ],
        cwd: app,
        env: {
          APP_DIR: app,
          PATH: `${folder}/bin:${Deno.env.get("PATH")}`,
        },
      }).output();
      if (!success) throw new Error(new TextDecoder().decode(stderr));

      const before: Lock = readJson(`${ROOT}deno.lock`);
      const after: Lock = readJson(`${app}/deno.lock`);
      const kept = Object.keys(after.npm);
      expect(kept.length).toBeLessThan(Object.keys(before.npm).length);
      for (const name of kept) {
        expect([name, after.npm[name]?.integrity]).toEqual([
          name,
          before.npm[name]?.integrity,
        ]);
      }
      const tools = ["fast-check", "expect@", "dockerfile-ast", "aws-cdk"];
      for (const tool of [...tools, "tfjs-node-gpu"]) {
        expect(kept.filter((name) => name.includes(tool))).toEqual([]);
      }

      const files = [...filesUnder(`${app}/node_modules/.deno`)];
      expect(files.filter((path) => /\.(map|d\.ts)$/.test(path))).toEqual([]);
      expect(files.filter((path) => /\/(darwin|win32)\//.test(path))).toEqual(
        [],
      );
      const bytes = files.map((path) => Deno.statSync(path).size);
      const megabytes = bytes.reduce((sum, size) => sum + size, 0) / 1e6;
      // A floor, so that an empty folder does not pass.
      expect(megabytes).toBeGreaterThan(50);
      expect(megabytes).toBeLessThan(MAX_MB);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

function readJson<T>(path: string): T {
  return JSON.parse(Deno.readTextFileSync(path));
}

/** Copies a folder; where there is none, nothing. */
async function copyFolder(from: string, to: string): Promise<void> {
  try {
    await Deno.stat(from);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

/** Regular files below a folder; links are not followed. */
function* filesUnder(folder: string): Generator<string> {
  for (const { name, isDirectory, isFile } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* filesUnder(`${folder}/${name}`);
    if (isFile) yield `${folder}/${name}`;
  }
}
