import { expect } from "@std/expect";
import {
  count,
  digits,
  figureHead,
  figureText,
  NONE,
  signed,
  timeText,
} from "../../../dashboard/views/numbers.ts";

Deno.test("digits() shows so many, a dash for none, and no negative zero", () => {
  expect([0.12345, null, undefined, -0.0001].map((value) => digits(value, 3)))
    .toEqual(["0.123", NONE, NONE, "0.000"]);
});

Deno.test("signed() always shows the sign but of zero", () => {
  expect([0.5, -0.5, 0.0001, null].map((value) => signed(value, 2)))
    .toEqual(["+0.50", "−0.50", "0.00", NONE]);
});

Deno.test("figureText() and figureHead() tell a figure with its digits and unit", () => {
  expect(`${figureHead("hd95Mm")} ${figureText("hd95Mm", 4.887)}`)
    .toBe("HD95 (mm) 4.9");
  expect(`${figureHead("dice")} ${figureText("dice", 1)}`).toBe("Dice 1.000");
});

Deno.test("count() and timeText() read as people write", () => {
  expect([count(1, "case"), count(0, "case"), count(1234, "case")])
    .toEqual(["1 case", "0 cases", "1,234 cases"]);
  expect(timeText("2026-11-24T09:30:59.000Z")).toBe("2026-11-24 09:30");
});
