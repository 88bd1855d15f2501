/**
 * `deno task bench [names...]`: measures speed and memory, prints a table and writes JSON. Every benchmark
 * has a process of its own, so that none inherits another's memory; none is a test.
 * @module
 */
import { VERSION } from "../../shared/version.ts";
import { type Benchmark, type Figure, figuresTable } from "./benchmark.ts";
import { forward } from "./forward.ts";
import {
  batchBusy,
  startToWindow,
  statusOfLargeRun,
  workersCompared,
} from "./batch.ts";
import { catalogue } from "./catalogue.ts";
import { interactive } from "./interactive.ts";
import { planning } from "./planning.ts";
import { viewer } from "./viewer.ts";
import { memory, metrics, prepare, segmentCase } from "./whole_case.ts";

const BENCHMARKS: Readonly<Record<string, Benchmark>> = Object.freeze({
  forward,
  prepare,
  metrics,
  segmentCase,
  memory,
  planning,
  startToWindow,
  statusOfLargeRun,
  workersCompared,
  batchBusy,
  catalogue,
  interactive,
  viewer,
});
const CHILD = "--child";

if (Deno.args[0] === CHILD) {
  const figures = await BENCHMARKS[Deno.args[1]!]!();
  console.log(JSON.stringify(figures));
  Deno.exit(0);
}

const unknown = Deno.args.filter((name) => !(name in BENCHMARKS));
if (unknown.length > 0) {
  console.error(
    `There is no benchmark ${unknown.join(", ")}: choose from ${
      Object.keys(BENCHMARKS).join(", ")
    }`,
  );
  Deno.exit(2);
}
const chosen = Deno.args.length > 0 ? Deno.args : Object.keys(BENCHMARKS);
const figures: Figure[] = [];
for (const name of chosen) {
  console.error(`Measuring ${name} ...`);
  figures.push(...await measure(name));
}
const report = {
  measuredAt: new Date().toISOString(),
  uptake: VERSION,
  deno: Deno.version.deno,
  cores: navigator.hardwareConcurrency,
  processor: await processor(),
  loadBefore: Deno.loadavg()[0],
  figures,
};
const folder = new URL("results/", import.meta.url);
await Deno.mkdir(folder, { recursive: true });
const file = new URL(`${report.measuredAt.replaceAll(":", "")}.json`, folder);
await Deno.writeTextFile(file, `${JSON.stringify(report, null, 1)}\n`);
console.log(figuresTable(figures));
console.log(
  `${report.processor}, ${report.cores} cores. Written to ${file.pathname}`,
);

async function measure(name: string): Promise<Figure[]> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", import.meta.filename ?? "", CHILD, name],
    stderr: "inherit",
  });
  const { success, stdout } = await child.output();
  if (!success) throw new Error(`Benchmark ${name} failed`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The processor's name and its vector units: convolutions live on them. */
async function processor(): Promise<string> {
  try {
    const text = await Deno.readTextFile("/proc/cpuinfo");
    const name = /model name\s*:\s*(.+)/.exec(text)?.[1] ?? Deno.build.arch;
    const units = ["avx512f", "avx2"].find((unit) => text.includes(unit));
    return units === undefined ? name : `${name} (${units})`;
  } catch {
    return Deno.build.arch;
  }
}
