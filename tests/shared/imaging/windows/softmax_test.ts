import fc from "fast-check";
import { expect } from "@std/expect";
import { softmaxInPlace } from "../../../../shared/imaging/windows/softmax.ts";

Deno.test("softmaxInPlace() works on classes of planes [classes][n]", () => {
  const scores = new Float32Array([0, 1, 0, Math.log(3), 1, 1000]);
  softmaxInPlace(scores, 2);
  const expected = [0.25, 0.5, 0, 0.75, 0.5, 1];
  expected.forEach((p, n) => expect(scores[n]).toBeCloseTo(p, 6));
});

Deno.test("softmaxInPlace() does not overflow and sums to 1", () => {
  const scores = new Float32Array([3e38, -3e38, 3e38]);
  softmaxInPlace(scores, 3);
  expect([...scores]).toEqual([0.5, 0, 0.5]);
});

Deno.test("softmaxInPlace() gives a single class probability 1", () => {
  const scores = new Float32Array([-4, 9]);
  softmaxInPlace(scores, 1);
  expect([...scores]).toEqual([1, 1]);
});

Deno.test("softmaxInPlace() gives two classes the bits that any number of classes get", () => {
  const score = fc.float({ noNaN: true, noDefaultInfinity: true });
  fc.assert(fc.property(score, score, (first, second) => {
    const two = new Float32Array([first, second]);
    softmaxInPlace(two, 2);
    // A third class without weight: its exponential is 0.
    const three = new Float32Array([first, second, -Infinity]);
    softmaxInPlace(three, 3);
    expect([...two, 0]).toEqual([...three]);
  }));
});
