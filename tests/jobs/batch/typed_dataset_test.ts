/** @module What operators may reach by typing a location. */
import { expect } from "@std/expect";
import { datasetAt, nameOf } from "../../../jobs/batch/typed_dataset.ts";
import { storeOpener } from "../../../jobs/cli/context.ts";

async function withFolders(
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await Deno.mkdir(`${folder}/scans/pet`, { recursive: true });
    await Deno.mkdir(`${folder}/secret`);
    await Deno.symlink(`${folder}/secret`, `${folder}/scans/way-out`);
    await Deno.symlink(`${folder}/scans/pet`, `${folder}/scans/alias`);
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("datasetAt() takes what lies under a root, however it is written", async () => {
  await withFolders(async (folder) => {
    const roots = ["scans", "s3://bucket/pet"];
    const at = (typed: string) =>
      datasetAt(typed, roots, { open: storeOpener(folder, {}) });
    const pet = { name: "pet", location: `file://${folder}/scans/pet` };
    expect(await at(`${folder}/scans/pet`)).toEqual({ done: pet });
    expect(await at(`${folder}/scans/pet/`)).toEqual({ done: pet });
    expect(await at(`file://${folder}/scans/pet`)).toEqual({ done: pet });
    expect(await at(`${folder}/secret/../scans/pet`)).toEqual({ done: pet });
    expect(await at(`${folder}/scans/alias`)).toHaveProperty("done");
    expect(await at(`${folder}/scans`)).toHaveProperty("done");
    // That it is missing is what planning says.
    expect(await at(`${folder}/scans/later`)).toHaveProperty("done");
    expect(await at("s3://bucket/pet/ecpc-ids")).toEqual({
      done: { name: "ecpc-ids", location: "s3://bucket/pet/ecpc-ids" },
    });
    expect(await at("s3://bucket/pet")).toHaveProperty("done");
  });
});

Deno.test("datasetAt() opens nothing else", async () => {
  await withFolders(async (folder) => {
    const roots = ["scans", "s3://bucket/pet"];
    const at = (typed: string) =>
      datasetAt(typed, roots, { open: storeOpener(folder, {}) });
    for (
      const typed of [
        "/etc",
        "/",
        "file:///etc",
        "file:///",
        "file://localhost/etc",
        "file://host/share",
        `${folder}/secret`,
        `${folder}/scans/../secret`,
        `${folder}/scans/way-out`,
        `${folder}/scans/way-out/deeper/..`,
        `${folder}/scans-of-others`,
        `file://${folder}/scans/%2e%2e/secret`,
        `file://${folder}/scans/..%2fsecret`,
        `file://${folder}/scans/pet%00`,
        "../secret",
        "scans/pet",
        ".",
        "",
        "s3://other-bucket/pet",
        "s3://bucket",
        "s3://bucket/other",
        "s3://bucket/pet-of-others",
        "s3://bucket/pet/../other",
        "s3://bucket/pet/./..",
        "s3://bucket/pet//x",
        "s3://bucket/pet\\..\\other",
        "s3://user:secret@bucket/pet/a",
        "S3://bucket/pet/a",
        "http://169.254.169.254/latest/meta-data",
        "https://bucket.example.org/pet",
        "gopher://bucket/pet",
        "data:,hello",
        "--home",
      ]
    ) {
      expect([typed, await at(typed)]).toEqual([typed, {
        refused: expect.stringMatching(/^Cannot read a dataset from ".*": /),
      }]);
    }
  });
});

Deno.test("datasetAt() refuses everything where no root is named, and says how one is", async () => {
  const open = storeOpener("/", {});
  expect(await datasetAt("/scans", [], { open })).toEqual({
    refused:
      'Cannot read a dataset from "/scans": it is not one of those that may be chosen, and the dashboard was started without --dataset-roots',
  });
});

Deno.test("datasetAt() takes the whole of a machine or bucket for a root where it is told to", async () => {
  const at = (typed: string) =>
    datasetAt(typed, ["/", "s3://bucket"], { open: storeOpener("/", {}) });
  expect(await at("/no-such-folder/a")).toHaveProperty("done");
  expect(await at("s3://bucket/a")).toHaveProperty("done");
  expect(await at("s3://bucket-2/a")).toHaveProperty("refused");
});

Deno.test("nameOf() is the last folder as people read it", () => {
  expect(nameOf("s3://bucket/a%20b")).toBe("a%20b");
  expect(nameOf("file:///scans/a%20b")).toBe("a b");
});
