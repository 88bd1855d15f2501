import { expect } from "@std/expect";
import { gzipSync } from "node:zlib";
import { checkHeaders } from "../../../jobs/batch/check_headers.ts";
import { decodeCase } from "../../../jobs/segmentation/read_case.ts";
import { CaseError } from "../../../shared/case_error.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { PHANTOM } from "../../support/datasets.ts";
import { caseOf, withFileStore } from "../../support/runs.ts";
import { buildNifti } from "../../shared/imaging/nifti/build.ts";

const { signal } = new AbortController();
const image = { key: "a.nii.gz", bytes: 0 };
const label = { key: "l.nii.gz", bytes: 0 };

Deno.test("checkHeaders() tells size and grid from the first bytes", async () => {
  await withFileStore(async (store) => {
    await store.put(image.key, PHANTOM.image);
    await store.put(label.key, PHANTOM.label);
    const end = await checkHeaders(
      store,
      { caseId: "a", images: [image], label },
      signal,
    );
    if ("problem" in end) throw new Error(end.problem);
    const { header } = decodeCase(caseOf("a"), {
      images: [PHANTOM.image],
      label: undefined,
      inputs: [],
    });
    expect(end.header).toEqual(header);
    expect(end.bytes).toBe(PHANTOM.image.length);
    expect(end.contentBytes).toBe(header.byteCount);
  });
});

const bytes = (text: string) => new TextEncoder().encode(text);
const gzip = (content: Uint8Array) => new Uint8Array(gzipSync(content));
const nan = buildNifti({ sformCode: 1, srow: new Array(12).fill(NaN) });
const broken: [string, Uint8Array<ArrayBuffer>][] = [
  ["an empty file", new Uint8Array()],
  ["text", bytes("no image")],
  ["gzipped text", gzip(bytes("no image"))],
  ["corrupt gzip data", new Uint8Array([31, 139, 8, 0, 0, 0, 0, 0, 0, 0, 7])],
  ["a header cut short", gzip(buildNifti({}).slice(0, 200))],
  ["voxels cut short", new Uint8Array(buildNifti({}).slice(0, 353))],
  ["an affine that is not finite", gzip(nan)],
  ["several volumes", gzip(buildNifti({ dim: [4, 2, 2, 2, 9, 1, 1, 1] }))],
  [
    "more voxels than its bytes can hold",
    gzip(buildNifti({ dim: [3, 512, 512, 512, 1, 1, 1, 1] })),
  ],
];
for (const [what, content] of broken) {
  Deno.test(`checkHeaders() tells of ${what} what reading it tells`, async () => {
    await withFileStore(async (store) => {
      await store.put(image.key, content);
      let read: unknown;
      try {
        const files = { images: [content], label: undefined, inputs: [] };
        decodeCase(caseOf("a", image.key), files);
      } catch (error) {
        read = error;
      }
      if (!(read instanceof CaseError)) throw new Error("it can be read");
      const end = await checkHeaders(
        store,
        { caseId: "a", images: [image] },
        signal,
      );
      if (!("problem" in end)) throw new Error("it is said to be readable");
      const { key, kind, problem } = end;
      expect(key).toBe(image.key);
      expect(kind).toBe(read.kind);
      expect(`its image ${key}: ${problem}`).toBe(read.problem);
    });
  });
}

Deno.test("checkHeaders() reads on where gzip keeps the header far behind its start", async () => {
  await withFileStore(async (store) => {
    const plain = gzip(buildNifti({}));
    const extra = 60_000;
    const far = new Uint8Array(plain.length + 2 + extra);
    far.set(plain.subarray(0, 10));
    far[3] = 4; // FEXTRA
    new DataView(far.buffer).setUint16(10, extra, true);
    far.set(plain.subarray(10), 12 + extra);
    await store.put(image.key, far);
    const end = await checkHeaders(
      store,
      { caseId: "a", images: [image] },
      signal,
    );
    expect("header" in end && end.header.shape).toEqual([2, 2, 2]);
  });
});

Deno.test("checkHeaders() tells a label on another grid, and one that is gone", async () => {
  await withFileStore(async (store) => {
    await store.put(image.key, PHANTOM.image);
    const item = { caseId: "a", images: [image], label };
    expect(await checkHeaders(store, item, signal)).toEqual({
      caseId: "a",
      key: label.key,
      kind: "unreadable",
      problem: "it is not there",
    });
    await store.put(label.key, gzip(buildNifti({})));
    const end = await checkHeaders(store, item, signal);
    expect(end).toMatchObject({ key: label.key, kind: "label" });
    expect("problem" in end && end.problem).toMatch(
      /^the grids differ: its label has shape 2x2x2, its image /,
    );
  });
});

for (const kind of ["storage", "configuration"] as const) {
  Deno.test(`checkHeaders() does not blame a case for a store's failure: ${kind}`, async () => {
    await withFileStore(async (store) => {
      const failing: ObjectStore = Object.assign(Object.create(store), {
        peek: () => Promise.reject(new CaseError(kind, "no answer")),
      });
      await expect(
        checkHeaders(failing, { caseId: "a", images: [image] }, signal),
      ).rejects.toThrow("no answer");
    });
  });
}
