/** @module Texts without what nobody sees. */
import { expect } from "@std/expect";
import fc from "fast-check";
import { commentSchema, nameSchema, oneLine } from "../../shared/plain_text.ts";

const UNSEEN = [
  ..."\u0000\u0007\u001b\u007f\u009b\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f",
  ..."\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u{e0041}",
  "\ud800",
];

Deno.test("commentSchema takes away each character that nobody sees", () => {
  for (const char of UNSEEN) {
    expect(commentSchema.parse(`a${char}b`)).toBe("ab");
    expect(nameSchema.parse(`a${char}b`)).toBe("ab");
  }
  const seen = "Läsion\tlinks:\n„3 ml“ 左 אב ﷼ 🫁 é";
  expect(commentSchema.parse(seen)).toBe(seen);
});

Deno.test("oneLine() is one line of well-formed text, and stays as it is", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const line = oneLine(text);
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(line.isWellFormed()).toBe(true);
    expect(oneLine(line)).toBe(line);
    const comment = commentSchema.parse(text);
    expect(comment).not.toMatch(/(?![\t\n])\p{Cc}|[\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(commentSchema.parse(comment)).toBe(comment);
  }));
  expect(oneLine("a\r\nb\u2028c\t d ")).toBe("a b c d");
});
