import { expect } from "@std/expect";
import { CaseError } from "../../../shared/case_error.ts";
import type { Preprocessing } from "../../../shared/imaging/preprocessing.ts";
import {
  readCheckpoint,
  writeCheckpoint,
} from "../../../shared/network/checkpoint.ts";
import type { Shape } from "../../../shared/network/graph.ts";
import {
  type ImportOptions,
  importPytorch,
} from "../../../shared/network/import_pytorch.ts";
import {
  buildNetwork,
  type NetworkConfig,
} from "../../../shared/network/networks.ts";
import {
  MA3DSEG_NANO,
  MA3DSEG_TINY,
  UXNET_NANO,
} from "../../support/networks.ts";
import {
  dict,
  pickle,
  pytorchFile,
  tensor,
} from "../../support/pytorch_file.ts";
import { fixture, reference, testWith } from "../../support/requires.ts";

const PREPROCESSING: Preprocessing = {
  spacingMm: "native",
  orientation: "RAS",
  intensity: [{ lo: 70, hi: 255 }],
  crop: "foreground",
};
const OPTIONS: ImportOptions = { preprocessing: PREPROCESSING };

function nano(name: string): Uint8Array {
  return Deno.readFileSync(fixture(`network/${name}_nano.pth`));
}

Deno.test("importPytorch() infers the network and keeps the parameters it uses", () => {
  const { card, weights } = importPytorch(nano("ma3dseg"), OPTIONS);
  expect(card).toEqual({
    format: 1,
    network: MA3DSEG_NANO,
    classes: ["background", "tumour"],
    channels: ["PET"],
    preprocessing: PREPROCESSING,
    roi: [96, 96, 96],
  });
  expect([...weights.keys()].toSorted())
    .toEqual([...buildNetwork(MA3DSEG_NANO).parameters.keys()].toSorted());
});

Deno.test("importPytorch() takes the other network, names and roi by option", () => {
  const { card, weights } = importPytorch(nano("uxnet"), {
    ...OPTIONS,
    network: "uxnet3d",
    classes: ["background", "primary", "node"],
    channels: ["FDG"],
    roi: [64, 64, 32],
  });
  expect(card.network).toEqual(UXNET_NANO);
  expect(card).toMatchObject({
    classes: ["background", "primary", "node"],
    channels: ["FDG"],
    roi: [64, 64, 32],
  });
  expect(weights.size).toBe(buildNetwork(UXNET_NANO).parameters.size);
});

Deno.test("importPytorch() makes a checkpoint that survives writing and reading", () => {
  const imported = importPytorch(nano("ma3dseg"), OPTIONS);
  const file = writeCheckpoint(imported.card, imported.weights, "f32");
  expect(readCheckpoint(file)).toEqual(imported);
  const half = readCheckpoint(
    writeCheckpoint(imported.card, imported.weights, "f16"),
  );
  for (const [name, { data }] of imported.weights) {
    const stored = half.weights.get(name)!.data;
    const worst = data.reduce(
      (most, value, i) => Math.max(most, Math.abs(stored[i]! - value)),
      0,
    );
    expect(worst).toBeLessThan(1e-3);
  }
});

testWith(reference, "importPytorch() reads the trained weights", (path) => {
  const { card } = importPytorch(
    Deno.readFileSync(`${path}/weights/ma3dseg_small_lbt.pth`),
    { ...OPTIONS, roi: [64, 64, 64] },
  );
  expect(card.network).toEqual(MA3DSEG_TINY);
});

const SMALL: NetworkConfig = {
  name: "uxnet3d",
  inChannels: 2,
  classes: 4,
  features: [1, 2, 1, 3],
  hidden: 2,
  depths: [1, 2, 1, 1],
};

