/**
 * `uptake doctor`: what this machine can do, and why it cannot do the rest.
 * @module
 */
import { z } from "zod";
import { describeEngines } from "../../shared/engine/choose.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { VERSION } from "../../shared/version.ts";
import { store } from "../cli/option_types.ts";
import { plainTable } from "../cli/summary_text.ts";
import { verb } from "../cli/verb.ts";

export const doctor = verb({
  name: "doctor",
  summary: "What this machine can do: engines, devices, stores, versions",
  details: `
Examples:
  uptake doctor
  uptake doctor --store s3://bucket/prefix`,
  options: z.strictObject({
    store: store.optional().describe("also try to list this store"),
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
      : await tryList(context.open(options.store));
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
    if (access !== undefined) parts.push(access.text);
    return {
      exitCode: access?.listed === false ? 1 : 0,
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

async function tryList(
  store: ObjectStore,
): Promise<{ location: string; listed: boolean; text: string }> {
  const { location } = store;
  try {
    for await (const { key } of store.list("")) {
      return {
        location,
        listed: true,
        text: `${location}: can be listed, it holds ${key} and perhaps more`,
      };
    }
    return {
      location,
      listed: true,
      text: `${location}: can be listed, it is empty`,
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { location, listed: false, text: `${location}: ${reason}` };
  }
}
