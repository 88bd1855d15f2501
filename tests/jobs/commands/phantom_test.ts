import { expect } from "@std/expect";
import { uptake } from "../../support/command_line.ts";
import { withFolder } from "../../support/temporary_folder.ts";

Deno.test("phantom writes a dataset, the same bytes for the same seed, over no other's", async () => {
  await withFolder(async (folder) => {
    const phantom = (output: string, seed: string) =>
      uptake(folder, [
        ...["phantom", "--cases", "2", "--seed", seed, "--output", output],
        ...["--shape", "24,20,40", "--spacing", "16,16,24"],
      ]);
    for (const [output, seed] of [["a", "7"], ["b", "7"], ["c", "8"]]) {
      expect((await phantom(output!, seed!)).code).toBe(0);
    }
    const image = (output: string) =>
      Deno.readFile(`${folder}/${output}/imagesTr/phantom_0002.nii.gz`);
    expect(await image("a")).toEqual(await image("b"));
    expect(await image("a")).not.toEqual(await image("c"));
    const json = JSON.parse(
      await Deno.readTextFile(`${folder}/a/dataset.json`),
    );
    expect(json.units).toEqual({ "0": "SUV" });
    expect(json.training.length).toBe(2);

    await Deno.writeTextFile(`${folder}/a/dataset.json`, "{}");
    const over = await phantom("a", "7");
    expect(over.code).toBe(2);
    expect(over.err).toContain("holds another dataset");
  });
});
