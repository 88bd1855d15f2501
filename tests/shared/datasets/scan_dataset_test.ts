import { expect } from "@std/expect";
import { scanDataset } from "../../../shared/datasets/scan_dataset.ts";
import type { FileStore } from "../../../shared/storage/file_store.ts";
import { withFileStore } from "../../support/runs.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

async function fill(store: FileStore, keys: readonly string[]) {
  for (const key of keys) await store.put(key, bytes("x"));
}

/** Of each case: id, keys by channel, label keys. */
async function scanned(store: FileStore) {
  const { cases, ...rest } = await scanDataset(store);
  const keys = (files: readonly { readonly key: string }[]) =>
    files.map(({ key }) => key);
  return {
    ...rest,
    cases: cases.map(({ images, labels, ...item }) => ({
      ...item,
      images: images.map(keys),
      labels: keys(labels),
    })),
  };
}

Deno.test("scanDataset() reads autoPET's folders of studies, spaces and all", async () => {
  await withFileStore(async (store) => {
    const study = "PETCT_0a/08-12-2005-NA-PET-CT Ganzkoerper  mit KM";
    await fill(store, [
      `${study}/SUV.nii.gz`,
      `${study}/CTres.nii.gz`,
      `${study}/SEG.nii.gz`,
      `${study}/CT.nii.gz`,
      `${study}/PET.nii.gz`,
      "other/SUV.nii.gz",
      "other/extra.nii.gz",
      "fdg_metadata.csv",
    ]);
    const { layout, channels, cases, unmatched } = await scanned(store);
    expect(layout).toBe("autopet");
    expect(channels).toEqual([
      { name: "SUV", unit: "SUV" },
      { name: "CTres", unit: "unknown" },
    ]);
    expect(cases).toEqual([
      {
        caseId: "PETCT_0a_08-12-2005-NA-PET-CT Ganzkoerper  mit KM",
        patientId: "PETCT_0a",
        images: [[`${study}/SUV.nii.gz`], [`${study}/CTres.nii.gz`]],
        labels: [`${study}/SEG.nii.gz`],
      },
      { caseId: "other", images: [["other/SUV.nii.gz"], []], labels: [] },
    ]);
    expect(unmatched).toEqual([{
      key: "other/extra.nii.gz",
      reason: 'it has no place in a dataset laid out as "autopet"',
    }]);
  });
});

Deno.test("scanDataset() takes a single autoPET study, called after its folder", async () => {
  await withFileStore(async (store, folder) => {
    await fill(store, ["SUV.nii.gz", "SEG.nii.gz"]);
    const { layout, cases } = await scanned(store);
    expect(layout).toBe("autopet");
    expect(cases).toEqual([{
      caseId: folder.split("/").at(-1),
      images: [["SUV.nii.gz"], []],
      labels: ["SEG.nii.gz"],
    }]);
  });
});

Deno.test("scanDataset() reads HECKTOR 2022, PT first", async () => {
  await withFileStore(async (store) => {
    await fill(store, [
      "imagesTr/CHUM-001__CT.nii.gz",
      "imagesTr/CHUM-001__PT.nii.gz",
      "labelsTr/CHUM-001.nii.gz",
      "imagesTs/USZ-001__PT.nii.gz",
    ]);
    const { layout, channels, cases } = await scanned(store);
    expect(layout).toBe("hecktor");
    expect(channels.map(({ name }) => name)).toEqual(["PT", "CT"]);
    expect(cases).toEqual([
      {
        caseId: "CHUM-001",
        images: [
          ["imagesTr/CHUM-001__PT.nii.gz"],
          ["imagesTr/CHUM-001__CT.nii.gz"],
        ],
        labels: ["labelsTr/CHUM-001.nii.gz"],
      },
      {
        caseId: "USZ-001",
        images: [["imagesTs/USZ-001__PT.nii.gz"], []],
        labels: [],
      },
    ]);
  });
});

Deno.test("scanDataset() reads HECKTOR with a folder per patient", async () => {
  await withFileStore(async (store) => {
    await fill(store, [
      "MDA-1/MDA-1.nii.gz",
      "MDA-1/MDA-1__CT.nii.gz",
      "MDA-1/MDA-1__PT.nii.gz",
    ]);
    const { layout, cases } = await scanned(store);
    expect(layout).toBe("hecktor");
    expect(cases).toEqual([{
      caseId: "MDA-1",
      images: [["MDA-1/MDA-1__PT.nii.gz"], ["MDA-1/MDA-1__CT.nii.gz"]],
      labels: ["MDA-1/MDA-1.nii.gz"],
    }]);
  });
});

Deno.test("scanDataset() pairs images and labels that say in their names which they are", async () => {
  await withFileStore(async (store) => {
    await fill(store, [
      "imagesTr/images0001.nii.gz",
      "labelsTr/labels0001.nii.gz",
      "images/a.nii",
      "labels/a_label.nii.gz",
      "labels/lonely.nii.gz",
    ]);
    const { layout, channels, cases } = await scanned(store);
    expect(layout).toBe("folders");
    expect(channels).toEqual([{ name: null, unit: "unknown" }]);
    expect(cases).toEqual([
      {
        caseId: "a",
        images: [["images/a.nii"]],
        labels: ["labels/a_label.nii.gz"],
      },
      {
        caseId: "images0001",
        images: [["imagesTr/images0001.nii.gz"]],
        labels: ["labelsTr/labels0001.nii.gz"],
      },
      { caseId: "lonely", images: [[]], labels: ["labels/lonely.nii.gz"] },
    ]);
  });
});

