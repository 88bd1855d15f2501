import { expect } from "@std/expect";
import { abortable, delay, waitAtMost } from "../../shared/abortable.ts";

const NEVER = new AbortController().signal;
const HOUR_MS = 3_600_000;
const reason = new Error("asked to stop");

Deno.test("abortable() gives what the promise gives", async () => {
  expect(await abortable(Promise.resolve(1), NEVER)).toBe(1);
  await expect(abortable(Promise.reject(reason), NEVER)).rejects.toBe(reason);
});

Deno.test("abortable() throws the signal's reason, and handles what the promise does later", async () => {
  for (const early of [true, false]) {
    const controller = new AbortController();
    const late = Promise.withResolvers<void>();
    if (early) controller.abort(reason);
    const work = abortable(late.promise, controller.signal);
    controller.abort(reason);
    await expect(work).rejects.toBe(reason);
    // Unhandled, it would end the test run.
    late.reject(new Error("too late"));
    await new Promise((resolve) => setTimeout(resolve));
  }
});

Deno.test("delay() ends at once when aborted, with the reason, and leaves no timer", async () => {
  const controller = new AbortController();
  const waiting = delay(HOUR_MS, controller.signal);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(delay(HOUR_MS, controller.signal)).rejects.toBe(reason);
  await delay(0, NEVER);
});

Deno.test("waitAtMost() ends with the promise, the time or the signal, whichever is first, and leaves no timer", async () => {
  await waitAtMost(HOUR_MS, Promise.resolve(), NEVER);
  await waitAtMost(1, new Promise(() => {}), NEVER);
  await expect(waitAtMost(HOUR_MS, Promise.reject(reason), NEVER))
    .rejects.toBe(reason);
  const controller = new AbortController();
  const waiting = waitAtMost(
    HOUR_MS,
    new Promise(() => {}),
    controller.signal,
  );
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});
