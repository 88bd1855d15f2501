/** @module The index of a home: pages over a million cases, a cold start, and making it anew from a folder. */
import { join } from "node:path";
import { createIndexer } from "../../shared/catalog/indexer.ts";
import { openCatalog } from "../../shared/catalog/open_catalog.ts";
import { overview } from "../../shared/catalog/queries/overview.ts";
import { FileStore } from "../../shared/storage/file_store.ts";
import { type Figure, load } from "./benchmark.ts";
import { measurePages } from "./catalogue_pages.ts";
import { makeLarge, writeRun } from "./large_home.ts";

/** Runs of the folder that is indexed anew: 20,000 results. */
const INDEXED_RUNS = 20;

/** Cold starts are measured in a process of their own. */
export async function catalogue(): Promise<Figure[]> {
  const folder = await Deno.makeTempDir({ prefix: "uptake-bench-" });
  try {
    const reindexed = await reindex(folder);
    const path = join(folder, "large.sqlite");
    await makeLarge(join(folder, "index.sqlite"), path);
    return [...reindexed, ...measurePages(path), await coldStart(path)];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Indexes a folder of runs anew, with nothing indexed before. */
async function reindex(folder: string): Promise<Figure[]> {
  const home = join(folder, "home");
  for (let run = 0; run < INDEXED_RUNS; run++) await writeRun(home, run);
  const catalog = openCatalog(join(folder, "index.sqlite"));
  const indexer = createIndexer({
    catalog,
    home: new FileStore(home),
    now: () => new Date(),
  });
  const longest = watchTurns();
  const startedAt = performance.now();
  const { recordsRead } = await indexer.refresh(new AbortController().signal);
  const seconds = (performance.now() - startedAt) / 1000;
  const blockedMs = longest();
  const again = performance.now();
  await indexer.refresh(new AbortController().signal);
  const againSeconds = (performance.now() - again) / 1000;
  catalog.close();
  const remark = `${recordsRead} records in a folder, load ${load()}`;
  return [
    {
      name: "index a folder anew",
      value: recordsRead / seconds,
      unit: "records/s",
      target: 2000,
      remark: `${remark}; more is better`,
    },
    {
      name: "index a folder anew: longest time that others wait",
      value: blockedMs / 1000,
      unit: "s",
      remark,
    },
    {
      name: "refresh an index that is up to date",
      value: againSeconds,
      unit: "s",
      remark,
    },
  ];
}

/** Measures the longest time between two turns of the event loop, in milliseconds, until the returned function is called. */
function watchTurns(): () => number {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  return () => {
    clearInterval(timer);
    return longest;
  };
}

async function coldStart(path: string): Promise<Figure> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", import.meta.filename ?? "", path],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("Cannot open the index in another process");
  return {
    name: "cold start with an index: open it, first overview",
    value: JSON.parse(new TextDecoder().decode(stdout)).seconds,
    unit: "s",
    target: 1,
    remark: `${(Deno.statSync(path).size / 1e6).toFixed(0)} MB, load ${load()}`,
  };
}

if (import.meta.main) {
  const startedAt = performance.now();
  const catalog = openCatalog(Deno.args[0]!);
  overview(catalog);
  console.log(
    JSON.stringify({ seconds: (performance.now() - startedAt) / 1000 }),
  );
}
