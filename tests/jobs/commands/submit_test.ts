/** @module `uptake submit`, `plan` and `retry`, as a user types them. */
import { expect } from "@std/expect";
import { DISPATCH_EXAMPLES } from "../../../shared/dispatch/dispatch_examples.ts";
import { createOnnxEngine } from "../../../shared/engine/onnx/engine.ts";
import { uptake, withNanoCheckpoint } from "../../support/command_line.ts";
import { PHANTOM, readJson, writeDataset } from "../../support/datasets.ts";
import { runUptake, startUptake } from "../../support/uptake_process.ts";

const CASES = { a: { label: PHANTOM.label }, b: {}, c: {} };

async function withDataset(
  use: (folder: string) => Promise<void>,
  cases: Parameters<typeof writeDataset>[1] = CASES,
): Promise<void> {
  await withNanoCheckpoint(async (folder) => {
    await writeDataset(`${folder}/data`, cases);
    await use(folder);
  });
}

const what = ["--dataset", "data", "--checkpoint", "nano.safetensors"];

async function submitted(folder: string, ...args: string[]) {
  const ran = await uptake(folder, [
    "submit",
    ...what,
    ...["--home", "home", "--workers", "0", "--json"],
    ...args,
  ]);
  expect(ran.err).toBe("");
  expect(ran.code).toBe(0);
  return JSON.parse(ran.out);
}

Deno.test("plan tells cases, problems, windows, and writes nothing", async () => {
  await withDataset(async (folder) => {
    const ran = await uptake(folder, ["plan", ...what]);
    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(/Cases to segment +│ +3 │/);
    expect(ran.out).toMatch(/Unmatched files +│ +1 │/);
    expect(ran.out).toContain("imagesTr/missing.nii.gz");
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    expect(names).toEqual(["data", "nano.safetensors"]);
  }, { ...CASES, missing: { image: null } });
});

Deno.test("plan --submit freezes what was planned, and asks for a home", async () => {
  await withDataset(async (folder) => {
    const args = ["plan", ...what, "--submit", "--workers", "0"];
    const homeless = await uptake(folder, args);
    expect(homeless.code).toBe(2);
    expect(homeless.err).toBe("--submit needs a --home");
    const ran = await uptake(folder, [...args, "--home", "home", "--json"]);
    expect(ran.code).toBe(0);
    const { runs: [run] } = JSON.parse(ran.out);
    const record = await readJson(`${folder}/home/runs/${run.runId}/run.json`);
    expect(record.cases).toHaveLength(3);
  });
});

Deno.test("submit freezes cases with their sizes, checkpoint, engine and coordination", async () => {
  await withDataset(async (folder) => {
    const { runs: [{ runId, location }] } = await submitted(folder);
    expect(location).toBe(`file://${folder}/home/runs/${runId}`);
    const run = await readJson(`${folder}/home/runs/${runId}/run.json`);
    expect(run.coordination).toEqual({ kind: "claims", termSeconds: 120 });
    expect(run.engine).toMatchObject({ name: "onnx", device: "cpu" });
    expect(run.dataset.location).toBe(`file://${folder}/data`);
    expect(run.checkpoints[0].sha256).toMatch(/^[0-9a-f]{64}$/);
    for (const { bytes, windows } of run.cases) {
      expect(bytes).toBe(PHANTOM.image.length);
      expect(windows).toBeGreaterThan(0);
    }
  });
});

Deno.test("submit --workers 0 freezes an engine as asked for, untried on this machine", async () => {
  await withDataset(async (folder) => {
    const engineOf = async (...args: string[]) => {
      const { runs: [{ location }] } = await submitted(folder, ...args);
      return (await readJson(`${location.slice("file://".length)}/run.json`))
        .engine;
    };
    const version = "as its workers have it";
    expect(await engineOf())
      .toEqual({ name: "onnx", device: "cpu", version });
    expect(await engineOf("--threads", "500"))
      .toEqual({ name: "onnx", device: "cpu", version, threads: 500 });
    expect(await engineOf("--device", "cuda"))
      .toEqual({ name: "onnx", device: "cuda", version });
    expect(await engineOf("--device", "webgpu"))
      .toEqual({ name: "tfjs", device: "webgpu", version });
    expect(await engineOf("--engine", "tfjs"))
      .toEqual({ name: "tfjs", device: "wasm", version });
  });
});

