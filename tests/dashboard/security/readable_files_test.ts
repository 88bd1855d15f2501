/** @module Which files of stores a record may make the dashboard read. */
import { expect } from "@std/expect";
import { readableFile } from "../../../dashboard/security/readable_files.ts";
import { FileStore } from "../../../shared/storage/file_store.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { openStore } from "../../../shared/storage/open_store.ts";
import { memoryStore } from "../../support/memory_store.ts";
import { withFolder } from "../../support/temporary_folder.ts";

/** A store that holds nothing, under the name that it was opened by. */
function named(location: string): ObjectStore {
  return { ...memoryStore(), location };
}

function read(
  store: string,
  key: string,
  readableRoots: readonly string[] | null,
  home = "s3://homes/team",
): string | null {
  const found = readableFile(
    { home: named(home), open: named, readableRoots },
    { store, key },
  );
  return found && `${found.store.location} ${found.key}`;
}

Deno.test("readableFile() reads for others what lies in the home or under a root, and nothing else", () => {
  const roots = ["s3://scans/pet", "file:///data/pet%20scans"];
  expect(read("s3://homes/team/scans", "a.nii", roots))
    .toBe("s3://homes/team scans/a.nii");
  expect(read("s3://scans/pet/2026", "a.nii", roots))
    .toBe("s3://scans/pet 2026/a.nii");
  expect(read("s3://scans", "pet/a.nii", roots)).toBe("s3://scans/pet a.nii");
  expect(read("file:///data", "pet scans/b/a.nii", roots))
    .toBe("file:///data/pet%20scans b/a.nii");
  for (
    const [store, key] of [
      ["s3://scans", "a.nii"],
      ["s3://scans/pet-secret", "a.nii"],
      ["s3://homes/team2", "a.nii"],
      ["file:///etc", "a.nii"],
      ["file:///data/pet%20scans2", "a.nii"],
      ["file:///data/pet%20scans", "../a.nii"],
      ["file:///data", "a.nii"],
    ] as const
  ) expect(read(store, key, roots)).toBeNull();
  expect(read("file:///data", "a.nii", [])).toBeNull();
});

Deno.test("readableFile() reads wherever records say for the one who started it", () => {
  expect(read("file:///data", "a.nii", null)).toBe("file:///data a.nii");
});

Deno.test("readableFile() follows no folder of the home that leads out of it", async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/home`);
    await Deno.mkdir(`${folder}/private`);
    await Deno.writeTextFile(`${folder}/private/a.nii`, "scan");
    await Deno.symlink(`${folder}/private`, `${folder}/home/scans`);
    const found = readableFile({
      home: new FileStore(`${folder}/home`),
      open: (location) => openStore(location),
      readableRoots: [],
    }, { store: `file://${folder}/home/scans`, key: "a.nii" });
    await expect(found!.store.peek(found!.key, 8)).rejects.toThrow(
      "leads out of",
    );
  });
});
