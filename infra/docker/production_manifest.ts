/**
 * Leaves in `deno.json` only the packages that the programs in the image import, so that
 * `deno install` drops the rest: test tools, validators, and what `--without` names.
 *
 * `deno run --no-config --allow-read=. --allow-write=deno.json infra/docker/production_manifest.ts [--without name]...`
 * @module
 */
import { parseArgs } from "node:util";

/** Folders whose programs the images run. */
const PROGRAM_FOLDERS = ["jobs", "shared", "dashboard"];

/** `from "x"`, `import "x"` and `import("x")`, wherever lines break. */
const IMPORT = /(?:\bfrom|\bimport|\bimport\()\s*"([^"\n]+)"/g;

/** The names of packages that a source imports, without paths inside of them. */
export function importedPackages(source: string): string[] {
  return [...source.matchAll(IMPORT)].map((match) => match[1]!)
    .filter((name) => !/^(\.|\/|[a-z]+:)/.test(name))
    .map((name) =>
      name.split("/").slice(0, name.startsWith("@") ? 2 : 1).join("/")
    );
}

/** The imports of a `deno.json` that are used, less those to leave out. */
export function productionImports(
  imports: Readonly<Record<string, string>>,
  used: ReadonlySet<string>,
  without: readonly string[],
): Record<string, string> {
  const unknown = without.filter((name) => !(name in imports));
  if (unknown.length > 0) {
    throw new RangeError(
      `Cannot leave out ${unknown.join(", ")}: deno.json does not import it`,
    );
  }
  return Object.fromEntries(
    Object.entries(imports).filter(([name]) =>
      used.has(name) && !without.includes(name)
    ),
  );
}

/** Every package that the sources under a folder import; none where there is no folder. */
export function packagesUnder(folder: string): Set<string> {
  const packages = new Set<string>();
  for (const entry of entriesOf(folder)) {
    const path = `${folder}/${entry.name}`;
    const found = entry.isDirectory
      ? packagesUnder(path)
      : /\.tsx?$/.test(entry.name)
      ? importedPackages(Deno.readTextFileSync(path))
      : [];
    for (const name of found) packages.add(name);
  }
  return packages;
}

function entriesOf(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    args: Deno.args,
    options: { without: { type: "string", multiple: true, default: [] } },
  });
  const used = new Set(
    PROGRAM_FOLDERS.flatMap((folder) => [...packagesUnder(folder)]),
  );
  const config = JSON.parse(Deno.readTextFileSync("deno.json"));
  config.imports = productionImports(config.imports, used, values.without);
  Deno.writeTextFileSync("deno.json", JSON.stringify(config, null, 2));
}
