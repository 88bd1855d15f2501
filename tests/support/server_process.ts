/**
 * Servers for tests: processes that print a line once they answer and end with their standard input.
 * @module
 */

/** Why there is no server. */
export interface Missing {
  readonly missing: string;
}

export interface ServerProcess {
  /** What it printed first. */
  readonly greeting: string;
  /** Sends a line and waits for the one that answers it. */
  ask(command: string): Promise<string>;
  stop(): Promise<void>;
}

/** Starts a server; it ends with this process, however this one ends. */
export async function startServerProcess(
  command: string,
  options: Pick<Deno.CommandOptions, "args" | "env">,
): Promise<ServerProcess | Missing> {
  const child = new Deno.Command(command, {
    ...options,
    // Its end is the sign to stop, also when this process is killed.
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  const input = child.stdin.getWriter();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  async function nextLine(): Promise<string | null> {
    for (;;) {
      const end = text.indexOf("\n");
      if (end >= 0) {
        const line = text.slice(0, end);
        text = text.slice(end + 1);
        return line;
      }
      const { value } = await output.read();
      if (value === undefined) return null;
      text += value;
    }
  }
  async function stop(): Promise<void> {
    // A process that ended by itself has closed it.
    await input.close().catch(() => {});
    await output.cancel();
    await errors;
    await child.status;
  }
  const greeting = await nextLine();
  if (greeting === null) {
    await stop();
    return { missing: lastLine(await errors) };
  }
  return {
    greeting,
    async ask(command) {
      await input.write(new TextEncoder().encode(`${command}\n`));
      const answer = await nextLine();
      if (answer === null) {
        throw new Error(`Cannot ${command}: ${lastLine(await errors)}`);
      }
      return answer;
    },
    stop,
  };
}

/** Unpacks packages of the distribution into a folder, once; null when they are there. */
export async function fetchPackages(
  folder: string,
  names: readonly string[],
  unneeded = "",
): Promise<Missing | null> {
  if (Deno.build.os !== "linux") {
    return { missing: "its packages are for Linux" };
  }
  if (await exists(folder)) return null;
  const script = new URL("debian_packages.sh", import.meta.url).pathname;
  const { success, stderr } = await new Deno.Command("bash", {
    args: [script, folder, unneeded, ...names],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return null;
  const reason = lastLine(new TextDecoder().decode(stderr));
  return { missing: `its packages do not install here: ${reason}` };
}

export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
