/**
 * Runs the command line as the image's ENTRYPOINT does, with its flags, on local folders: the flags are
 * read from the Dockerfile and the container's paths in them are replaced.
 * @module
 */
import { execOf, parseImageFile } from "./dockerfile.ts";
import { readImageFile, ROOT } from "./images.ts";

/** Flags of `deno run` in the image's ENTRYPOINT. */
export function entryFlags(): string[] {
  const file = parseImageFile(readImageFile("cpu.Dockerfile"));
  const stage = file.stages.find(({ name }) => name === "cpu")!;
  const entry = execOf(file, stage, "ENTRYPOINT")!;
  return entry.slice(entry.indexOf("run") + 1, -1);
}

/** The values of a flag such as `allow-env`. */
export function valuesOf(flags: readonly string[], flag: string): string[] {
  const found = flags.find((one) => one.startsWith(`--${flag}=`));
  return found?.slice(flag.length + 3).split(",") ?? [];
}

/** Flags without those of a name. */
export function without(flags: readonly string[], flag: string): string[] {
  return flags.filter((one) =>
    one !== `--${flag}` && !one.startsWith(`--${flag}=`)
  );
}

/** Flags where one value is missing from one of them. */
export function withoutValue(
  flags: readonly string[],
  flag: string,
  value: string,
): string[] {
  const rest = valuesOf(flags, flag).filter((one) => one !== value);
  return [...without(flags, flag), `--${flag}=${rest.join(",")}`];
}

/** Folders that stand in for a container's; `folder("/data")` is where `/data` is. */
export interface Container {
  folder(path: string): string;
  /** Starts what does not end by itself. */
  start(args: readonly string[]): Deno.ChildProcess;
  run(
    args: readonly string[],
    options?: {
      readonly flags?: readonly string[];
      readonly env?: Readonly<Record<string, string>>;
      /** Gets every permission instead, and tells which ones were asked for. */
      readonly audit?: boolean;
    },
  ): Promise<{ code: number; text: string; asked: Asked[] }>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface Asked {
  readonly permission: string;
  readonly value: string | null;
}

const MOUNTS = ["/data", "/tmp", "/etc/uptake", "/var/run/secrets"];

/** Makes the folders; `/app` is the repository. */
export async function makeContainer(): Promise<Container> {
  const base = await Deno.makeTempDir();
  for (const path of MOUNTS) {
    await Deno.mkdir(`${base}${path}`, { recursive: true });
  }
  const app = ROOT.replace(/\/$/, "");
  const folder = (path: string) =>
    path.replace(
      /^\/(app|data|tmp|etc\/uptake|var\/run\/secrets)\b/,
      (mount) => mount === "/app" ? app : base + mount,
    );
  /** Paths are in flags whose values start with a slash. */
  const local = (flag: string) =>
    flag.replace(/(?<=[=,])\/[^,]+/g, (path) => folder(path));
  const command = (
    flags: readonly string[],
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ) =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", ...flags, `${app}/jobs/main.ts`, ...args],
      cwd: folder("/data"),
      clearEnv: true,
      // Nothing else, as in an image: a variable set here may hide that another is asked for.
      env: { HOME: folder("/tmp"), TMPDIR: folder("/tmp"), ...env },
      stdout: "piped",
      stderr: "piped",
    });
  return {
    folder,
    start: (args) => command(entryFlags().map(local), args, {}).spawn(),
    async run(args, { flags = entryFlags(), env = {}, audit = false } = {}) {
      const trail = `${base}/audit.jsonl`;
      const { code, stdout, stderr } =
        await (audit
          ? command(["--no-prompt", "--frozen", "-A"], args, {
            DENO_AUDIT_PERMISSIONS: trail,
            ...env,
          })
          : command(flags.map(local), args, env)).output();
      const decoder = new TextDecoder();
      return {
        code,
        text: decoder.decode(stdout) + decoder.decode(stderr),
        asked: audit ? await readAudit(trail) : [],
      };
    },
    async [Symbol.asyncDispose]() {
      await Deno.remove(base, { recursive: true });
    },
  };
}

async function readAudit(path: string): Promise<Asked[]> {
  const text = await Deno.readTextFile(path);
  await Deno.remove(path);
  return text.trim().split("\n").map((line) => JSON.parse(line));
}
