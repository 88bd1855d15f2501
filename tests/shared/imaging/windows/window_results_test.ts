import { expect } from "@std/expect";
import { WindowResults } from "../../../../shared/imaging/windows/window_results.ts";

Deno.test("WindowResults keeps what it owns when the network's memory changes", () => {
  const results = new WindowResults(2, 2);
  const memory = new Float32Array([1, 2, 3, 4]);
  results.put(7, memory, 0);
  results.put(8, memory, 2);
  results.own();
  memory.fill(-1);
  expect([...results.get(7).data]).toEqual([1, 2]);
  expect([...results.get(8).data]).toEqual([3, 4]);
});

Deno.test("WindowResults uses the memory of dropped results again", () => {
  const results = new WindowResults(1, 2);
  results.put(0, new Float32Array([5]), 0);
  results.own();
  const { data } = results.get(0);
  results.drop(0);
  expect(results.has(0)).toBe(false);
  expect(() => results.get(0)).toThrow("the result of window 0");
  results.put(1, new Float32Array([6]), 0);
  results.own();
  expect(results.get(1).data).toBe(data);
  expect([...data]).toEqual([6]);
});

Deno.test("WindowResults copies a result only once", () => {
  const results = new WindowResults(1, 2);
  results.put(0, new Float32Array([5]), 0);
  results.own();
  const { data } = results.get(0);
  results.own();
  expect(results.get(0).data).toBe(data);
});

Deno.test("WindowResults refuses to keep more than its capacity", () => {
  const results = new WindowResults(1, 1);
  const memory = new Float32Array(2);
  results.put(0, memory, 0);
  results.own();
  results.put(1, memory, 1);
  expect(() => results.own()).toThrow("more than 1 results: 2 are needed");
});
