/** @module Runs the command line as a process of its own, with the permissions that its task gives it. */

const root = new URL("../..", import.meta.url).pathname;
const { tasks } = JSON.parse(await Deno.readTextFile(`${root}/deno.json`));
const [, command, ...flags] = (tasks.uptake.command as string).split(" ");

/**
 * Starts `uptake <args>` for a user who stands in `cwd`.
 *
 * @param preload modules that it runs first
 */
export function startUptake(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  preload: readonly string[] = [],
): Deno.ChildProcess {
  const preloads = preload.map((module) => `--preload=${module}`);
  return new Deno.Command(Deno.execPath(), {
    args: [command!, ...preloads, ...flags, ...args],
    cwd: root,
    env: { INIT_CWD: cwd, NO_COLOR: "1", ...env },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs `uptake <args>` to its end for a user who stands in `cwd`. */
export async function runUptake(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await startUptake(cwd, args, env).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}
