/** @module Runs the command line as a process of its own, with the permissions that its task gives it. */

const root = new URL("../..", import.meta.url).pathname;
const { tasks } = JSON.parse(await Deno.readTextFile(`${root}/deno.json`));
const [, ...flags] = (tasks.uptake.command as string).split(" ");

/** Runs `uptake <args>` to its end for a user who stands in `cwd`. */
export async function runUptake(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...flags, ...args],
    cwd: root,
    env: { INIT_CWD: cwd, NO_COLOR: "1", ...env },
  }).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}
