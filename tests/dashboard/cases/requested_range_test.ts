/** @module Which bytes a Range header asks for. */
import { expect } from "@std/expect";
import fc from "fast-check";
import { requestedRange } from "../../../dashboard/cases/requested_range.ts";

Deno.test("requestedRange() reads the three forms of one range", () => {
  expect(requestedRange("bytes=0-9", 100)).toEqual({ start: 0, end: 10 });
  expect(requestedRange("bytes=90-", 100)).toEqual({ start: 90, end: 100 });
  expect(requestedRange("bytes=-10", 100)).toEqual({ start: 90, end: 100 });
  expect(requestedRange("bytes=90-1000", 100)).toEqual({ start: 90, end: 100 });
  expect(requestedRange("bytes=-1000", 100)).toEqual({ start: 0, end: 100 });
});

Deno.test("requestedRange() says what lies outside of the file", () => {
  expect(requestedRange("bytes=100-", 100)).toBe("outside");
  expect(requestedRange("bytes=-0", 100)).toBe("outside");
  expect(requestedRange("bytes=0-0", 0)).toBe("outside");
});

Deno.test("requestedRange() passes over what is no single byte range", () => {
  for (
    const header of [
      undefined,
      "",
      "bytes=-",
      "bytes=5-1",
      "bytes=0-1,5-6",
      "lines=0-1",
      "bytes=0x1-2",
      `bytes=${"9".repeat(30)}-`,
    ]
  ) {
    expect(requestedRange(header, 100)).toBeNull();
  }
});

Deno.test("requestedRange() never leaves the file, whatever the header holds", () => {
  fc.assert(fc.property(
    fc.oneof(
      fc.string(),
      fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `bytes=${a}-${b}`),
    ),
    fc.nat({ max: 1000 }),
    (header, bytes) => {
      const range = requestedRange(header, bytes);
      if (range === null || range === "outside") return;
      expect(range.start).toBeGreaterThanOrEqual(0);
      expect(range.end).toBeGreaterThan(range.start);
      expect(range.end).toBeLessThanOrEqual(bytes);
    },
  ));
});