Deno.test("work takes the threads that this machine has where a run leaves them open, and records them", async () => {
  await withDataset(async (folder) => {
    const { runs: [{ location }] } = await submitted(folder);
    expect((await uptake(folder, ["work", "--run", location])).code).toBe(0);
    const path = location.slice("file://".length);
    const { engine } = await readJson(`${path}/results/a.json`);
    expect(engine).toMatchObject({ name: "onnx", device: "cpu" });
    expect(engine.threads).toBe(
      (await createOnnxEngine({ device: "cpu" })).threads,
    );
    expect(engine.version).toMatch(/^onnxruntime-node \d/);
  });
});

Deno.test("submit keeps a case with a bad header in the run, where it is recorded as failed", async () => {
  await withDataset(async (folder) => {
    const { runs: [{ location }] } = await submitted(folder);
    expect((await uptake(folder, ["work", "--run", location])).code).toBe(0);
    const summed = await uptake(folder, ["summary", "--run", location]);
    expect(summed.code).toBe(3);
    expect(summed.out).toContain("2 cases expected: 1 done, 1 failed");
  }, { a: {}, bad: { image: new TextEncoder().encode("no image") } });
});

Deno.test("submit --per-fold makes a run for each fold, for one job of as many workers", async () => {
  await withDataset(async (folder) => {
    const json = `${folder}/data/dataset.json`;
    const dataset = await readJson(json);
    dataset.training.forEach((item: { fold?: number }, n: number) =>
      item.fold = n % 2
    );
    await Deno.writeTextFile(json, JSON.stringify(dataset));
    await Deno.copyFile(
      `${folder}/nano.safetensors`,
      `${folder}/other.safetensors`,
    );
    const ran = await uptake(folder, [
      "submit",
      ...["--dataset", "data", "--home", "home", "--workers", "0", "--json"],
      ...["--checkpoint", "nano.safetensors", "other.safetensors"],
      "--per-fold",
    ]);
    expect(ran.err).toBe("");
    const { runs } = JSON.parse(ran.out);
    const ids = await Promise.all(
      runs.map(async ({ runId }: { runId: string }) => {
        const run = await readJson(`${folder}/home/runs/${runId}/run.json`);
        return run.cases.map(({ caseId }: { caseId: string }) => caseId);
      }),
    );
    expect(ids).toEqual([["a", "c"], ["b"]]);
    // Worker 1 of 2 works on the second run.
    const locations = runs.map(({ location }: { location: string }) =>
      location
    );
    const env = { UPTAKE_WORKER_INDEX: "1", UPTAKE_WORKER_COUNT: "2" };
    const worked = await uptake(folder, ["work", "--run", ...locations], {
      env,
    });
    expect(worked.code).toBe(0);
    const state = async (location: string) =>
      JSON.parse(
        (await uptake(folder, ["status", "--run", location, "--json"])).out,
      ).coverage;
    expect((await state(locations[1])).done).toBe(1);
    expect((await state(locations[0])).done).toBe(0);
  });
});

Deno.test("submit --wait starts worker processes, and prints the table", async () => {
  await withDataset(async (folder) => {
    const ran = await runUptake(folder, [
      "submit",
      ...what,
      ...["--home", "home", "--workers", "2", "--wait"],
    ]);
    expect(ran.err).toContain("Started 2 local workers");
    expect(ran.code).toBe(0);
    expect(ran.out).toContain("3 cases expected: 3 done, 0 failed, 0 missing");
  });
});

Deno.test("submit --wait says how to go on when it is interrupted", async () => {
  await withDataset(async (folder) => {
    const child = startUptake(folder, [
      "submit",
      ...what,
      ...["--home", "home", "--workers", "1", "--wait"],
    ]);
    let err = "";
    const decoded = child.stderr.pipeThrough(new TextDecoderStream());
    for await (const piece of decoded) {
      const before = err.includes("Started 1 local worker");
      err += piece;
      if (!before && err.includes("Started 1 local worker")) {
        child.kill("SIGINT");
      }
    }
    await child.stdout.cancel();
    expect((await child.status).code).toBe(130);
    const [, runId] = /Run (\S+): file:/.exec(err) ?? [];
    expect(err).toContain(
      `Go on with: uptake retry --run file://${folder}/home/runs/${runId}`,
    );
  });
});

Deno.test("submit --per-fold freezes no run where one has no case", async () => {
  await withDataset(async (folder) => {
    const json = `${folder}/data/dataset.json`;
    const dataset = await readJson(json);
    dataset.training.forEach((item: { fold?: number }, n: number) =>
      item.fold = n
    );
    await Deno.writeTextFile(json, JSON.stringify(dataset));
    const ran = await uptake(folder, [
      ...["submit", "--dataset", "data", "--home", "home", "--per-fold"],
      ...["--checkpoint", "nano.safetensors", "nano.safetensors"],
      ...["--workers", "0"],
    ]);
    expect(ran.code).toBe(2);
    expect(ran.err).toContain("fold 1: 1 problem");
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    expect(names).not.toContain("home");
  }, { a: {}, bad: { image: new TextEncoder().encode("no image") } });
});

