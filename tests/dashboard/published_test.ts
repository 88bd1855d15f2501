import { expect } from "@std/expect";
import { publishedOf } from "../../dashboard/published.ts";

Deno.test("publishedOf() knows the datasets of the published tables, however they are written", () => {
  const dice = (name: string) => publishedOf(name)?.values.dice ?? null;
  expect(
    ["ECPC-IDS", "ecpc_ids", "Hecktor 2022", "HECKTOR22", "AutoPET"].map(dice),
  )
    .toEqual([0.783, 0.783, 0.812, 0.812, 0.723]);
  expect(["HECKTOR 2021", "AutoPET III", "my AutoPET", ""].map(dice))
    .toEqual([null, null, null, null]);
});
