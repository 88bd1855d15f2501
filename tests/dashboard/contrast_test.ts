/**
 * The colours of the style sheet, light and dark: every pair that stands on each other reaches WCAG 2.2 AA.
 * Contrast as in its definition: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
 * @module
 */
import { expect } from "@std/expect";

const css = await Deno.readTextFile(
  new URL("../../dashboard/static/uptake.css", import.meta.url),
);

const colours = new Map(
  [
    ...css.matchAll(
      /--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g,
    ),
  ]
    .map(([, name, light, dark]) => [name!, { light: light!, dark: dark! }]),
);

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

const GROUNDS = ["ground", "surface", "raised"];
const TEXT = ["ink", "muted", "accent", "good", "warn", "bad"];
const GRAPHICS = [
  "control-line",
  "series-1",
  "series-2",
  "series-3",
  "series-4",
  "series-5",
  "series-6",
];

const PAIRS: readonly (readonly [string, string, number])[] = [
  ...GROUNDS.flatMap((ground) =>
    TEXT.map((text) => [text, ground, 4.5] as const)
  ),
  ...["ground", "surface"].flatMap((ground) =>
    GRAPHICS.map((colour) => [colour, ground, 3] as const)
  ),
  ["on-accent", "accent", 4.5],
  ["surface", "bad", 4.5],
];

Deno.test("contrast() is 21 between black and white, and 4.5 around grey", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 6);
  expect(contrast("#767676", "#ffffff")).toBeCloseTo(4.54, 2);
});

for (const theme of ["light", "dark"] as const) {
  Deno.test(`every colour can be read on what it stands on: ${theme}`, () => {
    const poor = PAIRS.flatMap(([front, back, least]) => {
      const ratio = contrast(
        colours.get(front)![theme],
        colours.get(back)![theme],
      );
      return ratio < least
        ? [`${front} on ${back}: ${ratio.toFixed(2)} of ${least}`]
        : [];
    });
    expect(poor).toEqual([]);
  });
}

Deno.test("every colour of the sheet is one of its properties", () => {
  const rules = css.slice(css.indexOf("}"));
  expect(rules.match(/#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(/g)).toBeNull();
  const used = [...rules.matchAll(/var\(--([a-z0-9-]+)/g)].map(([, n]) => n!);
  const defined = [...css.matchAll(/--([a-z0-9-]+):/g)].map(([, n]) => n!);
  expect(used.filter((name) => !defined.includes(name))).toEqual([]);
});
