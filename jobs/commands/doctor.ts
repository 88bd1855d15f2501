/**
 * `uptake doctor`: what this machine can do, and why it cannot do the rest.
 * @module
 */
import { z } from "zod";
import { describeEngines } from "../../shared/engine/choose.ts";
import { probeStore, type StoreReport } from "../../shared/storage/probe.ts";
import { VERSION } from "../../shared/version.ts";
import { store } from "../cli/option_types.ts";
import { plainTable } from "../cli/summary_text.ts";
import { verb } from "../cli/verb.ts";

export const doctor = verb({
  name: "doctor",
  summary: "What this machine can do: engines, devices, stores, versions",
  details: `
With --store it writes a hundred small objects there, named .uptake-probe-..., and removes them again.
It ends with 1 where no run can be kept in the store.

Examples:
  uptake doctor
  uptake doctor --store s3://bucket/prefix`,
  options: z.strictObject({
    store: store.optional().describe(
      "also try what this store can promise to runs",
    ),
  }),
  async run(options, context) {
    const engines = await describeEngines();
    const { deno, v8 } = Deno.version;
    const machine = {
      uptake: VERSION,
      deno,
      v8,
      system: `${Deno.build.os} ${Deno.build.arch}`,
      cores: navigator.hardwareConcurrency,
      memoryGib: Math.round(Deno.systemMemoryInfo().total / 2 ** 30),
    };
    const access = options.store === undefined
      ? undefined
      : await probeStore(context.open(options.store), context.signal);
    const about = plainTable(["This machine", ""], { leftColumns: 2 });
    for (const [name, value] of Object.entries(machine)) {
      about.push([NAMES[name] ?? name, String(value)]);
    }
    const table = plainTable([
      "Engine",
      "Device",
      "Usable",
      "What it is, or why not",
    ], { leftColumns: 4, widths: [null, null, null, 68] });
    for (const { engine, device, available, version, detail } of engines) {
      const what = version === undefined ? detail : `${version}: ${detail}`;
      table.push([engine, device, available ? "yes" : "no", what]);
    }
    const parts = [about.toString(), table.toString()];
    if (access !== undefined) parts.push(storeText(access));
    return {
      exitCode: access?.verdict === "unusable" ? 1 : 0,
      json: { machine, engines, store: access },
      text: parts.join("\n"),
    };
  },
});

const NAMES: Readonly<Record<string, string>> = {
  uptake: "Uptake",
  deno: "Deno",
  v8: "V8",
  system: "System",
  cores: "Cores",
  memoryGib: "Memory, GiB",
};

function storeText({ location, promise, checks }: StoreReport): string {
  const table = plainTable(["Store", "Works", "What was seen"], {
    leftColumns: 3,
    widths: [null, null, 68],
  });
  for (const { name, ok, detail } of checks) {
    table.push([name, ok === null ? "-" : ok ? "yes" : "no", detail]);
  }
  return `${table}\n${location}: ${promise}`;
}
