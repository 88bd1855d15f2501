import { expect } from "@std/expect";
import { parseSplits } from "../../../shared/datasets/splits.ts";

Deno.test("parseSplits() tells the fold that validates each case", () => {
  const folds = parseSplits(JSON.stringify([
    { train: ["b", "c"], val: ["a  1"] },
    { train: ["a  1"], val: ["b", "c"] },
  ]));
  expect([...folds]).toEqual([["a  1", 0], ["b", 1], ["c", 1]]);
});

const refused: [string, string, string][] = [
  ["no JSON", "[", "it is not JSON"],
  ["no list", "{}", "expected array"],
  ["no cases", '[{"val": [1]}]', "expected string"],
  [
    "a case of two folds",
    '[{"val": ["a"]}, {"val": ["a"]}]',
    'folds 0 and 1 both validate case "a"',
  ],
];
for (const [what, text, message] of refused) {
  Deno.test(`parseSplits() refuses ${what}`, () => {
    expect(() => parseSplits(text)).toThrow(SyntaxError);
    expect(() => parseSplits(text)).toThrow(message);
  });
}
