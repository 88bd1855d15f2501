/** @module Several schedulers, and the files that say what their workers get. */
import { expect } from "@std/expect";
import {
  dispatchChoices,
  pairDispatches,
} from "../../../jobs/batch/dispatch_settings.ts";
import { DISPATCH_EXAMPLES } from "../../../shared/dispatch/dispatch_examples.ts";
import { fakeContext } from "../../support/command_line.ts";

async function withFiles(
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(DISPATCH_EXAMPLES)) {
      await Deno.writeTextFile(`${folder}/${name}.yaml`, text);
    }
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("pairDispatches() finds the file of each scheduler, in whatever order", async () => {
  await withFiles(async (folder) => {
    const settings = await pairDispatches(
      ["kubernetes", "local", "aws-batch", "local"],
      ["aws-batch.yaml", "kubernetes.yaml"],
      fakeContext(folder),
    );
    expect(settings).toEqual([
      { dispatch: "kubernetes", dispatchConfig: "kubernetes.yaml" },
      { dispatch: "local" },
      { dispatch: "aws-batch", dispatchConfig: "aws-batch.yaml" },
    ]);
    expect(dispatchChoices(settings, 2)).toEqual([
      { name: "kubernetes", description: "2 workers on Kubernetes" },
      { name: "local", description: "2 workers on this machine" },
      { name: "aws-batch", description: "2 workers on AWS Batch" },
    ]);
  });
});

Deno.test("pairDispatches() refuses what does not fit, and names the file", async () => {
  await withFiles(async (folder) => {
    await Deno.copyFile(`${folder}/aws-batch.yaml`, `${folder}/other.yaml`);
    for (
      const [names, files, sentence] of [
        [["kubernetes"], [], "needs a --dispatch-config file"],
        [["local"], ["aws-batch.yaml"], "aws-batch.yaml is for --dispatch"],
        [["aws-batch"], ["aws-batch.yaml", "other.yaml"], "are both for"],
        [["aws-batch"], ["none.yaml"], "There is no file none.yaml"],
      ] as const
    ) {
      await expect(pairDispatches(names, files, fakeContext(folder))).rejects
        .toThrow(sentence);
    }
  });
});

Deno.test("dispatchChoices() says when nobody is started, and refuses to offer nothing", () => {
  expect(dispatchChoices([{ dispatch: "local" }], 0)).toEqual([
    {
      name: "local",
      description: "none: it waits for workers that somebody else starts",
    },
  ]);
  expect(() => dispatchChoices([], 1)).toThrow("nowhere to run them is named");
});
