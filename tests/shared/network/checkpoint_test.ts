import { expect } from "@std/expect";
import fc from "fast-check";
import { CaseError } from "../../../shared/case_error.ts";
import {
  type CheckpointCard,
  readCheckpoint,
  writeCheckpoint,
} from "../../../shared/network/checkpoint.ts";
import { elementCount, type Weights } from "../../../shared/network/graph.ts";
import { buildNetwork } from "../../../shared/network/networks.ts";
import {
  readSafetensors,
  type StoredTensor,
  writeSafetensors,
} from "../../../shared/network/safetensors.ts";
import { mutation } from "../../support/mutation.ts";
import { fixture } from "../../support/requires.ts";

/** As small as a network can be, so that tests can damage it thousands of times. */
const CARD: CheckpointCard = {
  format: 1,
  network: {
    name: "uxnet3d",
    inChannels: 2,
    classes: 2,
    features: [1, 1, 1, 1],
    hidden: 1,
    depths: [1, 1, 1, 1],
  },
  classes: ["background", "tumour"],
  channels: ["PET", "CT"],
  preprocessing: {
    spacingMm: [4, 4, 4],
    orientation: "RAS",
    intensity: [{ lo: 0, hi: 20 }, { lo: -100, hi: 250 }],
    crop: "foreground",
  },
  roi: [64, 48, 32],
  training: { dataset: "phantoms", steps: 10, folds: [0, 1] },
};

/** Weights of the smallest network: sixteenths, which half precision stores exactly. */
function exampleWeights(): Map<
  string,
  { shape: readonly number[]; data: Float32Array<ArrayBuffer> }
> {
  let next = 0;
  return new Map(
    [...buildNetwork(CARD.network).parameters].map(([name, shape]) => {
      const data = new Float32Array(elementCount(shape));
      for (let i = 0; i < data.length; i++) data[i] = (next++ % 33 - 16) / 16;
      return [name, { shape, data }];
    }),
  );
}

/** The file of {@linkcode CARD}, with another card or other tensors. */
function fileWith(
  card: unknown,
  change: (tensors: Map<string, StoredTensor>) => void = () => {},
): Uint8Array<ArrayBuffer> {
  const original = readSafetensors(
    writeCheckpoint(CARD, exampleWeights(), "f32"),
  );
  const tensors = new Map(original.tensors);
  change(tensors);
  const text = typeof card === "string" ? card : JSON.stringify(card);
  return writeSafetensors(tensors, new Map([["uptake", text]]));
}

Deno.test("writeCheckpoint() writes what readCheckpoint() reads back, in both precisions", () => {
  const weights = exampleWeights();
  const sizes = (["f32", "f16"] as const).map((precision) => {
    const file = writeCheckpoint(CARD, weights, precision);
    expect(readCheckpoint(file)).toEqual({ card: CARD, weights });
    return file.length;
  });
  expect(sizes[1]!).toBeLessThan(sizes[0]!);
});

Deno.test("writeCheckpoint() gives the same bytes for weights in any order", () => {
  const reversed = new Map([...exampleWeights()].reverse());
  expect(writeCheckpoint(CARD, reversed, "f32"))
    .toEqual(writeCheckpoint(CARD, exampleWeights(), "f32"));
});

Deno.test("writeCheckpoint() keeps vectors in full precision in f16", () => {
  const weights = exampleWeights();
  const gamma = weights.get("uxnet_3d.stages.0.0.gamma")!;
  gamma.data[0] = 1e-6;
  const kernel = weights.get("uxnet_3d.stages.0.0.dwconv.weight")!;
  kernel.data[0] = 0.1;
  const read = readCheckpoint(writeCheckpoint(CARD, weights, "f16")).weights;
  expect(read.get("uxnet_3d.stages.0.0.gamma")?.data[0])
    .toBe(Math.fround(1e-6));
  expect(read.get("uxnet_3d.stages.0.0.dwconv.weight")?.data[0])
    .toBe(Math.f16round(0.1));
});

Deno.test("writeCheckpoint() refuses weights beyond half precision, and cards that make no sense", () => {
  const weights = exampleWeights();
  weights.get("out.conv.conv.weight")!.data[0] = 70_000;
  expect(() => writeCheckpoint(CARD, weights, "f16")).toThrow(RangeError);
  expect(() => writeCheckpoint(CARD, weights, "f16"))
    .toThrow('Cannot store "out.conv.conv.weight" in half precision');
  expect(() => writeCheckpoint({ ...CARD, roi: [1, 1, 1] }, weights, "f32"))
    .toThrow(RangeError);
  const fewer: Weights = new Map([...weights].slice(1));
  expect(() => writeCheckpoint(CARD, fewer, "f32")).toThrow(CaseError);
});

