/**
 * What every engine must do, as tests: each engine's test file registers them for itself.
 * @module
 */
import { expect } from "@std/expect";
import { CaseError } from "../../../shared/case_error.ts";
import type { Engine } from "../../../shared/engine/engine.ts";
import {
  elementCount,
  type Graph,
  type Shape,
  type Weights,
} from "../../../shared/network/graph.ts";
import { importPytorch } from "../../../shared/network/import_pytorch.ts";
import { buildNetwork } from "../../../shared/network/networks.ts";
import { readGolden } from "../../support/golden.ts";
import {
  MA3DSEG_NANO,
  MA3DSEG_TINY,
  UXNET_NANO,
  UXNET_TINY,
} from "../../support/networks.ts";
import { fixture, reference, testWith } from "../../support/requires.ts";
import { computeByLoops } from "./loop_reference.ts";
import {
  BY_HAND,
  graphOf,
  randomNumbers,
  randomWeights,
  SMALL_GRAPHS,
  weightsOf,
} from "./small_graphs.ts";

const NANOS = [MA3DSEG_NANO, UXNET_NANO];
const TINIES = [MA3DSEG_TINY, UXNET_TINY];
type NetworkConfig = typeof NANOS[number] | typeof TINIES[number];

/** Compiles, runs one batch, disposes; a copy of the logits. */
async function runOnce(
  engine: Engine,
  graph: Graph,
  weights: Weights,
  shape: Shape,
  input: Float32Array<ArrayBuffer>,
): Promise<Float32Array<ArrayBuffer>> {
  const network = await engine.compile(graph, weights, shape);
  try {
    expect(network.inputShape).toEqual(shape);
    const logits = await network.run(input);
    expect(logits.length).toBe(elementCount(network.outputShape));
    return logits.slice();
  } finally {
    await network.dispose();
  }
}

function largestDifference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    // A NaN must not pass as "not larger".
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

function meanDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum / a.length;
}

function range(values: ArrayLike<number>): number {
  let lo = Infinity;
  let hi = -Infinity;
  for (let i = 0; i < values.length; i++) {
    lo = Math.min(lo, values[i]!);
    hi = Math.max(hi, values[i]!);
  }
  return hi - lo;
}

/** Checks that the logits of a published checkpoint agree with PyTorch's. */
export async function expectGolden(
  engine: Engine,
  config: NetworkConfig,
  checkpointPath: string,
  forwardPath: string,
): Promise<void> {
  const { weights } = importPytorch(Deno.readFileSync(checkpointPath), {
    network: config.name,
    preprocessing: {
      spacingMm: "native",
      orientation: "RAS",
      intensity: [{ lo: 0, hi: 1 }],
      crop: "none",
    },
  });
  const golden = readGolden(forwardPath);
  const { shape, data } = golden.tensor("input");
  const wanted = golden.tensor("logits").data;
  const logits = await runOnce(
    engine,
    buildNetwork(config),
    weights,
    shape,
    Float32Array.from(data),
  );
  expect(largestDifference(logits, wanted)).toBeLessThan(1e-3);
  expect(meanDifference(logits, wanted)).toBeLessThan(1e-4 * range(wanted));
}

function testOperations(
  engine: () => Promise<Engine>,
  label: string,
): void {
  for (const { graph, weights, shape, input, output } of BY_HAND) {
    Deno.test(`${label} computes ${graph} as by hand`, async () => {
      const built = graphOf(SMALL_GRAPHS[graph]!);
      const values = weightsOf(built, weights);
      const logits = await runOnce(
        await engine(),
        built,
        values,
        shape,
        Float32Array.from(input),
      );
      expect(largestDifference(logits, output)).toBeLessThan(1e-5);
    });
  }

  for (const [name, small] of Object.entries(SMALL_GRAPHS)) {
    Deno.test(`${label} computes ${name} as plain loops do`, async () => {
      const graph = graphOf(small);
      const weights = randomWeights(graph);
      const shape = [2, graph.inChannels, 6, 4, 8] as const;
      const input = randomNumbers(elementCount(shape));
      const logits = await runOnce(
        await engine(),
        graph,
        weights,
        shape,
        input,
      );
      const wanted = computeByLoops(graph, weights, input, shape);
      expect(range(wanted)).toBeGreaterThan(0.1);
      expect(largestDifference(logits, wanted)).toBeLessThan(2e-5);
    });
  }
}

