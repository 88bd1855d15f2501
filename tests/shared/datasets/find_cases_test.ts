import { expect } from "@std/expect";
import {
  findDataset,
  singleFileDataset,
} from "../../../shared/datasets/find_cases.ts";
import type { FileStore } from "../../../shared/storage/file_store.ts";
import { withFileStore } from "../../support/runs.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

async function fill(store: FileStore, keys: readonly string[]) {
  for (const key of keys) await store.put(key, bytes("x"));
}

Deno.test("findDataset() takes every NIfTI file of a folder as a case", async () => {
  await withFileStore(async (store) => {
    await fill(store, ["b.nii", "a 1.nii.gz", ".hidden.nii.gz", "notes.txt"]);
    const { layout, cases, location } = await findDataset(store);
    expect(layout).toBe("folder");
    expect(cases).toEqual([
      {
        caseId: "a 1",
        images: [{ store: location, key: "a 1.nii.gz" }],
        unit: "unknown",
      },
      {
        caseId: "b",
        images: [{ store: location, key: "b.nii" }],
        unit: "unknown",
      },
    ]);
  });
});

Deno.test("findDataset() groups a folder's channels by nnU-Net's suffix", async () => {
  await withFileStore(async (store) => {
    await fill(store, ["p_0000.nii.gz", "p_0001.nii.gz", "q_0000.nii.gz"]);
    const { cases } = await findDataset(store, { unit: "SUV" });
    expect(
      cases.map(({ caseId, images, unit }) => [caseId, images.length, unit]),
    )
      .toEqual([["p", 2, "SUV"], ["q", 1, "SUV"]]);
  });
});

Deno.test("findDataset() takes numbered patients for patients, not for channels", async () => {
  await withFileStore(async (store) => {
    await fill(store, ["p_0001.nii.gz", "p_0002.nii.gz", "q_0000.nii.gz"]);
    const { cases } = await findDataset(store);
    expect(cases.map(({ caseId }) => caseId)).toEqual([
      "p_0001",
      "p_0002",
      "q_0000",
    ]);
  });
});

Deno.test("findDataset() reads an MSD dataset.json", async () => {
  await withFileStore(async (store) => {
    await store.put(
      "dataset.json",
      bytes(JSON.stringify({
        labels: { "0": "background", "1": "tumour" },
        training: [{ image: "./i/a.nii.gz", label: "./l/b.nii.gz" }],
      })),
    );
    const { layout, classes, cases, location } = await findDataset(store);
    expect(layout).toBe("msd");
    expect(classes).toEqual(["background", "tumour"]);
    expect(cases).toEqual([{
      caseId: "a",
      images: [{ store: location, key: "i/a.nii.gz" }],
      label: { store: location, key: "l/b.nii.gz" },
      unit: "unknown",
    }]);
  });
});

Deno.test("findDataset() lists the folders of an nnU-Net dataset, ids with spaces and all", async () => {
  await withFileStore(async (store) => {
    await store.put(
      "dataset.json",
      bytes(JSON.stringify({
        channel_names: { "0": "CT", "1": "SUV" },
        labels: { background: 0, tumor: 1 },
        file_ending: ".nii.gz",
      })),
    );
    await fill(store, [
      "imagesTr/fdg  a_0000.nii.gz",
      "imagesTr/fdg  a_0001.nii.gz",
      "imagesTs/t_0000.nii.gz",
      "labelsTr/fdg  a.nii.gz",
    ]);
    const { cases } = await findDataset(store);
    expect(cases.map(({ caseId, images, label }) => ({
      caseId,
      keys: images.map(({ key }) => key),
      label: label?.key,
    }))).toEqual([
      {
        caseId: "fdg  a",
        keys: ["imagesTr/fdg  a_0000.nii.gz", "imagesTr/fdg  a_0001.nii.gz"],
        label: "labelsTr/fdg  a.nii.gz",
      },
      { caseId: "t", keys: ["imagesTs/t_0000.nii.gz"], label: undefined },
    ]);
  });
});

const empty: [string, readonly string[], string][] = [
  ["an empty folder", [], "there is nothing in it"],
  ["other files", ["a.txt"], "there is no NIfTI file"],
  [
    "scans further down",
    ["p1/a.nii.gz", "p2/a.nii.gz"],
    "2 further down (such as p1/a.nii.gz)",
  ],
  ["DICOM files", ["s/1.dcm"], "dcm2niix"],
];
for (const [what, keys, message] of empty) {
  Deno.test(`findDataset() says what is there instead of cases: ${what}`, async () => {
    await withFileStore(async (store) => {
      await fill(store, keys);
      await expect(findDataset(store)).rejects.toThrow(message);
    });
  });
}

Deno.test("findDataset() knows DICOM by its content too", async () => {
  await withFileStore(async (store) => {
    const dicom = new Uint8Array(200);
    dicom.set(bytes("DICM"), 128);
    await store.put("IM000001", dicom);
    await expect(findDataset(store)).rejects.toThrow("dcm2niix");
  });
});

Deno.test("findDataset() refuses two cases of the same name", async () => {
  await withFileStore(async (store) => {
    await fill(store, ["a.nii", "a.nii.gz"]);
    await expect(findDataset(store)).rejects.toThrow(
      'two cases are called "a" (a.nii and a.nii.gz)',
    );
  });
});

Deno.test("singleFileDataset() is the one case of a file", async () => {
  await withFileStore((store) => {
    const { cases, layout } = singleFileDataset(store, "scan.nii.gz");
    expect(layout).toBe("file");
    expect(cases.map(({ caseId }) => caseId)).toEqual(["scan"]);
    return Promise.resolve();
  });
});
