/** @module The command line as a process of its own, with the permissions that its task gives it. */
import { expect } from "@std/expect";
import { encodeNifti } from "../../shared/imaging/nifti/write.ts";
import { sha256 } from "../../shared/runs/sha256.ts";
import { withNanoCheckpoint } from "../support/command_line.ts";
import { PHANTOM, readJson, writeFiles } from "../support/datasets.ts";

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

/** 45 windows, no two alike: whoever is told to stop at the first stops long before the last. */
const LARGE = encodeNifti({
  data: Float32Array.from({ length: 64 * 64 * 96 }, (_, n) => 1 + n % 101 / 10),
  shape: [64, 64, 96],
  affine: [-4, 0, 0, 0, 0, -4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1],
});

/** A large case beside the nano checkpoint. */
async function withScan(use: (folder: string) => Promise<void>) {
  await withNanoCheckpoint(async (folder) => {
    await writeFiles(folder, { "scans/a.nii.gz": LARGE });
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

/** Sends a signal once stderr holds a text; all of stderr, when the process has ended. */
async function signalAfter(
  child: Deno.ChildProcess,
  text: string,
  signal: Deno.Signal,
): Promise<string> {
  let err = "";
  let sent = false;
  for await (const piece of child.stderr.pipeThrough(new TextDecoderStream())) {
    err += piece;
    if (sent || !err.includes(text)) continue;
    child.kill(signal);
    sent = true;
  }
  await child.stdout.cancel();
  return err;
}

Deno.test("uptake stops on SIGINT at a window with 130, and goes on to the same bytes", async () => {
  await withScan(async (folder) => {
    const whole = await run(folder, ...segmentInto("whole"));
    expect(whole.code).toBe(0);

    const child = start(folder, segmentInto("stopped"));
    const err = await signalAfter(child, "starting", "SIGINT");
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

Deno.test("uptake keeps what was done before SIGTERM whole, and does the rest later", async () => {
  await withNanoCheckpoint(async (folder) => {
    const ids = ["a", "b", "c"];
    await writeFiles(folder, {
      "scans/a.nii.gz": PHANTOM.image,
      // In work when the first is done.
      "scans/b.nii.gz": LARGE,
      "scans/c.nii.gz": PHANTOM.image,
    });
    const child = start(folder, segmentInto("run"));
    await signalAfter(child, "a: done in", "SIGTERM");
    expect((await child.status).code).toBe(130);

    const namesIn = (path: string) =>
      [...Deno.readDirSync(`${folder}/run/${path}`)].map(({ name }) => name)
        .sort();
    const before = namesIn("results");
    expect(before).toEqual(["a.json"]);
    const records = new Map<string, string>();
    for (const name of before) {
      const path = `${folder}/run/results/${name}`;
      records.set(path, await Deno.readTextFile(path));
      const { outputs } = await readJson(path);
      for (const { key, bytes, sha256: hash } of outputs) {
        const file = await Deno.readFile(`${folder}/run/${key}`);
        expect([file.length, await sha256(file)]).toEqual([bytes, hash]);
      }
    }

    const again = await run(folder, ...segmentInto("run"));
    expect(again.code).toBe(0);
    expect(again.err).toContain(
      `${before.length} of ${ids.length} cases are done already`,
    );
    for (const [path, text] of records) {
      expect(await Deno.readTextFile(path)).toBe(text);
    }
    expect(namesIn("masks")).toEqual(ids.map((id) => `${id}.nii.gz`));
    const mask = (id: string) =>
      Deno.readFile(`${folder}/run/masks/${id}.nii.gz`);
    // Equal images, before the interruption and after it.
    expect(await mask("c")).toEqual(await mask("a"));
  });
});

Deno.test("uptake ends with 1 where it cannot go on, and 3 where only a case cannot", async () => {
  await withNanoCheckpoint(async (folder) => {
    await writeFiles(folder, {
      "scans/bad.nii.gz": "no image",
      "scans/good.nii.gz": PHANTOM.image,
      "short/run.json": "{",
    });
    const failed = await run(folder, ...segmentInto("short"));
    expect(failed.code).toBe(1);
    expect(failed.out).toBe("");
    expect(failed.err).toMatch(/short\/run\.json: it is not JSON/);

    const partly = await run(folder, ...segmentInto("run"));
    expect(partly.code).toBe(3);
    expect(partly.out).toContain("2 cases expected: 1 done, 1 failed");
    for (const { err } of [failed, partly]) expect(err).not.toMatch(/^ +at /m);
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
