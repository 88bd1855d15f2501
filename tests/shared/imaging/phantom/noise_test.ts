import { expect } from "@std/expect";
import { gaussianWeights } from "../../../../shared/imaging/phantom/blur.ts";
import { addNoise } from "../../../../shared/imaging/phantom/noise.ts";
import { Random } from "../../../../shared/imaging/phantom/random.ts";

function noiseSd(suv: number): number {
  const shape = [30, 30, 30] as const;
  const data = new Float32Array(27000).fill(suv);
  const weights = gaussianWeights(6, 4);
  addNoise(data, shape, new Random(1, 0), 0.1, [weights, weights, weights]);
  let squares = 0;
  for (const value of data) squares += (value - suv) * (value - suv);
  return Math.sqrt(squares / data.length);
}

for (const suv of [1, 4, 9]) {
  Deno.test(`addNoise() adds noise whose variance grows with the signal: SUV ${suv}`, () => {
    const expected = 0.1 * Math.sqrt(suv);
    // The outermost voxels, blurred less, are a little noisier.
    expect(noiseSd(suv) / expected).toBeGreaterThan(0.97);
    expect(noiseSd(suv) / expected).toBeLessThan(1.1);
  });
}
