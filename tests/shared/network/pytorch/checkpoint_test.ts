import { expect } from "@std/expect";
import {
  buildNetwork,
  type NetworkConfig,
} from "../../../../shared/network/networks.ts";
import { readPytorchCheckpoint } from "../../../../shared/network/pytorch/checkpoint.ts";
import {
  MA3DSEG_NANO,
  MA3DSEG_TINY,
  UXNET_NANO,
  UXNET_TINY,
} from "../../../support/networks.ts";
import { fixture, reference, testWith } from "../../../support/requires.ts";

function expectParameters(path: string, config: NetworkConfig): void {
  const weights = readPytorchCheckpoint(Deno.readFileSync(path));
  expect(weights.size).toBe(147);
  for (const [name, shape] of buildNetwork(config).parameters) {
    expect([name, weights.get(name)?.shape]).toEqual([name, shape]);
  }
}

Deno.test("readPytorchCheckpoint() finds every parameter of the graph, with its shape", () => {
  expectParameters(fixture("network/ma3dseg_nano.pth"), MA3DSEG_NANO);
  expectParameters(fixture("network/uxnet_nano.pth"), UXNET_NANO);
});

testWith(
  reference,
  "readPytorchCheckpoint() finds every parameter of the tiny networks",
  (path) => {
    expectParameters(`${path}/network/ma3dseg_tiny.pth`, MA3DSEG_TINY);
    expectParameters(`${path}/network/uxnet_tiny.pth`, UXNET_TINY);
  },
);
