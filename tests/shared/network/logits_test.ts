import { expect } from "@std/expect";
import {
  buildNetwork,
  type NetworkConfig,
} from "../../../shared/network/networks.ts";
import { readPytorchCheckpoint } from "../../../shared/network/pytorch/checkpoint.ts";
import { readGolden } from "../../support/golden.ts";
import { interpret } from "../../support/interpreter.ts";
import { MA3DSEG_NANO, UXNET_NANO } from "../../support/networks.ts";
import { fixture } from "../../support/requires.ts";

function expectGoldenLogits(file: string, config: NetworkConfig): void {
  const golden = readGolden(fixture(`network/${file}.forward.safetensors`));
  const weights = readPytorchCheckpoint(
    Deno.readFileSync(fixture(`network/${file}.pth`)),
  );
  const input = golden.tensor("input");
  const logits = interpret(
    buildNetwork(config),
    weights,
    input.shape,
    input.data,
  );
  const expected = golden.tensor("logits").data;
  expect(logits.length).toBe(expected.length);
  let worst = 0;
  let largest = 0;
  for (let i = 0; i < logits.length; i++) {
    worst = Math.max(worst, Math.abs(logits[i]! - expected[i]!));
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  expect(largest).toBeGreaterThan(0.1);
  expect(worst).toBeLessThan(1e-4);
}

Deno.test("buildNetwork() computes PyTorch's logits for ma3dseg", () => {
  expectGoldenLogits("ma3dseg_nano", MA3DSEG_NANO);
});

Deno.test("buildNetwork() computes PyTorch's logits for uxnet3d", () => {
  expectGoldenLogits("uxnet_nano", UXNET_NANO);
});
