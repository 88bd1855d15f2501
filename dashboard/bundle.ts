/**
 * Bundles the browser scripts with Deno's bundler (esbuild). Every file right in `browser/` is a script of
 * its own; what they share goes into files of its own.
 * @module
 */

export const BROWSER = new URL("browser/", import.meta.url);
export const DIST = new URL("static/dist/", import.meta.url);

const STATIC = new URL("static/", import.meta.url);
/** What scripts may be made of. */
const SOURCES = [
  new URL("./", import.meta.url),
  new URL("../shared/", import.meta.url),
];

/** Makes `static/dist/` anew where it is missing or older than a source. */
export async function bundleIfOld(): Promise<void> {
  const bundledMs = await newestMs(DIST, () => true);
  const isSource = (name: string) => /\.tsx?$/.test(name);
  const sourcesMs = await Promise.all(
    SOURCES.map((folder) => newestMs(folder, isSource)),
  );
  if (bundledMs >= Math.max(...sourcesMs)) return;
  try {
    await bundle();
  } catch (error) {
    if (!isForbidden(error)) throw error;
    // An image that cannot write to itself has what it was built with.
    if (bundledMs > 0) return;
    throw new Error(
      "Cannot bundle the dashboard's scripts, as this program may not write beside its code: run deno task build where it may",
      { cause: error },
    );
  }
}

function isForbidden(error: unknown): boolean {
  return error instanceof Deno.errors.NotCapable ||
    error instanceof Deno.errors.PermissionDenied ||
    (error instanceof Error && "code" in error && error.code === "EROFS");
}

/**
 * Makes `static/dist/` anew.
 *
 * @throws {Error} when the bundler fails; holds what it said.
 */
export async function bundle(): Promise<void> {
  const entries = (await Array.fromAsync(Deno.readDir(BROWSER)))
    .filter(({ name, isFile }) => isFile && name.endsWith(".ts"))
    .map(({ name }) => new URL(name, BROWSER).pathname)
    .sort();
  // Beside its place first: a bundler that fails leaves what was there.
  const fresh = new URL(`.dist-${crypto.randomUUID()}/`, STATIC);
  try {
    await bundleInto(fresh.pathname, entries);
    await Deno.remove(DIST, { recursive: true }).catch(ignoreMissing);
    await Deno.rename(fresh, DIST);
  } finally {
    await Deno.remove(fresh, { recursive: true }).catch(ignoreMissing);
  }
}

async function bundleInto(
  folder: string,
  entries: readonly string[],
): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--platform=browser",
      "--minify",
      "--code-splitting",
      `--outdir=${folder}`,
      ...entries,
    ],
    cwd: new URL("..", import.meta.url),
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) {
    throw new Error(
      `Cannot bundle the dashboard's scripts: ${
        new TextDecoder().decode(stderr).trim()
      }`,
    );
  }
}

/** When a file below the folder was last written, in milliseconds since the epoch; 0: there is none. */
async function newestMs(
  folder: URL,
  counts: (name: string) => boolean,
): Promise<number> {
  let newest = 0;
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const url = new URL(isDirectory ? `${name}/` : name, folder);
      if (isDirectory) newest = Math.max(newest, await newestMs(url, counts));
      if (isDirectory || !counts(name)) continue;
      const { mtime } = await Deno.stat(url);
      newest = Math.max(newest, mtime?.getTime() ?? 0);
    }
  } catch (error) {
    ignoreMissing(error);
  }
  return newest;
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
