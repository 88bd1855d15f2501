/**
 * Bundles the browser scripts with Deno's bundler (esbuild). Every file right in `browser/` is a script of
 * its own; what they share goes into files of its own.
 * @module
 */

export const BROWSER = new URL("browser/", import.meta.url);
export const DIST = new URL("static/dist/", import.meta.url);

/** Makes `static/dist/` anew where it is missing or older than a script. */
export async function bundleIfOld(): Promise<void> {
  const scripts = await newestMs(BROWSER);
  const bundles = await newestMs(DIST);
  if (bundles === null || scripts === null || bundles < scripts) await bundle();
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
  const fresh = new URL("../dist.new/", DIST);
  await Deno.remove(fresh, { recursive: true }).catch(ignoreMissing);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--platform=browser",
      "--minify",
      "--code-splitting",
      `--outdir=${fresh.pathname}`,
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
  await Deno.remove(DIST, { recursive: true }).catch(ignoreMissing);
  await Deno.rename(fresh, DIST);
}

/** When a file below the folder was last written, in milliseconds since the epoch; null: there is none. */
async function newestMs(folder: URL): Promise<number | null> {
  let newest: number | null = null;
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const url = new URL(isDirectory ? `${name}/` : name, folder);
      const writtenMs = isDirectory
        ? await newestMs(url)
        : (await Deno.stat(url)).mtime?.getTime() ?? null;
      newest = Math.max(newest ?? 0, writtenMs ?? 0);
    }
  } catch (error) {
    ignoreMissing(error);
  }
  return newest;
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
