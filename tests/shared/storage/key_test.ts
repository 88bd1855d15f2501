import { expect } from "@std/expect";
import fc from "fast-check";
import {
  checkKey,
  checkPrefix,
  compareUtf8,
  isKey,
  isTemporaryName,
  temporaryName,
} from "../../../shared/storage/key.ts";

const REFUSED: [string, string][] = [
  ["", "it is empty"],
  ["/a", "it has an empty name between slashes"],
  ["a/", "it has an empty name between slashes"],
  ["a//b", "it has an empty name between slashes"],
  ["a/../b", 'it holds the name ".."'],
  ["./a", 'it holds the name "."'],
  ["a\\..\\b", "it holds a backslash"],
  ["a\0", "it holds a NUL character"],
  ["\udc00", "it is not well-formed Unicode"],
  ["ü".repeat(513), "it has 1026 bytes, more than 1024"],
];

Deno.test("checkKey() says why a text cannot be a key", () => {
  for (const [key, why] of REFUSED) {
    expect(() => checkKey(key)).toThrow(RangeError);
    expect(() => checkKey(key)).toThrow(
      `Cannot use ${JSON.stringify(key)} as a key: ${why}`,
    );
    expect(isKey(key)).toBe(false);
  }
});

Deno.test("checkKey() takes names that only look like others", () => {
  for (
    const key of [
      "a",
      "...",
      "..a/b..",
      ".hidden",
      "a b/ü",
      "%2e%2e/x",
      "C:/x",
      "~",
      "ü".repeat(512),
    ]
  ) {
    checkKey(key);
    expect(isKey(key)).toBe(true);
  }
});

Deno.test("checkPrefix() takes the start of a key, whatever its last name may become", () => {
  for (const prefix of ["", "a", "a/", "a/.", "a/..", ".", "a/.uptake-"]) {
    checkPrefix(prefix);
  }
  for (const prefix of ["/", "a//", "../", "a/../b", "a\\", "\0"]) {
    expect(() => checkPrefix(prefix)).toThrow(RangeError);
  }
});

Deno.test("temporaryName() is short, never the same, and never a key", () => {
  const [a, b] = [temporaryName(), temporaryName()];
  expect(a).not.toBe(b);
  expect(a.length).toBeLessThan(64);
  expect(isTemporaryName(a)).toBe(true);
  expect(isKey(a)).toBe(false);
  expect(isKey(`folder/${a}`)).toBe(false);
  expect(isTemporaryName(`${a}.txt`)).toBe(false);
  expect(isTemporaryName(".uptake-notes.tmp")).toBe(false);
});

Deno.test("compareUtf8() orders texts as their UTF-8 bytes", () => {
  const encoder = new TextEncoder();
  const compareBytes = (a: string, b: string) => {
    const [x, y] = [encoder.encode(a), encoder.encode(b)];
    const at = x.findIndex((byte, i) => byte !== y[i]);
    return at < 0 ? x.length - y.length : (x[at] ?? 0) - (y[at] ?? -1);
  };
  expect(compareUtf8("\uFFEE", "\u{1F9E0}")).toBeLessThan(0);
  const text = fc.string({
    unit: fc.constantFrom(
      "a",
      "/",
      ".",
      "é",
      "\uD7FF",
      "\uE000",
      "\uFFEE",
      "\u{10000}",
      "\u{1F9E0}",
    ),
  });
  fc.assert(fc.property(text, text, (a, b) => {
    expect(Math.sign(compareUtf8(a, b))).toBe(Math.sign(compareBytes(a, b)));
  }));
});
