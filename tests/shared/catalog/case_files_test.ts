/** @module The files of one case, found without its list. */
import { expect } from "@std/expect";
import type { Catalog } from "../../../shared/catalog/open_catalog.ts";
import { caseDetail } from "../../../shared/catalog/queries/case_detail.ts";
import {
  caseFiles,
  caseFilesSchema,
} from "../../../shared/catalog/queries/case_files.ts";
import { emptyHome, putFinishedRun } from "./homes.ts";

const RUN = "20260101T000000Z-aaaaaa";

Deno.test("caseFiles() tells what caseDetail() tells of files, by one query of one case", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putFinishedRun(store, RUN, [0.1, 0.9]);
  await refresh();
  const asked: string[] = [];
  const watched: Catalog = {
    ...catalog,
    get(sql, ...values) {
      asked.push(sql);
      return catalog.get(sql, ...values);
    },
  };
  const files = caseFiles(watched, RUN, "c1");
  expect(files).toEqual(
    caseFilesSchema.strip().parse(caseDetail(catalog, RUN, "c1")),
  );
  expect(asked).toHaveLength(1);
  expect(asked[0]).not.toContain("OVER");
  expect(caseFiles(catalog, RUN, "c9")).toBeNull();
  expect(caseFiles(catalog, "another", "c1")).toBeNull();
  catalog.close();
});
