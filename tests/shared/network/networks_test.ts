import { expect } from "@std/expect";
import {
  elementCount,
  type Graph,
  type Shape,
} from "../../../shared/network/graph.ts";
import {
  buildNetwork,
  NETWORK_NAMES,
  networkSchema,
} from "../../../shared/network/networks.ts";
import { inferShapes } from "../../../shared/network/shapes.ts";
import { readGolden } from "../../support/golden.ts";
import { MA3DSEG_NANO, UXNET_NANO } from "../../support/networks.ts";
import { fixture } from "../../support/requires.ts";

const FULL_SIZE = {
  inChannels: 1,
  classes: 2,
  features: [48, 96, 192, 384],
  hidden: 768,
  depths: [2, 2, 2, 2],
} as const;

function parameterCount(graph: Graph): number {
  return [...graph.parameters.values()].reduce(
    (sum, shape) => sum + elementCount(shape),
    0,
  );
}

Deno.test("buildNetwork() has the parameter counts of the published networks", () => {
  const ma3dseg = buildNetwork({ name: "ma3dseg", ...FULL_SIZE });
  const uxnet3d = buildNetwork({ name: "uxnet3d", ...FULL_SIZE });
  expect(parameterCount(ma3dseg)).toBe(53_396_162);
  expect(parameterCount(uxnet3d)).toBe(53_005_922);
});

Deno.test("buildNetwork() has exactly the parameters that get gradients in PyTorch", () => {
  const golden = readGolden(fixture("network/ma3dseg_nano.step.safetensors"));
  const withGradient = golden.names.filter((name) => name.startsWith("grad."));
  const { parameters } = buildNetwork(MA3DSEG_NANO);
  expect([...parameters.keys()].toSorted()).toEqual(
    withGradient.map((name) => name.slice("grad.".length)).toSorted(),
  );
  for (const [name, shape] of parameters) {
    expect(golden.tensor(`grad.${name}`).shape).toEqual(shape);
  }
});

Deno.test("buildNetwork() uses every parameter in exactly one node", () => {
  for (const config of [MA3DSEG_NANO, UXNET_NANO]) {
    const graph = buildNetwork(config);
    const used = graph.nodes.flatMap((node) => {
      const weight = "weight" in node ? [node.weight] : [];
      const bias = "bias" in node && node.bias !== undefined ? [node.bias] : [];
      return [...weight, ...bias];
    });
    expect(used.toSorted()).toEqual([...graph.parameters.keys()].toSorted());
  }
});

Deno.test("buildNetwork() halves and doubles sizes as published", () => {
  const graph = buildNetwork({ name: "ma3dseg", ...FULL_SIZE });
  const shapes = inferShapes(graph, [2, 1, 96, 96, 96]);
  const expected: [string, Shape][] = [
    ["uxnet_3d.norm0", [2, 48, 48, 48, 48]],
    ["uxnet_3d.norm1", [2, 96, 24, 24, 24]],
    ["uxnet_3d.norm2", [2, 192, 12, 12, 12]],
    ["uxnet_3d.norm3", [2, 384, 6, 6, 6]],
    ["encoder1.layer", [2, 48, 96, 96, 96]],
    ["encoder2.layer", [2, 96, 48, 48, 48]],
    ["encoder3.layer", [2, 192, 24, 24, 24]],
    ["encoder4.layer", [2, 384, 12, 12, 12]],
    ["encoder5.layer", [2, 768, 6, 6, 6]],
    ["decoder5.conv_block", [2, 384, 12, 12, 12]],
    ["decoder2.conv_block", [2, 48, 96, 96, 96]],
    [graph.output, [2, 2, 96, 96, 96]],
  ];
  for (const [name, shape] of expected) {
    expect([name, shapes.get(name)]).toEqual([name, shape]);
  }
});

Deno.test("buildNetwork() takes any widths, depths, channels and classes", () => {
  for (const name of NETWORK_NAMES) {
    const graph = buildNetwork({
      name,
      inChannels: 3,
      classes: 5,
      features: [2, 7, 3, 5],
      hidden: 4,
      depths: [1, 3, 2, 1],
    });
    const shapes = inferShapes(graph, [1, 3, 32, 16, 48]);
    expect(shapes.get(graph.output)).toEqual([1, 5, 32, 16, 48]);
    expect(graph.parameters.has("uxnet_3d.stages.1.2.gamma")).toBe(true);
    expect(graph.parameters.has("uxnet_3d.stages.0.1.gamma")).toBe(false);
  }
});

Deno.test("networkSchema refuses what no network can have", () => {
  const good = { name: "ma3dseg", ...FULL_SIZE };
  expect(networkSchema.safeParse(good).success).toBe(true);
  for (
    const wrong of [
      { name: "unet" },
      { inChannels: 0 },
      { classes: 1 },
      { classes: 2.5 },
      { features: [48, 96, 192] },
      { features: [48, 96, 192, 1e9] },
      { hidden: "768" },
      { depths: [2, 2, 2, 0] },
      { dropout: 0.1 },
    ]
  ) {
    const parsed = networkSchema.safeParse({ ...good, ...wrong });
    expect([wrong, parsed.success]).toEqual([wrong, false]);
  }
});
