/** @module The command line as a process of its own, with the permissions that its task gives it. */
import { expect } from "@std/expect";
import { encodeNifti } from "../../shared/imaging/nifti/write.ts";
import { withNanoCheckpoint } from "../support/command_line.ts";

const root = new URL("../..", import.meta.url).pathname;
const { tasks } = JSON.parse(await Deno.readTextFile(`${root}/deno.json`));
const [, ...flags] = (tasks.uptake.command as string).split(" ");

function start(cwd: string, args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [...flags, ...args],
    cwd: root,
    env: { INIT_CWD: cwd, NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function run(cwd: string, ...args: string[]) {
  const { code, stdout, stderr } = await start(cwd, args).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

/** A case of many distinct windows beside the nano checkpoint. */
async function withScan(use: (folder: string) => Promise<void>) {
  await withNanoCheckpoint(async (folder) => {
    const shape = [96, 96, 96] as const;
    const data = Float32Array.from(
      { length: 96 ** 3 },
      (_, n) => 1 + (n * 7919) % 13 / 2,
    );
    const affine = [-4, 0, 0, 0, 0, -4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1];
    await Deno.mkdir(`${folder}/scans`);
    await Deno.writeFile(
      `${folder}/scans/a.nii.gz`,
      encodeNifti({ data, shape, affine }),
    );
    await use(folder);
  });
}

function segmentInto(output: string): string[] {
  return [
    "segment",
    ...["--input", "scans", "--checkpoint", "nano.safetensors"],
    ...["--output", output, "--threads", "1"],
  ];
}

Deno.test("uptake stops on SIGINT at a window with 130, and goes on to the same bytes", async () => {
  await withScan(async (folder) => {
    const whole = await run(folder, ...segmentInto("whole"));
    expect(whole.code).toBe(0);

    const child = start(folder, segmentInto("stopped"));
    const reader = child.stderr.pipeThrough(new TextDecoderStream())
      .getReader();
    let err = "";
    while (!err.includes("starting")) {
      const { value, done } = await reader.read();
      if (done) break;
      err += value;
    }
    child.kill("SIGINT");
    while (true) {
      const { value, done } = await reader.read();
      if (done) break;
      err += value;
    }
    await child.stdout.cancel();
    expect((await child.status).code).toBe(130);
    expect(err).toContain("Interrupted");
    const left = [...Deno.readDirSync(`${folder}/stopped`)].map(({ name }) =>
      name
    );
    expect(left).toEqual(["run.json"]);

    expect((await run(folder, ...segmentInto("stopped"))).code).toBe(0);
    const mask = (name: string) =>
      Deno.readFile(`${folder}/${name}/masks/a.nii.gz`);
    expect(await mask("stopped")).toEqual(await mask("whole"));
  });
});

Deno.test("uptake prints nothing but JSON on stdout with --json", async () => {
  await withScan(async (folder) => {
    const args = [...segmentInto("run"), "--json", "--overlap", "0"];
    const { code, out, err } = await run(folder, ...args);
    expect(code).toBe(0);
    expect(JSON.parse(out).summary.coverage.done).toBe(1);
    expect(err).toContain("a: done in");
  });
});

Deno.test("uptake explains itself, and ends with 2 for wrong usage", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const help = await run(folder, "--help");
    expect(help.code).toBe(0);
    for (const name of ["segment", "evaluate", "metrics", "doctor"]) {
      expect(help.out).toContain(name);
    }
    const unknown = await run(folder, "segmnt");
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain("Did you mean segment?");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
