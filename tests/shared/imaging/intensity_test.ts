import { expect } from "@std/expect";
import { scaleAndClip } from "../../../shared/imaging/intensity.ts";

Deno.test("scaleAndClip() maps lo to 0 and hi to 1 and clips the rest", () => {
  const data = Float32Array.of(-1000, 70, 116.25, 255, 9000);
  scaleAndClip(data, { lo: 70, hi: 255 });
  expect([...data]).toEqual([0, 0, 0.25, 1, 1]);
});
