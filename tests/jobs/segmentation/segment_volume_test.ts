import { expect } from "@std/expect";
import { compileModel } from "../../../jobs/segmentation/model.ts";
import { segmentVolume } from "../../../jobs/segmentation/segment_volume.ts";
import { chooseEngine } from "../../../shared/engine/choose.ts";
import { readNifti } from "../../../shared/imaging/nifti/read.ts";
import type { Vec3 } from "../../../shared/imaging/volume.ts";
import { importPytorch } from "../../../shared/network/import_pytorch.ts";
import type { SegmentOptions } from "../../../shared/runs/records.ts";
import { readGolden } from "../../support/golden.ts";
import { fixture, reference, testWith } from "../../support/requires.ts";

const OPTIONS: SegmentOptions = {
  overlap: 0.5,
  roi: [32, 32, 32],
  swBatch: 1,
  mode: "gaussian",
  tta: "none",
  minLesionMl: 0,
  saveProbabilities: true,
};

function numbers(text: string | undefined): number[] {
  return (text ?? "").replace(/[()]/g, "").split(",").map(Number);
}

async function model(
  path: string,
  spacing: [number, number, number],
  [lo, hi]: readonly number[],
  roi: Vec3,
  batch = 1,
  copies = 1,
) {
  const { card, weights } = importPytorch(await Deno.readFile(path), {
    network: path.includes("uxnet") ? "uxnet3d" : "ma3dseg",
    preprocessing: {
      spacingMm: spacing,
      orientation: "RAS",
      intensity: [{ lo: lo!, hi: hi! }],
      crop: "foreground",
    },
    roi,
  });
  const engine = await chooseEngine({ engine: "onnx", device: "cpu" });
  const ref = { name: "x", location: "file:///x", sha256: "0".repeat(64) };
  const checkpoint = { card, weights, ref };
  return await compileModel(
    engine,
    Array.from({ length: copies }, () => checkpoint),
    roi,
    batch,
  );
}

const golden = [
  ["oblique_ma3dseg_tiny", "phantom_oblique", "ma3dseg_tiny"],
  ["permuted_uxnet_tiny", "phantom_permuted", "uxnet_tiny"],
] as const;
for (const [name, image, network] of golden) {
  testWith(
    reference,
    `segmentVolume() agrees with MONAI and PyTorch end to end: ${name}`,
    async (folder) => {
      const expected = await readGolden(`${folder}/e2e/${name}.safetensors`);
      const { spacing, range, roi, overlap, mode } = expected.metadata;
      const [sx = 0, sy = 0, sz = 0] = numbers(spacing);
      const [rx = 0, ry = 0, rz = 0] = numbers(roi);
      const compiled = await model(
        `${folder}/network/${network}.pth`,
        [sx, sy, sz],
        numbers(range),
        [rx, ry, rz],
      );
      const { volume } = readNifti(
        await Deno.readFile(fixture(`preprocess/${image}.nii.gz`)),
      );
      const { mask, probabilities } = await segmentVolume(
        [volume],
        compiled,
        {
          ...OPTIONS,
          overlap: Number(overlap),
          mode: mode === "constant" ? "constant" : "gaussian",
        },
        new AbortController().signal,
        () => {},
      );
      await compiled.dispose();
      const wanted = expected.tensor("prob").data;
      let largest = 0;
      for (let n = 0; n < wanted.length; n++) {
        largest = Math.max(largest, Math.abs(wanted[n]! - probabilities![n]!));
      }
      expect(probabilities!.length).toBe(wanted.length);
      expect(largest).toBeLessThan(1e-3);
      const wantedMask = expected.tensor("mask").data;
      let different = 0;
      for (let n = 0; n < mask.length; n++) {
        if (mask[n] === wantedMask[n]) continue;
        // Exactly on the crop's edge the reference mixes in about 1e-16 of the inside and takes
        // the largest of that noise; without it every class is 0 there, which is background.
        let sum = 0;
        for (let at = n; at < wanted.length; at += mask.length) {
          sum += wanted[at]!;
        }
        if (sum > 1e-9 || mask[n] !== 0) different++;
      }
      expect(mask.length).toBe(wantedMask.length);
      expect(different).toBeLessThanOrEqual(mask.length / 2000);
    },
  );
}

const NANO = fixture("network/ma3dseg_nano.pth");
const phantom = readNifti(
  await Deno.readFile(fixture("preprocess/phantom_lps.nii.gz")),
).volume;

async function segment(
  change: Partial<SegmentOptions> = {},
  batch = 1,
  copies = 1,
) {
  const compiled = await model(
    NANO,
    [3, 3, 3],
    [0, 8],
    [32, 32, 32],
    batch,
    copies,
  );
  try {
    return await segmentVolume(
      [phantom],
      compiled,
      { ...OPTIONS, ...change },
      new AbortController().signal,
      () => {},
    );
  } finally {
    await compiled.dispose();
  }
}

Deno.test("segmentVolume() gives the same mask for any batch size", async () => {
  const one = await segment();
  const four = await segment({}, 4);
  expect(four.mask).toEqual(one.mask);
  // The runtime may sum in another order for another batch: no more than its rounding differs.
  let largest = 0;
  one.probabilities!.forEach((value, n) => {
    largest = Math.max(largest, Math.abs(value - four.probabilities![n]!));
  });
  expect(largest).toBeLessThan(1e-5);
});

Deno.test("segmentVolume() of equal checkpoints equals that of one", async () => {
  const one = await segment();
  const three = await segment({}, 1, 3);
  expect(three.mask).toEqual(one.mask);
  expect(three.windows).toEqual({
    computed: 3 * one.windows.computed,
    total: 3 * one.windows.total,
  });
});

Deno.test("segmentVolume() changes scores with mirrored views, and sums probabilities to 1", async () => {
  const plain = await segment();
  const { probabilities } = await segment({ tta: "mirror" });
  expect(probabilities).not.toEqual(plain.probabilities);
  const half = probabilities!.length / 2;
  let highest = 0;
  for (let n = 0; n < half; n++) {
    highest = Math.max(highest, probabilities![n]! + probabilities![n + half]!);
  }
  expect(highest).toBeCloseTo(1, 5);
});

Deno.test("segmentVolume() drops lesions below the limit", async () => {
  const all = await segment();
  const none = await segment({ minLesionMl: 1e9 });
  expect(all.mask.some((value) => value > 0)).toBe(true);
  expect(none.mask.every((value) => value === 0)).toBe(true);
});

Deno.test("segmentVolume() refuses other channels than the checkpoint's, naming them", async () => {
  const compiled = await model(NANO, [3, 3, 3], [0, 8], [32, 32, 32]);
  const two = segmentVolume(
    [phantom, phantom],
    compiled,
    OPTIONS,
    new AbortController().signal,
    () => {},
  );
  await expect(two).rejects.toThrow(
    "it has 2 images, the checkpoint needs 1 (PET)",
  );
  await compiled.dispose();
});

Deno.test("segmentVolume() stops at the next window when aborted", async () => {
  const compiled = await model(NANO, [3, 3, 3], [0, 8], [32, 32, 32]);
  const controller = new AbortController();
  let windows = 0;
  const stopped = segmentVolume(
    [phantom],
    compiled,
    OPTIONS,
    controller.signal,
    (done) => {
      windows = done;
      controller.abort();
    },
  );
  await expect(stopped).rejects.toThrow("aborted");
  expect(windows).toBe(1);
  await compiled.dispose();
});
