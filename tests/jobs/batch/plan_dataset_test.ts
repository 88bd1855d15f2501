import { expect } from "@std/expect";
import {
  planDataset,
  type PlanOptions,
} from "../../../jobs/batch/plan_dataset.ts";
import { caseSchema } from "../../../shared/datasets/dataset.ts";
import { indexDataset } from "../../../shared/datasets/dataset_index.ts";
import { encodeNifti } from "../../../shared/imaging/nifti/write.ts";
import type { Vec3 } from "../../../shared/imaging/volume.ts";
import type { CheckpointCard } from "../../../shared/network/checkpoint.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { randomCheckpoint, SMALL } from "../../benchmark/inputs.ts";
import { withFileStore } from "../../support/runs.ts";
import { testWithS3 } from "../../support/s3_server.ts";
import { testStore } from "../../support/s3_store.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** For one PET channel at 4 mm, with windows of 32. */
const card: CheckpointCard =
  randomCheckpoint(SMALL, [4, 4, 4], [32, 32, 32]).card;

function optionsOf(change: Partial<PlanOptions> = {}): PlanOptions {
  const { signal } = new AbortController();
  return { card, nCheckpoints: 1, overlap: 0.5, signal, ...change };
}

/** An image of zeros, axes to the left, to posterior, to superior. */
function scan(shape: Vec3, mm = 4): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(shape[0] * shape[1] * shape[2]);
  const affine = [-mm, 0, 0, 0, 0, -mm, 0, 0, 0, 0, mm, 0, 0, 0, 0, 1];
  return encodeNifti({ data, shape, affine });
}

/** Of a challenge's kind, with everything that can be wrong. */
async function fill(store: ObjectStore): Promise<void> {
  const files: Record<string, Uint8Array<ArrayBuffer>> = {
    "imagesTr/CHUM-1__PT.nii.gz": scan([33, 20, 48]),
    "imagesTr/CHUM-1__CT.nii.gz": scan([100, 60, 48], 1),
    "labelsTr/CHUM-1.nii.gz": scan([33, 20, 48]),
    // 49 voxels of 2 mm are 25 of 4 mm.
    "imagesTr/CHUM-2__PT.nii.gz": scan([49, 49, 65], 2),
    "imagesTr/bad__PT.nii.gz": bytes("no scan"),
    "imagesTr/two__PT.nii.gz": scan([4, 4, 4]),
    "imagesTr/two__PT.nii": scan([4, 4, 4]),
    "imagesTr/ct__CT.nii.gz": scan([4, 4, 4]),
    "labelsTr/lonely.nii.gz": scan([4, 4, 4]),
    "splits_final.json": bytes('[{"val":["CHUM-1","bad"]},{"val":["CHUM-2"]}]'),
  };
  for (const [key, body] of Object.entries(files)) await store.put(key, body);
}

async function checkPlan(store: ObjectStore): Promise<void> {
  await fill(store);
  const progress: [number, number][] = [];
  const plan = await planDataset(
    store,
    optionsOf({
      nCheckpoints: 2,
      onProgress: (checked, total) => progress.push([checked, total]),
    }),
  );
  const { location } = store;
  const pet = async (key: string) => (await store.peek(key, 1))!.bytes;
  const sizes = [
    await pet("imagesTr/CHUM-1__PT.nii.gz"),
    await pet("imagesTr/CHUM-2__PT.nii.gz"),
  ];
  const etag = async (key: string) => (await store.head(key))!.etag;
  const { dataset, channels, matched } = plan;
  expect(dataset).toEqual({
    name: location.split("/").at(-1),
    location,
    layout: "hecktor",
    classes: null,
    channels: ["PT", "CT"],
  });
  expect(channels).toEqual([{ checkpoint: "PET", dataset: "PT" }]);
  expect(matched).toEqual([
    {
      item: {
        caseId: "CHUM-1",
        fold: 0,
        images: [{ store: location, key: "imagesTr/CHUM-1__PT.nii.gz" }],
        label: { store: location, key: "labelsTr/CHUM-1.nii.gz" },
        etags: [await etag("imagesTr/CHUM-1__PT.nii.gz")],
        labelEtag: await etag("labelsTr/CHUM-1.nii.gz"),
        unit: "SUV",
        bytes: sizes[0],
        // 33 voxels: 0, 1; 20: one; 48: 0, 16. Of two checkpoints.
        windows: 8,
      },
      shape: [33, 20, 48],
      spacingMm: [4, 4, 4],
      preparedShape: [33, 20, 48],
    },
    {
      item: {
        caseId: "CHUM-2",
        fold: 1,
        images: [{ store: location, key: "imagesTr/CHUM-2__PT.nii.gz" }],
        etags: [await etag("imagesTr/CHUM-2__PT.nii.gz")],
        unit: "SUV",
        bytes: sizes[1],
        windows: 4,
      },
      shape: [49, 49, 65],
      spacingMm: [2, 2, 2],
      preparedShape: [25, 25, 33],
    },
  ]);
  for (const { item } of matched) caseSchema.parse(item);
  expect(plan.ambiguous.map(({ caseId }) => caseId)).toEqual(["two"]);
  expect(plan.unmatched.map(({ key }) => key).toSorted()).toEqual([
    "imagesTr/ct__CT.nii.gz",
    "labelsTr/lonely.nii.gz",
  ]);
  expect(plan.unreadable.map(({ caseId, kind }) => [caseId, kind]))
    .toEqual([["bad", "unreadable"]]);
  expect([plan.withLabel, plan.windows, plan.bytes])
    .toEqual([1, 12, sizes[0]! + sizes[1]!]);
  expect(progress.map(([checked]) => checked)).toEqual([1, 2, 3]);
  expect(progress.every(([, total]) => total === 3)).toBe(true);
  expect(plan.digest).toBe((await indexDataset(store)).digest);
}

