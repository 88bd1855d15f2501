import { expect } from "@std/expect";
import type { Plane } from "../../../../shared/imaging/windows/blender.ts";
import { ensemble } from "../../../../shared/imaging/windows/ensemble.ts";

/** A member of two classes and one voxel per plane; tells when it is closed. */
async function* member(
  planes: readonly (readonly number[])[],
  closed: () => void = () => {},
): AsyncGenerator<Plane, void, undefined> {
  const scores = new Float32Array(2);
  try {
    for (const [index, plane] of planes.entries()) {
      scores.set(await Promise.resolve(plane));
      yield { index, scores };
    }
  } finally {
    closed();
  }
}

/** Scores whose softmax is (1 - p, p). */
function odds(p: number): number[] {
  return [0, Math.log(p / (1 - p))];
}

Deno.test("ensemble() of one member is its softmax", async () => {
  const seen: number[] = [];
  const planes = ensemble([member([odds(0.25), odds(0.9)])], 2);
  for await (const { index, probabilities } of planes) {
    expect(index).toBe(seen.length);
    seen.push(probabilities[1]!);
    expect(probabilities[0]! + probabilities[1]!).toBeCloseTo(1, 6);
  }
  expect(seen[0]).toBeCloseTo(0.25, 6);
  expect(seen[1]).toBeCloseTo(0.9, 6);
});

Deno.test("ensemble() averages probabilities, not scores", async () => {
  const members = [0.1, 0.2, 0.9].map((p) => member([odds(p)]));
  for await (const { probabilities } of ensemble(members, 2)) {
    expect(probabilities[1]).toBeCloseTo(0.4, 6);
    expect(probabilities[0]).toBeCloseTo(0.6, 6);
  }
});

Deno.test("ensemble() refuses no members, and members that differ in planes", async () => {
  await expect(ensemble([], 2).next()).rejects.toThrow("of no members");
  const longer = [odds(0.5), odds(0.5)];
  for (const [a, b] of [[[odds(0.5)], longer], [longer, [odds(0.5)]]]) {
    const planes = ensemble([member(a!), member(b!)], 2);
    await planes.next();
    await expect(planes.next()).rejects.toThrow(RangeError);
  }
});

Deno.test("ensemble() closes every member when its reader stops early", async () => {
  let closed = 0;
  const count = () => void closed++;
  const planes = [odds(0.5), odds(0.5)];
  const reader = ensemble([member(planes, count), member(planes, count)], 2);
  for await (const _ of reader) break;
  expect(closed).toBe(2);
});
