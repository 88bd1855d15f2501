import { expect } from "@std/expect";
import { bytesText, durationText } from "../../shared/units_text.ts";

Deno.test("bytesText() takes the unit that leaves three digits", () => {
  const texts = [0, 999, 1000, 999_499, 999_500, 2.349e9, 1.5e16].map(
    bytesText,
  );
  expect(texts).toEqual([
    "0 B",
    "999 B",
    "1 kB",
    "999 kB",
    "1 MB",
    "2.35 GB",
    "15 PB",
  ]);
});

Deno.test("durationText() tells the two largest units", () => {
  const texts = [0, 0.4, 1, 59.6, 61, 3600, 12_030, 90_061].map(durationText);
  expect(texts).toEqual([
    "less than 1 s",
    "less than 1 s",
    "1 s",
    "1 min",
    "1 min 1 s",
    "1 h",
    "3 h 20 min",
    "1 d 1 h",
  ]);
});