Deno.test("submit refuses to send workers elsewhere to this machine's folders", async () => {
  await withDataset(async (folder) => {
    const config = DISPATCH_EXAMPLES.kubernetes;
    await Deno.writeTextFile(`${folder}/gpu.yaml`, config);
    const ran = await uptake(folder, [
      "submit",
      ...what,
      ...["--home", "home", "--dispatch", "kubernetes"],
      ...["--dispatch-config", "gpu.yaml"],
    ]);
    expect(ran.code).toBe(2);
    expect(ran.err).toBe(
      "data lies on this machine, where workers of kubernetes cannot reach it: copy it into a bucket",
    );
  });
});

Deno.test("submit --help sends workers elsewhere to buckets alone", async () => {
  const { out } = await uptake("/", ["submit", "--help"]);
  const examples = out.replaceAll("\\\n", "").split("\n")
    .filter((line) => /uptake submit .*--dispatch kubernetes/.test(line));
  expect(examples).toHaveLength(1);
  const words = examples[0]!.trim().split(/\s+/).filter((word) =>
    /scans|home|\.safetensors/.test(word) && !word.startsWith("--")
  );
  expect(words.length).toBeGreaterThan(3);
  for (const word of words) expect(word).toMatch(/^s3:\/\//);
});

Deno.test("retry opens failed cases again, of one kind where asked, and takes back cancelling", async () => {
  await withDataset(async (folder) => {
    const { runs: [{ location }] } = await submitted(folder);
    const work = () => uptake(folder, ["work", "--run", location]);
    const status = async () =>
      (await uptake(folder, ["status", "--run", location])).out;
    const retry = (...args: string[]) =>
      uptake(folder, ["retry", "--run", location, "--workers", "0", ...args]);
    // What is over cannot be cancelled any more.
    await uptake(folder, ["cancel", "--run", location, "--reason", "enough"]);
    expect(await status()).toContain("Cancelled: enough");
    expect((await retry()).code).toBe(0);
    expect(await status()).not.toContain("Cancelled");
    await work();
    await Deno.writeFile(`${folder}/data/imagesTr/bad.nii.gz`, PHANTOM.image);

    const none = await retry("--failed", "--kind", "label", "--json");
    expect(JSON.parse(none.out).again).toEqual([]);
    const one = await retry("--failed", "--json");
    expect(JSON.parse(one.out).again).toEqual(["bad"]);
    expect((await work()).code).toBe(0);
    const summed = await uptake(folder, ["summary", "--run", location]);
    expect(summed.code).toBe(0);
    expect(summed.out).toContain("2 done, 0 failed");
  }, { a: {}, bad: { image: new TextEncoder().encode("no image") } });
});

for (
  const [name, args, says] of [
    [
      "kubernetes without a configuration",
      ["--dispatch", "kubernetes"],
      "needs a --dispatch-config file",
    ],
    [
      "a configuration for local workers",
      ["--dispatch-config", "x.yaml"],
      "takes no --dispatch-config",
    ],
    [
      "to wait where it starts no workers",
      ["--workers", "0", "--wait"],
      "--workers 0 starts nobody whom --wait could wait for",
    ],
    ["a fold that is not there", ["--fold", "7"], "its cases have no folds"],
    [
      "a device of another engine where it starts no workers",
      ["--workers", "0", "--engine", "tfjs", "--device", "cuda"],
      'Cannot run engine "tfjs" on device "cuda"',
    ],
    [
      "threads of an engine that takes none where it starts no workers",
      ["--workers", "0", "--engine", "tfjs", "--threads", "2"],
      'Cannot set threads for engine "tfjs" on device "wasm"',
    ],
    ["an unknown device", ["--device", "abacus"], "Allowed choices"],
    [
      "a term in which a bucket's clock, of whole seconds, steps too often",
      ["--term-seconds", "4"],
      "expected number to be >=5",
    ],
  ] as const
) {
  Deno.test(`submit refuses ${name}`, async () => {
    await withDataset(async (folder) => {
      const ran = await uptake(folder, [
        "submit",
        ...what,
        ...["--home", "home"],
        ...args,
      ]);
      expect(ran.code).toBe(2);
      expect(ran.err).toContain(says);
      const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
      expect(names).not.toContain("home");
    });
  });
}