Deno.test("planDataset() plans a folder: cases, what is in the way, and sizes", async () => {
  await withFileStore((store) => checkPlan(store));
});

testWithS3(
  "planDataset() plans a bucket: cases, what is in the way, and sizes",
  async (server) => {
    await checkPlan(testStore(server));
  },
);

Deno.test("planDataset() takes the cases of one fold, and says which folds there are", async () => {
  await withFileStore(async (store) => {
    await fill(store);
    const { matched, windows } = await planDataset(
      store,
      optionsOf({ fold: 1 }),
    );
    expect(matched.map(({ item }) => item.caseId)).toEqual(["CHUM-2"]);
    expect(windows).toBe(2);
    await expect(planDataset(store, optionsOf({ fold: 2 }))).rejects
      .toThrow(`fold 2 of ${store.location}: its cases have the folds 0, 1`);
    await store.delete("splits_final.json");
    await expect(planDataset(store, optionsOf({ fold: 2 }))).rejects
      .toThrow("its cases have no folds");
  });
});

Deno.test("planDataset() takes window, overlap and unit from its options", async () => {
  await withFileStore(async (store) => {
    await store.put("a.nii.gz", scan([64, 64, 64]));
    const plan = await planDataset(
      store,
      optionsOf({ roi: [64, 64, 32], overlap: 0, unit: "SUV" }),
    );
    expect(plan.windows).toBe(2);
    expect(plan.matched[0]!.item.unit).toBe("SUV");
    await expect(planDataset(store, optionsOf({ roi: [30, 32, 32] }))).rejects
      .toThrow("multiple of");
    await expect(planDataset(store, optionsOf({ overlap: 1 }))).rejects
      .toThrow("[0, 1)");
  });
});

Deno.test("planDataset() tells a grid that preprocessing would make too large", async () => {
  await withFileStore(async (store) => {
    await store.put("a.nii.gz", scan([400, 400, 400], 40));
    const { matched, unreadable } = await planDataset(store, optionsOf());
    expect(matched).toEqual([]);
    expect(unreadable).toMatchObject([{ caseId: "a", kind: "geometry" }]);
    expect(unreadable[0]!.problem).toContain("makes 3991 x 3991 x 3991");
  });
});

Deno.test("planDataset() refuses a dataset without the checkpoint's channels", async () => {
  await withFileStore(async (store) => {
    await store.put("p_0000.nii.gz", scan([4, 4, 4]));
    await store.put("p_0001.nii.gz", scan([4, 4, 4]));
    await expect(planDataset(store, optionsOf())).rejects.toThrow(
      "1 is needed (PET), it has 2",
    );
  });
});

Deno.test("planDataset() reads no whole file of a folder where no digest is asked for", async () => {
  await withFileStore(async (store) => {
    await store.put("a.nii.gz", scan([4, 4, 4]));
    const watched: ObjectStore = Object.assign(Object.create(store), {
      location: store.location,
      get: (key: string) =>
        key.endsWith(".json")
          ? store.get(key)
          : Promise.reject(new Error(`get ${key}`)),
      head: (key: string) => Promise.reject(new Error(`head ${key}`)),
      peek: store.peek.bind(store),
      list: store.list.bind(store),
    });
    const plan = await planDataset(
      watched,
      optionsOf({ readForDigest: false }),
    );
    expect([plan.matched.length, plan.digest]).toEqual([1, null]);
    expect(Object.keys(plan.matched[0]!.item)).not.toContain("etags");
    await expect(planDataset(watched, optionsOf())).rejects
      .toThrow("head a.nii.gz");
  });
});

Deno.test("planDataset() stops when it is told to", async () => {
  await withFileStore(async (store) => {
    for (let n = 0; n < 40; n++) {
      await store.put(`${n}.nii.gz`, scan([4, 4, 4]));
    }
    const stop = new AbortController();
    const reason = new Error("stop");
    let checked = 0;
    const planned = planDataset(
      store,
      optionsOf({
        signal: stop.signal,
        onProgress: (n) => {
          checked = n;
          stop.abort(reason);
        },
      }),
    );
    await expect(planned).rejects.toBe(reason);
    expect(checked).toBeLessThan(40);
  });
});
