/** @module What objects of tests hold. */
import { expect } from "@std/expect";
import type { ObjectInfo } from "../../../shared/storage/object_store.ts";

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

export function textOf(
  object: { readonly body: Uint8Array } | null,
): string | null {
  return object && new TextDecoder().decode(object.body);
}

export async function keysOf(
  objects: AsyncIterable<ObjectInfo>,
): Promise<string[]> {
  return (await Array.fromAsync(objects)).map(({ key }) => key);
}

/** Bytes that differ from place to place, so that a wrong offset shows. */
export function patternBytes(
  length: number,
  seed = 1,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** Equal, without the cost of comparing large arrays element by element in a matcher. */
export function expectSameBytes(
  actual: Uint8Array | undefined,
  wanted: Uint8Array,
): void {
  expect(actual?.length).toBe(wanted.length);
  expect(actual?.findIndex((byte, i) => byte !== wanted[i])).toBe(-1);
}
