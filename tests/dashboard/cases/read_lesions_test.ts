/** @module Which tables of lesions are kept, and what is said where a file of a case is missing. */
import { expect } from "@std/expect";
import { createLesionReader } from "../../../dashboard/cases/read_lesions.ts";
import { createIndexer } from "../../../shared/catalog/indexer.ts";
import { openCatalog } from "../../../shared/catalog/open_catalog.ts";
import { caseDetail } from "../../../shared/catalog/queries/case_detail.ts";
import { fakeClock } from "../../support/fake_clock.ts";
import {
  type CaseHomeOptions,
  caseIdOf,
  fillCaseHome,
  RUN_ID,
} from "../../support/case_home.ts";
import { memoryStore, stepped } from "../../support/memory_store.ts";

/** A home with one case, and the reader of its lesions. */
async function withReader(
  options: CaseHomeOptions,
  work: (given: {
    home: ReturnType<typeof memoryStore>;
    lesions(): ReturnType<ReturnType<typeof createLesionReader>>;
    /** Files read since the last call. */
    read(): string[];
  }) => Promise<void>,
) {
  const home = memoryStore();
  await fillCaseHome(home, { cases: 1, shape: [24, 24, 40], ...options });
  let reads: string[] = [];
  const store = stepped(home, (what, key, when) => {
    if (what === "get" && when === "before") reads.push(key);
    return Promise.resolve();
  });
  const catalog = openCatalog(":memory:");
  const end = new AbortController();
  const now = () => new Date();
  await createIndexer({ catalog, home, now }).refresh(end.signal);
  const clock = {
    ...fakeClock(),
    // Threads are kept until the end of the test.
    sleep: (_: number, signal: AbortSignal) =>
      new Promise<void>((resolve) =>
        signal.addEventListener("abort", () => resolve())
      ),
  };
  const reader = createLesionReader({
    home: store,
    catalog,
    open: () => store,
    readableRoots: null,
    clock,
    signal: end.signal,
  });
  const detail = caseDetail(catalog, RUN_ID, caseIdOf(0))!;
  try {
    await work({
      home,
      lesions: () => reader(detail, ["background", "tumour"]),
      read() {
        const before = reads;
        reads = [];
        return before;
      },
    });
  } finally {
    end.abort();
    catalog.close();
  }
}

const LABEL = "scans/scan 01_label.nii.gz";
const IMAGE = "scans/scan 01.nii.gz";

Deno.test("lesions of a case whose label is gone are none, with the reason, until it is back", async () => {
  await withReader({}, async ({ home, lesions, read }) => {
    const { body } = (await home.get(LABEL))!;
    await home.delete(LABEL);
    for (const _ of [1, 2]) {
      expect(await lesions()).toEqual({
        reason: "The label is not where the record says",
      });
    }
    await home.put(LABEL, body);
    const made = await lesions();
    const kinds = "table" in made
      ? made.table.lesions.map(({ kind }) => kind)
      : [];
    expect(kinds).toContain("missed");
    expect(kinds).not.toContain("predicted");
    read();
    expect(await lesions()).toEqual(made);
    expect(read()).toEqual([]);
    await home.delete(LABEL);
    expect(await lesions()).toHaveProperty("reason");
  });
});

Deno.test("lesions are measured anew where a file of the case was replaced", async () => {
  await withReader({}, async ({ home, lesions, read }) => {
    await lesions();
    const mask = read().find((key) => key.endsWith("mask.nii.gz"))!;
    await home.put(LABEL, (await home.get(mask))!.body);
    const made = await lesions();
    expect(read()).toHaveLength(3);
    const kinds = "table" in made
      ? made.table.lesions.map(({ kind }) => kind)
      : [];
    expect(new Set(kinds)).toEqual(new Set(["found"]));
  });
});

Deno.test("a table without SUVs for want of an image says so, and is not kept", async () => {
  await withReader({}, async ({ home, lesions, read }) => {
    const { body } = (await home.get(IMAGE))!;
    await home.delete(IMAGE);
    for (const _ of [1, 2]) {
      expect(await lesions()).toMatchObject({
        table: { problem: "The image is not where the record says" },
      });
      expect(read()).not.toEqual([]);
    }
    await home.put(IMAGE, body);
    expect(await lesions()).toMatchObject({ table: { problem: null } });
  });
});

Deno.test("lesions of a case whose record names no label are those of the mask, without any complaint", async () => {
  await withReader({ isLabelled: false }, async ({ lesions }) => {
    const made = await lesions();
    expect(made).toMatchObject({ table: { problem: null } });
    const kinds = "table" in made
      ? made.table.lesions.map(({ kind }) => kind)
      : [];
    expect(new Set(kinds)).toEqual(new Set(["predicted"]));
  });
});
