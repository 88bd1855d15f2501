import { expect } from "@std/expect";
import { measureCase } from "../../../shared/metrics/case_metrics.ts";
import { readGolden } from "../../support/golden.ts";
import { fixture } from "../../support/requires.ts";
import { scaled, volume } from "./volumes.ts";

interface Expected {
  readonly dice: number;
  readonly hd95: number | null;
  readonly hd: number | null;
  readonly assd: number | null;
  readonly rvd: number | null;
  readonly spacing: readonly [number, number, number];
}

const expected: Expected[] = JSON.parse(
  Deno.readTextFileSync(fixture("metrics/expected.json")),
);
const masks = readGolden(fixture("metrics/masks.safetensors"));

function expectClose(actual: number | null, golden: number | null): void {
  if (golden === null || actual === null) expect(actual).toBe(golden);
  else expect(Math.abs(actual - golden)).toBeLessThan(1e-4);
}

Deno.test("measureCase() agrees with MONAI 1.5 on every golden pair", () => {
  expect(expected.length).toBe(19);
  expected.forEach((golden, index) => {
    const [mask, label] = ["pred", "ref"].map((side) => {
      const { data, shape } = masks.tensor(`${index}.${side}`);
      const [i, j, k] = shape;
      return volume(
        Uint8Array.from(data),
        [i!, j!, k!],
        scaled(golden.spacing),
      );
    });
    const { classes: [tumour] } = measureCase({
      mask: mask!,
      label: label!,
      unit: "unknown",
      classes: ["background", "tumour"],
    });
    const hasBoth = mask!.data.includes(1) && label!.data.includes(1);
    // The golden data give Dice 1 for two empty masks, and no distances where one is empty.
    expectClose(tumour!.dice, golden.dice);
    expectClose(tumour!.rvd, golden.rvd);
    expectClose(tumour!.hd95Mm, golden.hd95);
    expectClose(tumour!.hdMm, golden.hd);
    expectClose(tumour!.assdMm, golden.assd);
    expect(tumour!.outcome === "compared").toBe(hasBoth);
  });
});