Deno.test("scanDataset() tells channels from numbered patients", async () => {
  await withFileStore(async (store) => {
    await fill(store, ["images/p_0000.nii.gz", "images/p_0001.nii.gz"]);
    const { cases } = await scanned(store);
    expect(cases.map(({ images }) => images)).toEqual([
      [["images/p_0000.nii.gz"], ["images/p_0001.nii.gz"]],
    ]);
    await fill(store, ["images/q_0002.nii.gz"]);
    const numbered = await scanned(store);
    expect(numbered.cases.map(({ caseId }) => caseId)).toEqual([
      "p_0000",
      "p_0001",
      "q_0002",
    ]);
  });
});

Deno.test("scanDataset() takes a folder of files as segment does", async () => {
  await withFileStore(async (store) => {
    await fill(store, ["b.nii", "a 1.nii.gz", "images/c.nii.gz"]);
    const { layout, cases, unmatched } = await scanned(store);
    expect(layout).toBe("folder");
    expect(cases.map(({ caseId }) => caseId)).toEqual(["a 1", "b"]);
    expect(unmatched.map(({ key }) => key)).toEqual(["images/c.nii.gz"]);
  });
});

Deno.test("scanDataset() tells files that dataset.json lists and that are not there", async () => {
  await withFileStore(async (store) => {
    const a = { image: "i/a.nii.gz", label: "l/a.nii.gz", fold: 2 };
    await store.put(
      "dataset.json",
      bytes(JSON.stringify({
        name: "Mcl",
        modality: { "0": "PET" },
        units: { "0": "SUV" },
        labels: { "0": "background", "1": "mcl" },
        training: [a, { image: "i/b.nii.gz", label: "l/b.nii.gz" }],
        validation: [a],
        test: ["i/c.nii.gz"],
      })),
    );
    await fill(store, ["i/a.nii.gz", "l/a.nii.gz", "i/b.nii.gz", "i/z.nii.gz"]);
    const { name, channels, classes, cases, unmatched } = await scanned(store);
    expect([name, classes]).toEqual(["Mcl", ["background", "mcl"]]);
    expect(channels).toEqual([{ name: "PET", unit: "SUV" }]);
    expect(cases).toEqual([
      {
        caseId: "a",
        fold: 2,
        images: [["i/a.nii.gz"]],
        labels: ["l/a.nii.gz"],
      },
      { caseId: "b", images: [["i/b.nii.gz"]], labels: [] },
    ]);
    expect(unmatched).toEqual([
      {
        key: "l/b.nii.gz",
        reason:
          'dataset.json lists it as the label of case "b", but it is not there',
      },
      {
        key: "i/c.nii.gz",
        reason:
          'dataset.json lists it as the image of case "c", but it is not there',
      },
    ]);
  });
});

Deno.test("scanDataset() reads nnU-Net's folders and the folds beside them", async () => {
  await withFileStore(async (store) => {
    await store.put(
      "dataset.json",
      bytes(JSON.stringify({
        channel_names: { "0": "CT", "1": "PET" },
        units: { "1": "SUV" },
        labels: { background: 0, tumor: 1 },
        file_ending: ".nii.gz",
      })),
    );
    await store.put(
      "splits_final.json",
      bytes(JSON.stringify([{ train: [], val: ["x"] }, { val: ["fdg  a"] }])),
    );
    await fill(store, [
      "imagesTr/fdg  a_0000.nii.gz",
      "imagesTr/fdg  a_0001.nii.gz",
      "imagesTr/fdg  a_0002.nii.gz",
      "labelsTr/fdg  a.nii.gz",
      "imagesTs/t_0001.nii.gz",
    ]);
    const { channels, cases, unmatched } = await scanned(store);
    expect(channels).toEqual([
      { name: "CT", unit: "unknown" },
      { name: "PET", unit: "SUV" },
    ]);
    expect(cases).toEqual([
      {
        caseId: "fdg  a",
        fold: 1,
        images: [
          ["imagesTr/fdg  a_0000.nii.gz"],
          ["imagesTr/fdg  a_0001.nii.gz"],
        ],
        labels: ["labelsTr/fdg  a.nii.gz"],
      },
      { caseId: "t", images: [[], ["imagesTs/t_0001.nii.gz"]], labels: [] },
    ]);
    expect(unmatched).toEqual([{
      key: "imagesTr/fdg  a_0002.nii.gz",
      reason: 'it is channel 2 of case "fdg  a", and the dataset has 2',
    }]);
  });
});

Deno.test("scanDataset() says what is there instead of cases", async () => {
  await withFileStore(async (store) => {
    await expect(scanDataset(store)).rejects.toThrow("there is nothing in it");
    await fill(store, ["p1/a.nii.gz", "p2/a.nii.gz"]);
    await expect(scanDataset(store)).rejects.toThrow(
      "2 further down (such as p1/a.nii.gz)",
    );
    await store.put("dataset.json", bytes('{"training": []}'));
    await expect(scanDataset(store)).rejects.toThrow("lists none");
  });
});

Deno.test("scanDataset() stops when it is told to", async () => {
  await withFileStore(async (store) => {
    await fill(store, ["a.nii"]);
    const reason = new Error("stop");
    await expect(scanDataset(store, AbortSignal.abort(reason))).rejects
      .toBe(reason);
  });
});
