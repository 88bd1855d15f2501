import { expect } from "@std/expect";
import {
  type Compute,
  openCompute,
} from "../../../jobs/segmentation/compute.ts";
import { fetchCase } from "../../../jobs/segmentation/read_case.ts";
import type { EngineChoice } from "../../../shared/engine/choose.ts";
import { CaseError } from "../../../shared/case_error.ts";
import { encodeNifti } from "../../../shared/imaging/nifti/write.ts";
import { readCheckpoint } from "../../../shared/network/checkpoint.ts";
import { FileStore } from "../../../shared/storage/file_store.ts";
import { withNanoCheckpoint } from "../../support/command_line.ts";
import { PHANTOM } from "../../support/datasets.ts";
import { caseOf, runOf } from "../../support/runs.ts";

const NEVER = new AbortController().signal;
const { classes, options } = runOf();
const ENGINE = { engine: "onnx", device: "cpu", threads: 1 };

async function openNano(
  folder: string,
  engine: EngineChoice = ENGINE,
): Promise<Compute> {
  const bytes = await Deno.readFile(`${folder}/nano.safetensors`);
  const { card } = readCheckpoint(bytes.slice());
  return await openCompute(
    { card, classes, options },
    { engine, checkpoints: [bytes], options },
  );
}

async function withNano(use: (compute: Compute) => Promise<void>) {
  await withNanoCheckpoint(async (folder) => {
    const compute = await openNano(folder);
    try {
      await use(compute);
    } finally {
      await compute.close();
    }
  });
}

/** An image of 27 windows, no two alike. */
const LARGE = encodeNifti({
  data: Float32Array.from({ length: 64 ** 3 }, (_, n) => 1 + n % 101 / 20),
  shape: [64, 64, 64],
  affine: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1],
});

async function filesOf(caseId: string, image = PHANTOM.image) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/${caseId}.nii.gz`, image);
    const store = new FileStore(folder);
    return await fetchCase(caseOf(caseId), () => store, NEVER);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("openCompute() prepares, segments and finishes a case, and frees its threads", async () => {
  await withNano(async (compute) => {
    expect(compute.engine).toMatchObject({ name: "onnx", threads: 1 });
    const item = caseOf("a");
    const files = await filesOf("a");
    const { prepared, seconds } = await compute.cases.prepare(item, files);
    expect(Object.keys(seconds).sort()).toEqual(["preprocess", "read"]);
    const counts: [number, number][] = [];
    const segmented = await compute.segment(
      NEVER,
      "a",
      prepared,
      (done, total) => counts.push([done, total]),
    );
    const { computed } = segmented.windows;
    expect(counts.at(-1)).toEqual([computed, computed]);
    const { files: made, metrics } = await compute.cases.finish(
      item,
      segmented,
    );
    expect(made.map(({ name }) => name)).toEqual(["mask.nii.gz", "mip.png"]);
    expect(metrics.labelled).toBe(false);
    // It is given away once: a second try is a defect, and says so.
    await expect(compute.cases.finish(item, {
      mask: new Uint8Array(1),
      probabilities: undefined,
    })).rejects.toThrow(
      new TypeError('Cannot finish case "a": not prepared'),
    );
  });
});

Deno.test("openCompute() stops at the next window when aborted, with the signal's reason", async () => {
  await withNano(async (compute) => {
    const { prepared } = await compute.cases.prepare(
      caseOf("a"),
      await filesOf("a", LARGE),
    );
    const controller = new AbortController();
    const reason = new Error("asked to stop");
    let windows = 0;
    let total = 0;
    const work = compute.segment(controller.signal, "a", prepared, (_, all) => {
      windows++;
      total = all;
      controller.abort(reason);
    });
    await expect(work).rejects.toBe(reason);
    expect(total).toBe(27);
    // Some more may be done before its thread hears of it, on a busy machine.
    expect(windows).toBeLessThan(total / 2);
    await expect(compute.segment(controller.signal, "a", prepared, () => {}))
      .rejects.toBe(reason);
  });
});

Deno.test("openCompute() forgets a dropped case", async () => {
  await withNano(async (compute) => {
    await compute.cases.prepare(caseOf("a"), await filesOf("a"));
    await compute.cases.drop("a");
    await expect(compute.cases.finish(caseOf("a"), {
      mask: new Uint8Array(1),
      probabilities: undefined,
    })).rejects.toThrow("not prepared");
  });
});

Deno.test("openCompute() tells of a bad file as a failure of its case, in stage read", async () => {
  await withNano(async (compute) => {
    const files = {
      ...await filesOf("a"),
      images: [new TextEncoder().encode("no image")],
    };
    const work = compute.cases.prepare(caseOf("a"), files);
    await expect(work).rejects.toBeInstanceOf(CaseError);
    await expect(work).rejects.toMatchObject({
      kind: "unreadable",
      caseId: "a",
      stage: "read",
    });
  });
});

Deno.test("openCompute() refuses an engine that cannot be had as what it is, and leaves no thread behind", async () => {
  await withNanoCheckpoint(async (folder) => {
    await expect(openNano(folder, { engine: "onnx", device: "abacus" }))
      .rejects.toBeInstanceOf(RangeError);
    await expect(openNano(folder, { engine: "onnx", device: "cuda" }))
      .rejects.toMatchObject({ name: "CaseError", kind: "engine" });
  });
});
