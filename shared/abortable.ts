/** @module Waiting that an AbortSignal ends. */
import { setTimeout as timeout } from "node:timers/promises";

/**
 * What the promise gives, unless the signal is aborted before.
 *
 * @throws the signal's reason once it is aborted.
 */
export async function abortable<T>(
  promise: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  try {
    return await Promise.race([aborted.promise, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/**
 * Waits so many milliseconds.
 *
 * @throws the signal's reason once it is aborted.
 */
export async function delay(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  try {
    await timeout(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/**
 * Waits for the promise, but no longer than so many milliseconds.
 *
 * @throws the signal's reason once it is aborted, and what the promise rejects with.
 */
export async function waitAtMost(
  ms: number,
  promise: Promise<unknown>,
  signal: AbortSignal,
  sleep: typeof delay = delay,
): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  try {
    await Promise.race([promise, sleep(ms, either)]);
  } finally {
    over.abort();
  }
}
