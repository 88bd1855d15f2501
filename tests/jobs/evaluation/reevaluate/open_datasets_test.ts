import { expect } from "@std/expect";
import { openDatasets } from "../../../../jobs/evaluation/reevaluate/open_datasets.ts";
import { fakeContext } from "../../../support/command_line.ts";

Deno.test("openDatasets() opens each place once, however it is written, in their order", () => {
  const stores = openDatasets(
    ["b", "a", "./b", "/home/b/", "a"],
    fakeContext("/home"),
  );
  expect(stores.map(({ location }) => location))
    .toEqual(["file:///home/b", "file:///home/a"]);
});
