import { expect } from "@std/expect";
import {
  caseBytes,
  type CaseSize,
  networkBytes,
  type NetworkUse,
  peakActivations,
  workerBytes,
} from "../../../jobs/batch/estimate_memory.ts";
import type { Graph } from "../../../shared/network/graph.ts";
import { FULL, randomCheckpoint, SMALL } from "../../benchmark/inputs.ts";

/** in -> a -> b, and c = a + b: at most three of the four stand in memory. */
const diamond: Graph = {
  input: "in",
  inChannels: 1,
  nodes: [
    { op: "gelu", name: "a", inputs: ["in"] },
    { op: "gelu", name: "b", inputs: ["a"] },
    { op: "add", name: "c", inputs: ["a", "b"] },
    { op: "concat", name: "d", inputs: ["c", "c"] },
  ],
  output: "d",
  classes: 2,
  parameters: new Map(),
  sizeMultiple: 1,
};

Deno.test("peakActivations() frees a tensor after its last use", () => {
  // At c: a, b and c, 8 values each; at d: c and d, which has twice the channels.
  expect(peakActivations(diamond, [2, 2, 2], 1)).toBe(24);
  expect(peakActivations(diamond, [2, 2, 2], 3)).toBe(72);
});

function useOf(change: Partial<NetworkUse> = {}): NetworkUse {
  const { card } = randomCheckpoint(SMALL, "native", [96, 96, 96]);
  const full = { ...card, network: FULL };
  return {
    card: full,
    nCheckpoints: 1,
    roi: [96, 96, 96],
    batch: 1,
    ...change,
  };
}

/** Case 0004 of the LBT scans, of which a worker with one case at a time was measured at 2.35 GB. */
const measured: CaseSize = {
  bytes: 1.4e6,
  contentBytes: 192 * 192 * 406,
  shape: [192, 192, 406],
  preparedShape: [192, 192, 406],
};

Deno.test("workerBytes() lies above what was measured, and not far", () => {
  const bytes = workerBytes([measured], useOf());
  expect(bytes).toBeGreaterThan(2.35e9);
  expect(bytes).toBeLessThan(1.3 * 2.35e9);
});

Deno.test("workerBytes() is the largest case's, beside networks of all checkpoints", () => {
  const use = useOf();
  const small: CaseSize = {
    ...measured,
    shape: [10, 10, 10],
    preparedShape: [10, 10, 10],
  };
  expect(workerBytes([small, measured, small], use))
    .toBe(workerBytes([measured], use));
  const five = workerBytes([measured], useOf({ nCheckpoints: 5 }));
  expect(five - workerBytes([measured], use))
    .toBeGreaterThanOrEqual(4 * networkBytes(use));
  expect(networkBytes(useOf({ batch: 2 }))).toBeGreaterThan(networkBytes(use));
  const { card } = randomCheckpoint(SMALL, "native", [64, 64, 64]);
  expect(networkBytes({ ...use, card, roi: [64, 64, 64] }))
    .toBeLessThan(networkBytes(use) / 10);
});

Deno.test("caseBytes() counts images, labels and masks of three cases, and two prepared", () => {
  const size: CaseSize = {
    bytes: 7,
    contentBytes: 0,
    shape: [100, 100, 100],
    preparedShape: [96, 96, 96],
  };
  const larger = { ...size, shape: [200, 100, 100] } as const;
  const use = useOf();
  // 1e6 more voxels: 4 bytes of image, 1 of label, 1 of mask, three times.
  expect(caseBytes(larger, use) - caseBytes(size, use)).toBe(18e6);
  const finer = { ...size, preparedShape: [192, 96, 96] } as const;
  expect(caseBytes(finer, use) - caseBytes(size, use)).toBe(2 * 4 * 96 ** 3);
});
