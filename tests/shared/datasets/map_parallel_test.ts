import { expect } from "@std/expect";
import { mapParallel } from "../../../shared/datasets/map_parallel.ts";

Deno.test("mapParallel() keeps the items' order and the limit", async () => {
  let running = 0;
  let most = 0;
  const results = await mapParallel([3, 1, 2, 0], 2, async (turns) => {
    most = Math.max(most, ++running);
    for (let n = 0; n < turns; n++) await Promise.resolve();
    running--;
    return turns * 10;
  });
  expect(results).toEqual([30, 10, 20, 0]);
  expect(most).toBe(2);
});

Deno.test("mapParallel() begins nothing after an error and waits for what runs", async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const slow = Promise.withResolvers<void>();
  const mapped = mapParallel([0, 1, 2, 3], 2, async (n) => {
    begun.push(n);
    if (n === 1) throw new RangeError("bad");
    await slow.promise;
    ended.push(n);
  });
  let settled = false;
  const outcome = mapped.catch((error) => error).finally(() => settled = true);
  for (let n = 0; n < 10; n++) await Promise.resolve();
  expect(settled).toBe(false);
  slow.resolve();
  expect(await outcome).toBeInstanceOf(RangeError);
  expect(begun).toEqual([0, 1]);
  expect(ended).toEqual([0]);
});

Deno.test("mapParallel() of nothing is nothing", async () => {
  expect(await mapParallel([], 4, () => Promise.reject(new Error()))).toEqual(
    [],
  );
});
