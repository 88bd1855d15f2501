import { expect } from "@std/expect";
import { CaseError } from "../../../../shared/case_error.ts";
import { createTfjsEngine } from "../../../../shared/engine/tfjs/engine.ts";
import { testEngine } from "../engine_contract.ts";
import { graphOf, randomWeights } from "../small_graphs.ts";

testEngine(() => createTfjsEngine({ device: "wasm" }), "tfjs/wasm");

// The value between has 64^3 positions: just under 4 GB, and just over what 32 bits count.
for (const channels of [4095, 4096]) {
  Deno.test(`tfjs/wasm tells that ${channels} channels fill its heap, and goes on`, async () => {
    const pointwise = {
      op: "conv3d",
      kernel: 1,
      stride: 1,
      padding: 0,
      groups: 1,
    } as const;
    const graph = graphOf({
      inChannels: 1,
      outChannels: 1,
      nodes: [
        { ...pointwise, name: "wide", inputs: ["input"], weight: "widen" },
        { ...pointwise, name: "y", inputs: ["wide"], weight: "narrow" },
      ],
      parameters: {
        widen: [channels, 1, 1, 1, 1],
        narrow: [1, channels, 1, 1, 1],
      },
    });
    const engine = await createTfjsEngine({ device: "wasm" });
    const weights = randomWeights(graph);
    const large = await engine.compile(graph, weights, [1, 1, 64, 64, 64]);
    const error = await large.run(new Float32Array(64 ** 3)).catch((e) => e);
    expect(error).toBeInstanceOf(CaseError);
    expect(error.kind).toBe("outOfMemory");
    await large.dispose();

    const small = await engine.compile(graph, weights, [1, 1, 1, 1, 1]);
    const [one] = await small.run(new Float32Array([1]));
    const ofOne = one!;
    const [ofTwo] = await small.run(new Float32Array([2]));
    expect(ofTwo).toBeCloseTo(2 * ofOne);
    expect(Math.abs(ofOne)).toBeGreaterThan(1e-3);
    await small.dispose();
  });
}
