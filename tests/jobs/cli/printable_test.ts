import fc from "fast-check";
import { expect } from "@std/expect";
import {
  printableLine,
  printableMessage,
  printableText,
} from "../../../jobs/cli/printable.ts";
import { plainTable } from "../../../jobs/cli/summary_text.ts";

Deno.test("printableLine() shows what does not print, and leaves every other letter alone", () => {
  expect(printableLine("a\x1b[2K\r\n\tb\0\x7f\x9b1m"))
    .toBe("a\\x1b[2K\\r\\n\\tb\\x00\\x7f\\x9b1m");
  expect(printableLine("gnp\u202e.nii\u2028x"))
    .toBe("gnp\\u202e.nii\\u2028x");
  const plain = "Fall 7 ä 日本 👩‍⚕️ │ \\n";
  expect(printableLine(plain)).toBe(plain);
});

Deno.test("printableText() keeps line breaks alone", () => {
  expect(printableText("a\n\x1bb\r\nc")).toBe("a\n\\x1bb\\r\nc");
});

Deno.test("printableMessage() keeps what explains it below, and no line that passes for another message", () => {
  expect(printableMessage("x failed\n  because: y\n    at z"))
    .toBe("x failed\n  because: y\n    at z");
  expect(printableMessage("Cannot read a\nb: done in 1 s\n c"))
    .toBe("Cannot read a\\nb: done in 1 s\\n c");
});

Deno.test("no text that is printable has a control character", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    for (const part of printableMessage(text).split("\n  ")) {
      expect(part).not.toMatch(/\p{Cc}/u);
    }
  }));
});

Deno.test("plainTable() shows control characters in cells and heads", () => {
  const table = plainTable(["a\x1b[31m"]);
  table.push(["b\x1b[2J"], [7]);
  const text = table.toString();
  expect(text).not.toContain("\x1b");
  expect(text).toContain("│ a\\x1b[31m │");
  expect(text).toContain("│ b\\x1b[2J  │");
});
