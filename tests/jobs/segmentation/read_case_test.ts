import { expect } from "@std/expect";
import { fetchCase } from "../../../jobs/segmentation/read_case.ts";
import { CaseError } from "../../../shared/case_error.ts";
import type { Case } from "../../../shared/datasets/dataset.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { memoryStore } from "../../support/memory_store.ts";
import { testWithS3 } from "../../support/s3_server.ts";
import { testStore } from "../../support/s3_store.ts";

const NEVER = new AbortController().signal;
const bytes = (text: string) => new TextEncoder().encode(text);

/** A case of two channels and a label, with the versions of its files as the listing tells them. */
async function pinnedCase(store: ObjectStore): Promise<Case> {
  const keys = ["ct", "label", "pet"];
  for (const key of keys) await store.put(key, bytes(`${key}, first`));
  const etags: Record<string, string> = {};
  for await (const { key, etag } of store.list("")) etags[key] = etag!;
  const ref = (key: string) => ({ store: store.location, key });
  return {
    caseId: "a",
    images: [ref("pet"), ref("ct")],
    label: ref("label"),
    unit: "unknown",
    etags: [etags.pet!, etags.ct!],
    labelEtag: etags.label!,
  };
}

async function checkPins(store: ObjectStore): Promise<void> {
  const item = await pinnedCase(store);
  const open = () => store;
  const { inputs } = await fetchCase(item, open, NEVER);
  expect(inputs.map(({ etag }) => etag))
    .toEqual([...item.etags!, item.labelEtag]);

  for (
    const [key, role, was] of [
      ["label", "label", item.labelEtag!],
      ["ct", "image", item.etags![1]!],
    ] as const
  ) {
    const now = await store.put(key, bytes(`${key}, second`));
    const error = await fetchCase(item, open, NEVER).catch((error) => error);
    expect(error).toBeInstanceOf(CaseError);
    expect(error.kind).toBe("unreadable");
    expect(error.problem).toBe(
      `its ${role} ${key} has changed since the run was planned (ETag ${was}, now ${now})`,
    );
  }

  // Runs of earlier versions tell no versions of files.
  const { etags: _, labelEtag: __, ...unpinned } = item;
  const files = await fetchCase(unpinned, open, NEVER);
  expect(files.images[1]).toEqual(bytes("ct, second"));
}

Deno.test("fetchCase() refuses files that have changed since the run was planned", async () => {
  await checkPins(memoryStore());
});

testWithS3(
  "fetchCase() refuses objects of a bucket that have changed since the run was planned",
  async (server) => {
    await checkPins(testStore(server));
  },
);
