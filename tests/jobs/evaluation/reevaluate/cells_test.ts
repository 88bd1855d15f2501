import { expect } from "@std/expect";
import { count, wrap } from "../../../../jobs/evaluation/reevaluate/cells.ts";

Deno.test("count() has one of a thing, and several", () => {
  expect([0, 1, 2].map((n) => count(n, "case")))
    .toEqual(["0 cases", "1 case", "2 cases"]);
});

Deno.test("wrap() breaks between words, cuts long ones, and leaves nothing out", () => {
  expect(wrap("one two three", 7)).toBe("one two\nthree");
  expect(wrap("a-very-long-name of it", 8)).toBe("a-very-l\nong-name\nof it");
  expect(wrap("short", 8)).toBe("short");
  expect(wrap("at once-upon-a-time", 8)).toBe("at\nonce-upo\nn-a-time");
});
