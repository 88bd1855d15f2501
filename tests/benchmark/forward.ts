/** @module One window through the whole engine, on 2 threads. */
import { chooseEngine } from "../../shared/engine/choose.ts";
import { buildNetwork } from "../../shared/network/networks.ts";
import { bestSeconds, type Figure } from "./benchmark.ts";
import { FULL, randomWeights, SMALL } from "./inputs.ts";

const WINDOWS = [
  {
    name: "small, 64^3",
    network: SMALL,
    size: 64,
    target: 0.25,
    reference: 0.48,
    repeats: 10,
  },
  {
    name: "small, 96^3",
    network: SMALL,
    size: 96,
    target: 0.8,
    reference: 1.3,
    repeats: 5,
  },
  {
    name: "full size, 96^3",
    network: FULL,
    size: 96,
    target: 9.5,
    reference: 12.8,
    repeats: 2,
  },
] as const;

export async function forward(): Promise<Figure[]> {
  const engine = await chooseEngine({
    engine: "onnx",
    device: "cpu",
    threads: 2,
  });
  const figures: Figure[] = [];
  for (const { name, network, size, repeats, ...given } of WINDOWS) {
    const compiled = await engine.compile(
      buildNetwork(network),
      randomWeights(network),
      [1, 1, size, size, size],
    );
    const input = new Float32Array(size ** 3).map((_, n) => (n % 97) / 97);
    const value = await bestSeconds(repeats, () => compiled.run(input));
    await compiled.dispose();
    figures.push({
      name: `forward ${name}`,
      value,
      unit: "s",
      repeats,
      ...given,
    });
  }
  return figures;
}
