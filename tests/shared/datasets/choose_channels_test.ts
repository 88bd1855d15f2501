import { expect } from "@std/expect";
import { chooseChannels } from "../../../shared/datasets/choose_channels.ts";

const choose = (there: (string | null)[], wanted: string[]) =>
  chooseChannels(
    "s3://b/d",
    there.map((name) => ({ name, unit: "unknown" })),
    wanted,
  );

const chosen: [string, (string | null)[], string[], number[]][] = [
  ["SUV for PET", ["SUV", "CTres"], ["PET"], [0]],
  ["PT for PET, in the checkpoint's order", ["CT", "PT"], ["PET", "CT"], [
    1,
    0,
  ]],
  ["a kind within a name", ["CT", "FDG-PET"], ["pet"], [1]],
  ["any other name as it is", ["T1", "T2"], ["t2"], [1]],
  ["the only channel, whatever it is called", ["MR"], ["PET"], [0]],
  ["channels without names as they come", [null, null], ["PET", "CT"], [0, 1]],
  ["as many of one kind as they come", ["CT", "CT"], ["CT", "PET"], [0, 1]],
];
for (const [what, there, wanted, expected] of chosen) {
  Deno.test(`chooseChannels() takes ${what}`, () => {
    expect(choose(there, wanted)).toEqual(expected);
  });
}

Deno.test("chooseChannels() refuses to guess, and names both sides", () => {
  expect(() => choose(["CT", null], ["PET"])).toThrow(
    "Cannot tell which channels of s3://b/d to take: 1 is needed (PET), it has 2 (CT, without a name)",
  );
  expect(() => choose(["PT", "SUV"], ["PET"])).toThrow(RangeError);
  expect(() => choose(["PET"], ["PET", "CT"])).toThrow("2 are needed");
});
