/** @module What benchmarks run on: networks with random weights, and a real case or a phantom of its size. */
import type { Checkpoint } from "../../shared/network/checkpoint.ts";
import { makePhantom } from "../../shared/imaging/phantom/phantom.ts";
import { DISPLAY_SCALE } from "../../shared/imaging/phantom/scale.ts";
import { encodeNifti } from "../../shared/imaging/nifti/write.ts";
import type { Vec3 } from "../../shared/imaging/volume.ts";
import type { Weights } from "../../shared/network/graph.ts";
import {
  buildNetwork,
  type NetworkConfig,
} from "../../shared/network/networks.ts";
import { scans } from "../support/requires.ts";

const COMMON = {
  name: "ma3dseg",
  inChannels: 1,
  classes: 2,
  depths: [2, 2, 2, 2],
} as const;
export const SMALL: NetworkConfig = {
  ...COMMON,
  features: [8, 16, 32, 64],
  hidden: 128,
  depths: [2, 2, 2, 2],
};
export const FULL: NetworkConfig = {
  ...COMMON,
  features: [48, 96, 192, 384],
  hidden: 768,
  depths: [2, 2, 2, 2],
};

/** Weights that keep activations of ordinary size, the same in every run. */
export function randomWeights(network: NetworkConfig): Weights {
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32 - 0.5) * 0.1;
  };
  return new Map(
    [...buildNetwork(network).parameters].map(([name, shape]) => [name, {
      shape,
      data: Float32Array.from(
        { length: shape.reduce((a, b) => a * b, 1) },
        random,
      ),
    }]),
  );
}

/** A checkpoint with random weights, for images valued 70 to 255. */
export function randomCheckpoint(
  network: NetworkConfig,
  spacing: "native" | [number, number, number],
  roi: Vec3,
): Checkpoint {
  return {
    card: {
      format: 1,
      network,
      classes: ["background", "tumour"],
      channels: ["PET"],
      preprocessing: {
        spacingMm: spacing,
        orientation: "RAS",
        intensity: [{ lo: 70, hi: 255 }],
        crop: "foreground",
      },
      roi,
    },
    weights: randomWeights(network),
  };
}

export interface BenchmarkCase {
  readonly image: Uint8Array<ArrayBuffer>;
  readonly label: Uint8Array<ArrayBuffer>;
  /** What it is, for the table. */
  readonly remark: string;
}

/** Case 0004 of the LBT scans, 192 x 192 x 406; where it is not at hand, a phantom of its size. */
export async function benchmarkCase(): Promise<BenchmarkCase> {
  if ("path" in scans) {
    const { path } = scans;
    const read = (name: string) =>
      Deno.readFile(`${path}/lbt/${name}0004.nii.gz`);
    return {
      image: await read("imagesTr/images"),
      label: await read("labelsTr/labels"),
      remark: "case 0004",
    };
  }
  const { image, label } = makePhantom({
    seed: 1,
    index: 0,
    shape: [192, 192, 406],
    spacingMm: [3.125, 3.125, 2.68],
    scale: DISPLAY_SCALE,
  });
  return {
    image: encodeNifti(image),
    label: encodeNifti(label),
    remark: "a phantom of case 0004's size",
  };
}
