import { expect } from "@std/expect";
import {
  datasetIndexSchema,
  indexDataset,
} from "../../../shared/datasets/dataset_index.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { withFileStore } from "../../support/runs.ts";
import { testWithS3 } from "../../support/s3_server.ts";
import { testStore } from "../../support/s3_store.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const now = new Date("2026-01-02T03:04:05.000Z");

async function fill(store: ObjectStore) {
  await store.put("s 1/SUV.nii.gz", bytes("pet"));
  await store.put("s 1/CTres.nii.gz", bytes("ct"));
  await store.put("s 1/SEG.nii.gz", bytes("label"));
  await store.put("s 2/SUV.nii.gz", bytes("no ct"));
}

async function checkIndex(store: ObjectStore) {
  await fill(store);
  const index = await indexDataset(store, { name: "fdg", now });
  const etagOf = async (key: string) => (await store.head(key))!.etag;
  const ref = (key: string) => ({ store: store.location, key });
  expect(datasetIndexSchema.parse(index)).toEqual({
    format: 1,
    name: "fdg",
    location: store.location,
    layout: "autopet",
    channels: ["SUV", "CTres"],
    classes: null,
    digest: index.digest,
    indexedAt: "2026-01-02T03:04:05.000Z",
    cases: [{
      caseId: "s 1",
      images: [ref("s 1/SUV.nii.gz"), ref("s 1/CTres.nii.gz")],
      label: ref("s 1/SEG.nii.gz"),
      unit: "SUV",
      bytes: 5,
      etags: [
        await etagOf("s 1/SUV.nii.gz"),
        await etagOf("s 1/CTres.nii.gz"),
      ],
      labelEtag: await etagOf("s 1/SEG.nii.gz"),
    }],
  });
  const again = await indexDataset(store, { name: "fdg", now });
  expect(again.digest).toBe(index.digest);
  // Mends the case that was left out: another dataset.
  await store.put("s 2/CTres.nii.gz", bytes("ct"));
  const mended = await indexDataset(store, { name: "fdg", now });
  expect(mended.cases.length).toBe(2);
  expect(mended.digest).not.toBe(index.digest);
  await store.put("s 1/SEG.nii.gz", bytes("other"));
  const changed = await indexDataset(store, { name: "fdg", now });
  expect(changed.digest).not.toBe(mended.digest);
}

Deno.test("indexDataset() knows every file's version, of a folder", async () => {
  await withFileStore((store) => checkIndex(store));
});

testWithS3(
  "indexDataset() knows every file's version, of a bucket",
  async (server) => {
    await checkIndex(testStore(server));
  },
);

testWithS3("indexDataset() reads no file of a bucket", async (server) => {
  const store = testStore(server);
  await fill(store);
  const read: string[] = [];
  const watched: ObjectStore = {
    location: store.location,
    get: (key, options) => (read.push(key), store.get(key, options)),
    head: (key) => Promise.reject(new Error(`head ${key}`)),
    peek: (key) => Promise.reject(new Error(`peek ${key}`)),
    put: (key) => Promise.reject(new Error(`put ${key}`)),
    create: (key) => Promise.reject(new Error(`create ${key}`)),
    delete: (key) => Promise.reject(new Error(`delete ${key}`)),
    list: (prefix, options) => store.list(prefix, options),
    folders: (prefix, options) => store.folders(prefix, options),
    now: () => store.now(),
  };
  await indexDataset(watched);
  expect(read.toSorted()).toEqual(["dataset.json", "splits_final.json"]);
});