Deno.test("readCheckpoint() says what is wrong with a card", () => {
  const { network, preprocessing } = CARD;
  const cases: [unknown, string][] = [
    ["{", "card is no JSON"],
    [[], "card makes no sense: "],
    [{ ...CARD, format: 2 }, "card makes no sense: format: "],
    [{ ...CARD, extra: 1 }, '"extra"'],
    [{ ...CARD, network: { ...network, name: "unet" } }, "network.name: "],
    [{ ...CARD, network: { ...network, hidden: 2 ** 40 } }, "network.hidden: "],
    [
      { ...CARD, classes: ["background"] },
      "classes: the network takes 2, and there are 1",
    ],
    [
      { ...CARD, channels: ["PET"] },
      "channels: the network takes 2, and there are 1",
    ],
    [
      {
        ...CARD,
        preprocessing: { ...preprocessing, intensity: [{ lo: 0, hi: 1 }] },
      },
      "preprocessing.intensity: the network takes 2, and there are 1",
    ],
    [
      { ...CARD, roi: [64, 64, 40] },
      "roi: Cannot run the network on windows of 64x64x40 voxels",
    ],
    [{ ...CARD, roi: [16, 16, 16] }, "roi: Cannot run the network on windows"],
    [{ ...CARD, roi: [2 ** 30, 16, 16] }, "roi.0: "],
    [{ ...CARD, classes: ["background", ""] }, "classes.1: "],
  ];
  for (const [card, problem] of cases) {
    const file = fileWith(card);
    expect(() => readCheckpoint(file)).toThrow(CaseError);
    expect(() => readCheckpoint(file)).toThrow(problem);
  }
});

Deno.test("readCheckpoint() names the parameter that does not fit", () => {
  const name = "out.conv.conv.bias";
  const values = (...numbers: number[]) =>
    new Uint8Array(Float32Array.from(numbers).buffer);
  const cases: [(tensors: Map<string, StoredTensor>) => void, string][] = [
    [(tensors) => tensors.delete(name), `lacks the parameter "${name}"`],
    [(tensors) => tensors.clear(), 'downsample_layers.0.0.weight" and '],
    [
      (tensors) =>
        tensors.set("extra", { dtype: "F32", shape: [1], bytes: values(1) }),
      'the network does not know, the parameter "extra"',
    ],
    [
      (tensors) =>
        tensors.set(name, { dtype: "F32", shape: [1], bytes: values(1) }),
      `"${name}" has shape [1] and 1 values, and the network takes [2]`,
    ],
    [
      (tensors) =>
        tensors.set(name, { dtype: "F32", shape: [2], bytes: values(1, NaN) }),
      `"${name}" has a value of NaN (at 1)`,
    ],
    [
      (tensors) =>
        tensors.set(name, {
          dtype: "F32",
          shape: [2],
          bytes: values(-Infinity, 0),
        }),
      `"${name}" has a value of -Infinity (at 0)`,
    ],
    [
      (tensors) =>
        tensors.set(name, {
          dtype: "U8",
          shape: [2],
          bytes: new Uint8Array(2),
        }),
      `"${name}" is stored as U8`,
    ],
  ];
  for (const [change, problem] of cases) {
    const file = fileWith(CARD, change);
    expect(() => readCheckpoint(file)).toThrow(CaseError);
    expect(() => readCheckpoint(file)).toThrow(problem);
  }
});

Deno.test("readCheckpoint() refuses other files with a sentence", () => {
  const forward = Deno.readFileSync(
    fixture("network/ma3dseg_nano.forward.safetensors"),
  );
  expect(() => readCheckpoint(forward)).toThrow(
    "does not describe its network",
  );
  const pth = Deno.readFileSync(fixture("network/ma3dseg_nano.pth"));
  expect(() => readCheckpoint(pth)).toThrow("import it first");
  expect(() => readCheckpoint(new Uint8Array())).toThrow("is empty");
});

Deno.test("readCheckpoint() says how many bytes a file cut short lacks", () => {
  const whole = writeCheckpoint(CARD, exampleWeights(), "f32");
  expect(() => readCheckpoint(whole.subarray(0, -1)))
    .toThrow("is cut short: 1 bytes are missing");
  expect(() => readCheckpoint(whole.subarray(0, 1000)))
    .toThrow(/is cut short: \d+ bytes of its header are missing/);
});

Deno.test("readCheckpoint() gives weights that fit or a CaseError for damaged files", () => {
  const whole = writeCheckpoint(CARD, exampleWeights(), "f16");
  // Few of the damaged files can be read: one that can is always among them.
  const otherWeight = whole.slice();
  otherWeight[otherWeight.length - 2]! ^= 1;
  let read = 0;
  fc.assert(
    fc.property(mutation(whole), (bytes) => {
      try {
        const { card, weights } = readCheckpoint(bytes);
        const { parameters } = buildNetwork(card.network);
        expect(weights.size).toBe(parameters.size);
        read++;
      } catch (error) {
        expect(error).toBeInstanceOf(CaseError);
      }
    }),
    { numRuns: 500, examples: [[otherWeight]] },
  );
  expect(read).toBeGreaterThan(0);
});
