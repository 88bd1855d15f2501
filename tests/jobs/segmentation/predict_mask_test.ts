import { expect } from "@std/expect";
import { compileModel, type Model } from "../../../jobs/segmentation/model.ts";
import {
  type ForwardTimes,
  predictMask,
} from "../../../jobs/segmentation/predict_mask.ts";
import {
  prepareChannels,
  segmentVolume,
} from "../../../jobs/segmentation/segment_volume.ts";
import { chooseEngine } from "../../../shared/engine/choose.ts";
import { readNifti } from "../../../shared/imaging/nifti/read.ts";
import { readCheckpoint } from "../../../shared/network/checkpoint.ts";
import { withNanoCheckpoint } from "../../support/command_line.ts";
import { PHANTOM } from "../../support/datasets.ts";
import { runOf } from "../../support/runs.ts";

const NEVER = new AbortController().signal;
const OPTIONS = { ...runOf().options, saveProbabilities: true };
const { volume } = readNifti(PHANTOM.image);

async function withModel(
  use: (model: Model) => Promise<void>,
  copies = 1,
): Promise<void> {
  await withNanoCheckpoint(async (folder) => {
    const file = await Deno.readFile(`${folder}/nano.safetensors`);
    const checkpoint = readCheckpoint(file);
    const engine = await chooseEngine({
      engine: "onnx",
      device: "cpu",
      threads: 1,
    });
    const model = await compileModel(
      engine,
      Array.from({ length: copies }, () => checkpoint),
      OPTIONS.roi,
      1,
    );
    try {
      await use(model);
    } finally {
      await model.dispose();
    }
  });
}

function prepare(model: Model) {
  return prepareChannels([volume], model.checkpoints[0]!.card);
}

Deno.test("predictMask() of a prepared case equals segmentVolume() of its image", async () => {
  await withModel(async (model) => {
    const predicted = await predictMask(
      prepare(model),
      model,
      OPTIONS,
      NEVER,
      () => {},
    );
    const whole = await segmentVolume(
      [volume],
      model,
      OPTIONS,
      NEVER,
      () => {},
    );
    expect(predicted.mask.some((value) => value > 0)).toBe(true);
    expect(predicted.mask).toEqual(whole.mask);
    expect(predicted.probabilities).toEqual(whole.probabilities);
    expect(predicted.windows).toEqual(whole.windows);
  });
});

Deno.test("predictMask() tells when forward passes were in flight, within its own time", async () => {
  await withModel(async (model) => {
    const prepared = prepare(model);
    const now = () => performance.timeOrigin + performance.now();
    const before = now();
    const { forward, windows } = await predictMask(
      prepared,
      model,
      OPTIONS,
      NEVER,
      () => {},
    );
    const after = now();
    expect(windows.computed).toBeGreaterThan(1);
    expect(forward.startedAtMs).toBeGreaterThanOrEqual(before);
    expect(forward.endedAtMs).toBeGreaterThan(forward.startedAtMs);
    expect(forward.endedAtMs).toBeLessThanOrEqual(after);
    expect(forward.seconds).toBeGreaterThan(0);
    expect(forward.seconds * 1000)
      .toBeLessThanOrEqual(forward.endedAtMs - forward.startedAtMs);
  });
});

Deno.test("predictMask() counts windows up, of all checkpoints together, and the time of their forward passes", async () => {
  await withModel(async (model) => {
    const counts: [number, number][] = [];
    const times: ForwardTimes[] = [];
    const { windows, forward } = await predictMask(
      prepare(model),
      model,
      OPTIONS,
      NEVER,
      (done, total, forward) => {
        counts.push([done, total]);
        times.push(forward);
      },
    );
    const { computed } = windows;
    expect(computed % 2).toBe(0);
    expect(counts).toEqual(
      Array.from({ length: computed }, (_, n) => [n + 1, computed]),
    );
    expect(times[0]!.seconds).toBeGreaterThan(0);
    expect(times[0]!.seconds).toBeLessThan(forward.seconds);
    expect(times.at(-1)).toEqual(forward);
  }, 2);
});

Deno.test("predictMask() does nothing when it was aborted before", async () => {
  await withModel(async (model) => {
    const reason = new Error("asked to stop");
    let windows = 0;
    await expect(
      predictMask(
        prepare(model),
        model,
        OPTIONS,
        AbortSignal.abort(reason),
        () => windows++,
      ),
    ).rejects.toBe(reason);
    expect(windows).toBeLessThanOrEqual(1);
  });
});
