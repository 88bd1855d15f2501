/** @module Lesions measured in threads. */
import { expect } from "@std/expect";
import { createLesionThreads } from "../../../dashboard/cases/lesion_threads.ts";
import type { Clock } from "../../../shared/dispatch/clock.ts";
import { encodeNifti } from "../../../shared/imaging/nifti/write.ts";
import type { Vec3 } from "../../../shared/imaging/volume.ts";
import { fakeClock } from "../../support/fake_clock.ts";

const CLASSES = ["background", "tumour"];

/** One voxel of 8 ml. */
function mask(): Uint8Array<ArrayBuffer> {
  const shape: Vec3 = [3, 3, 3];
  const data = new Uint8Array(27);
  data[13] = 1;
  const affine = [20, 0, 0, 0, 0, 20, 0, 0, 0, 0, 20, 0, 0, 0, 0, 1];
  return encodeNifti({ data, shape, affine });
}

const files = () => ({ mask: mask(), label: null, image: null });

/** A clock whose sleeps end when they are aborted, or when the test ends them. */
function sleepingClock(): Clock & { readonly wake: (() => void)[] } {
  const wake: (() => void)[] = [];
  return {
    wake,
    nowMs: () => 0,
    sleep(_, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => reject(signal.reason));
      wake.push(resolve);
      return promise;
    },
  };
}

Deno.test("measure() keeps its thread for the next, and ends it when nobody comes", async () => {
  const clock = sleepingClock();
  const { measure } = createLesionThreads({
    clock,
    signal: new AbortController().signal,
  });
  for (const expected of [1, 2]) {
    const read = await measure(files(), CLASSES);
    expect(read).toMatchObject({
      table: { lesions: [{ kind: "predicted", maskMl: 8 }] },
    });
    expect(clock.wake.length).toBe(expected);
  }
  // A thread that is left open fails this test.
  for (const wake of clock.wake) wake();
});

Deno.test("measure() stops when the dashboard ends", async () => {
  const stop = new AbortController();
  const { measure } = createLesionThreads({
    clock: sleepingClock(),
    signal: stop.signal,
  });
  await measure(files(), CLASSES);
  const measuring = measure(files(), CLASSES);
  stop.abort(new Error("the end"));
  await expect(measuring).rejects.toThrow("the end");
  await expect(measure(files(), CLASSES)).rejects.toThrow("the end");
});

Deno.test("measure() says which file cannot be read, and works on", async () => {
  const { measure } = createLesionThreads({
    clock: fakeClock(),
    signal: new AbortController().signal,
  });
  const bad = new Uint8Array(1000).fill(7);
  expect(await measure({ ...files(), label: bad }, CLASSES)).toEqual({
    reason: expect.stringMatching(/^The label cannot be read: /),
  });
  const cut = mask().slice(0, -20);
  expect(await measure({ ...files(), mask: cut }, CLASSES)).toEqual({
    reason: expect.stringMatching(/^The mask cannot be read: /),
  });
  expect(await measure(files(), CLASSES)).toHaveProperty("table");
});