function testNetworks(engine: () => Promise<Engine>, label: string): void {
  for (const config of NANOS) {
    const stem = `network/${config.name === "ma3dseg" ? "ma3dseg" : "uxnet"}`;
    Deno.test(`${label} gives PyTorch's logits of a nano ${config.name}`, async () => {
      await expectGolden(
        await engine(),
        config,
        fixture(`${stem}_nano.pth`),
        fixture(`${stem}_nano.forward.safetensors`),
      );
    });
  }
  for (const config of TINIES) {
    const stem = `network/${config.name === "ma3dseg" ? "ma3dseg" : "uxnet"}`;
    testWith(
      reference,
      `${label} gives PyTorch's logits of a tiny ${config.name}`,
      async (folder) => {
        await expectGolden(
          await engine(),
          config,
          `${folder}/${stem}_tiny.pth`,
          `${folder}/${stem}_tiny.forward.safetensors`,
        );
      },
    );
  }

  Deno.test(`${label} takes windows that are no cubes`, async () => {
    const graph = buildNetwork({ ...MA3DSEG_NANO, inChannels: 2 });
    const weights = randomWeights(graph);
    const shape = [1, 2, 16, 32, 16] as const;
    const input = randomNumbers(elementCount(shape));
    const logits = await runOnce(await engine(), graph, weights, shape, input);
    const wanted = computeByLoops(graph, weights, input, shape);
    expect(largestDifference(logits, wanted)).toBeLessThan(1e-3);
  });

  Deno.test(`${label} gives a batch of 2 the logits of two batches of 1`, async () => {
    const graph = buildNetwork(MA3DSEG_NANO);
    const weights = randomWeights(graph);
    const input = randomNumbers(2 * 32 ** 3);
    const both = await runOnce(
      await engine(),
      graph,
      weights,
      [2, 1, 32, 32, 32],
      input,
    );
    const single = await (await engine()).compile(graph, weights, [
      1,
      1,
      32,
      32,
      32,
    ]);
    const first = (await single.run(input.slice(0, 32 ** 3))).slice();
    const second = await single.run(input.slice(32 ** 3));
    expect(largestDifference(both.subarray(0, first.length), first))
      .toBeLessThan(1e-4);
    expect(largestDifference(both.subarray(first.length), second))
      .toBeLessThan(1e-4);
    expect(largestDifference(first, second)).toBeGreaterThan(0.01);
    await single.dispose();
  });

  Deno.test(`${label} gives the same bits twice`, async () => {
    const graph = buildNetwork(MA3DSEG_NANO);
    const input = randomNumbers(32 ** 3);
    const [first, second] = [
      await runOnce(
        await engine(),
        graph,
        randomWeights(graph),
        [1, 1, 32, 32, 32],
        input,
      ),
      await runOnce(
        await engine(),
        graph,
        randomWeights(graph),
        [1, 1, 32, 32, 32],
        input,
      ),
    ];
    expect(first).toEqual(second);
  });
}

function testRefusals(engine: () => Promise<Engine>, label: string): void {
  const graph = graphOf(SMALL_GRAPHS["a 1x1x1 convolution with bias"]!);
  const good = randomWeights(graph);
  const shape = [1, 4, 2, 2, 2];
  const wrong: readonly (readonly [string, Weights])[] = [
    ["lack a parameter", new Map([["w", good.get("w")!]])],
    [
      "have another shape",
      new Map([...good, ["b", { shape: [3], data: new Float32Array(3) }]]),
    ],
  ];
  for (const [how, weights] of wrong) {
    Deno.test(`${label} refuses weights that ${how}`, async () => {
      const failure = (await engine()).compile(graph, weights, shape);
      const error = await failure.catch((thrown) => thrown);
      expect(error).toBeInstanceOf(CaseError);
      expect(error.kind).toBe("model");
      expect(error.message).toContain('"b"');
    });
  }

  Deno.test(`${label} refuses sizes that are no multiple of the network's`, async () => {
    const network = buildNetwork(MA3DSEG_NANO);
    await expect(
      (await engine()).compile(network, randomWeights(network), [
        1,
        1,
        32,
        32,
        40,
      ]),
    ).rejects.toThrow(RangeError);
  });

  Deno.test(`${label} refuses an input of another length and a disposed network`, async () => {
    const network = await (await engine()).compile(graph, good, shape);
    await expect(network.run(new Float32Array(31))).rejects.toThrow(TypeError);
    await network.dispose();
    await network.dispose();
    await expect(network.run(new Float32Array(32))).rejects.toThrow(TypeError);
  });
}

/** Registers the contract's tests for one engine, which is made when the first test needs it. */
export function testEngine(create: () => Promise<Engine>, label: string): void {
  let made: Promise<Engine> | undefined;
  function engine(): Promise<Engine> {
    return made ??= create();
  }
  testOperations(engine, label);
  testNetworks(engine, label);
  testRefusals(engine, label);
  Deno.test(`${label} runs several networks side by side`, async () => {
    const names = ["gelu", "leaky relu", "a scale per channel"];
    const results = await Promise.all(names.map(async (name, i) => {
      const graph = graphOf(SMALL_GRAPHS[name]!);
      const weights = randomWeights(graph);
      const shape = [1, graph.inChannels, 3, 4, 5 + i] as const;
      const input = randomNumbers(elementCount(shape), i + 1);
      const network = await (await engine()).compile(graph, weights, shape);
      const runs = await Promise.all([network.run(input), network.run(input)]);
      await network.dispose();
      const wanted = computeByLoops(graph, weights, input, shape);
      return runs.map((logits) => largestDifference(logits, wanted));
    }));
    for (const difference of results.flat()) {
      expect(difference).toBeLessThan(1e-5);
    }
  });
}
