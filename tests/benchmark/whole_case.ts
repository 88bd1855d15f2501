/** @module A whole case: reading, preprocessing, windows, metrics. */
import { compileModel } from "../../jobs/segmentation/model.ts";
import { segmentVolume } from "../../jobs/segmentation/segment_volume.ts";
import { chooseEngine } from "../../shared/engine/choose.ts";
import { readNifti, readNiftiLabel } from "../../shared/imaging/nifti/read.ts";
import { preprocess } from "../../shared/imaging/preprocess.ts";
import { preprocessLabel } from "../../shared/imaging/preprocess_label.ts";
import type { Vec3 } from "../../shared/imaging/volume.ts";
import { measureCase } from "../../shared/metrics/case_metrics.ts";
import type { NetworkConfig } from "../../shared/network/networks.ts";
import { bestSeconds, type Figure } from "./benchmark.ts";
import { benchmarkCase, FULL, randomCheckpoint, SMALL } from "./inputs.ts";

/** The small network over a case at 4 mm. */
export async function segmentCase(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const batch of [1, 2]) {
    const { seconds, windows, remark } = await segmentOnce(
      SMALL,
      [4, 4, 4],
      [64, 64, 64],
      0.5,
      batch,
    );
    figures.push({
      name: `small network over a case at 4 mm, batch ${batch}`,
      value: seconds,
      unit: "s",
      target: 32,
      reference: 133,
      remark: `${remark}, ${windows.computed} of ${windows.total} windows`,
    });
  }
  return figures;
}

/** Peak memory of this process; run it in one of its own. */
export async function memory(): Promise<Figure[]> {
  // Without overlap there are fewer windows; what is held does not depend on their number.
  const { remark } = await segmentOnce(FULL, "native", [96, 96, 96], 0, 1);
  const status = await Deno.readTextFile("/proc/self/status");
  const peakKib = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]);
  return [{
    name: "peak memory, full size, one window at a time",
    value: peakKib * 1024 / 1e9,
    unit: "GB",
    target: 2.5,
    reference: 2.7,
    remark: `${remark} at its own spacing`,
  }];
}

async function segmentOnce(
  network: NetworkConfig,
  spacing: "native" | [number, number, number],
  roi: Vec3,
  overlap: number,
  batch: number,
) {
  const { image, remark } = await benchmarkCase();
  const engine = await chooseEngine({
    engine: "onnx",
    device: "cpu",
    threads: 2,
  });
  const checkpoint = randomCheckpoint(network, spacing, roi);
  const model = await compileModel(engine, [checkpoint], roi, batch);
  const { volume } = readNifti(image);
  const startedAt = performance.now();
  const { windows } = await segmentVolume(
    [volume],
    model,
    {
      overlap,
      roi: [...roi],
      swBatch: batch,
      mode: "gaussian",
      tta: "none",
      minLesionMl: 0,
      saveProbabilities: false,
    },
    new AbortController().signal,
    () => {},
  );
  const seconds = (performance.now() - startedAt) / 1000;
  await model.dispose();
  return { seconds, windows, remark };
}

/** Reading and preparing image and label. */
export async function prepare(): Promise<Figure[]> {
  const { image, label, remark } = await benchmarkCase();
  const { card } = randomCheckpoint(SMALL, [4, 4, 4], [64, 64, 64]);
  const repeats = 5;
  const value = await bestSeconds(repeats, () => {
    const prepared = preprocess([readNifti(image).volume], card.preprocessing);
    preprocessLabel(readNiftiLabel(label).volume, prepared);
  });
  return [{
    name: "load and preprocess image and label to 4 mm",
    value,
    unit: "s",
    target: 1,
    reference: 1.26,
    repeats,
    remark,
  }];
}

/** All metrics of a mask of hot tissue, and of a shifted label, against the label. */
export async function metrics(): Promise<Figure[]> {
  const { image, label: labelBytes, remark } = await benchmarkCase();
  const { volume } = readNifti(image);
  const label = readNiftiLabel(labelBytes).volume;
  const shifted = new Uint8Array(label.data.length);
  shifted.set(label.data.subarray(0, -2 * label.shape[2]), 2 * label.shape[2]);
  const masks = {
    "the label shifted by two voxels": shifted,
    "tissue above 100 of 255": Uint8Array.from(
      volume.data,
      (value) => value > 100 ? 1 : 0,
    ),
  };
  const figures: Figure[] = [];
  for (const [name, data] of Object.entries(masks)) {
    const value = await bestSeconds(5, () =>
      measureCase({
        mask: { ...label, data },
        label,
        unit: "unknown",
        classes: ["background", "tumour"],
      }));
    figures.push({
      name: `all metrics: ${name}`,
      value,
      unit: "s",
      target: 0.5,
      reference: 0.5,
      repeats: 5,
      remark: `${remark}; their figure is Dice, HD95 and ASSD alone`,
    });
  }
  return figures;
}