/** A file with zeros for the parameters of {@linkcode SMALL}, after a change. */
function smallFile(
  change: (shapes: Map<string, Shape>) => void = () => {},
): Uint8Array {
  const shapes = new Map(buildNetwork(SMALL).parameters);
  change(shapes);
  const length = 2000;
  const entries = [...shapes].map(([name, shape]) =>
    [name, tensor({ shape, length })] as const
  );
  return pytorchFile(pickle(dict(...entries)), { 0: new Float32Array(length) });
}

const TWO_CHANNELS: ImportOptions = {
  preprocessing: {
    ...PREPROCESSING,
    intensity: [{ lo: 0, hi: 20 }, { lo: -100, hi: 250 }],
  },
};

Deno.test("importPytorch() infers channels, classes, widths and depths, and names the rest", () => {
  const { card } = importPytorch(smallFile(), TWO_CHANNELS);
  expect(card.network).toEqual(SMALL);
  expect(card.classes).toEqual(["background", "class 1", "class 2", "class 3"]);
  expect(card.channels).toEqual(["channel 1", "channel 2"]);
});

Deno.test("importPytorch() takes one intensity range for all channels", () => {
  const { card } = importPytorch(smallFile(), OPTIONS);
  const [range] = PREPROCESSING.intensity;
  expect(card.preprocessing.intensity).toEqual([range, range]);
});

Deno.test("importPytorch() names the parameter that is missing, unknown or of another shape", () => {
  const cases: [(shapes: Map<string, Shape>) => void, string][] = [
    [
      (shapes) => shapes.delete("out.conv.conv.weight"),
      'lacks the parameter "out.conv.conv.weight"',
    ],
    [
      (shapes) => shapes.delete("decoder3.conv_block.conv2.conv.weight"),
      'lacks the parameter "decoder3.conv_block.conv2.conv.weight"',
    ],
    [
      (shapes) =>
        shapes.set("encoder4.layer.conv3.conv.weight", [3, 2, 1, 1, 1]),
      '"encoder4.layer.conv3.conv.weight" has shape [3, 2, 1, 1, 1] and 6 values, and the network takes [3, 1, 1, 1, 1]',
    ],
    [(shapes) => shapes.set("head.weight", [1]), 'the parameter "head.weight"'],
    [
      (shapes) => shapes.delete("uxnet_3d.stages.0.0.dwconv.weight"),
      "the blocks of no known network (ma3dseg, uxnet3d)",
    ],
    [
      (shapes) => shapes.set("out.conv.conv.weight", [1, 1, 1, 1, 1]),
      "describe no network: classes: ",
    ],
    [
      (shapes) => shapes.set("uxnet_3d.downsample_layers.0.0.weight", [1]),
      "describe no network: inChannels: ",
    ],
    [
      (shapes) => shapes.delete("uxnet_3d.stages.1.0.gamma"),
      "describe no network: depths.1: ",
    ],
  ];
  for (const [change, problem] of cases) {
    const file = smallFile(change);
    expect(() => importPytorch(file, TWO_CHANNELS)).toThrow(CaseError);
    expect(() => importPytorch(file, TWO_CHANNELS)).toThrow(problem);
  }
});

Deno.test("importPytorch() refuses options that do not fit the file", () => {
  const cases: [Partial<ImportOptions>, string][] = [
    [{ classes: ["background"] }, "classes: the network takes 2"],
    [{ channels: ["PET", "CT"] }, "channels: the network takes 1"],
    [TWO_CHANNELS, "preprocessing.intensity: the network takes 1"],
    [{ roi: [96, 96, 90] }, "roi: Cannot run the network on windows"],
  ];
  for (const [options, problem] of cases) {
    const run = () =>
      importPytorch(nano("ma3dseg"), { ...OPTIONS, ...options });
    expect(run).toThrow(RangeError);
    expect(run).toThrow(problem);
  }
  expect(() =>
    importPytorch(smallFile(), { ...TWO_CHANNELS, network: "ma3dseg" })
  )
    .toThrow('lacks the parameter "uxnet_3d.stages.0.0.separable_conv');
});
