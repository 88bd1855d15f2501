import { expect } from "@std/expect";
import { registerCheckpoint } from "../../../../jobs/evaluation/register_checkpoint.ts";
import { UsageError } from "../../../../jobs/cli/usage_error.ts";
import { openHome } from "../../../../jobs/evaluation/open_home.ts";
import { reevaluate } from "../../../../jobs/evaluation/reevaluate/night.ts";
import { nightOptionsSchema } from "../../../../jobs/evaluation/reevaluate/night_options.ts";
import { loadCheckpoint } from "../../../../jobs/segmentation/model.ts";
import { FileStore } from "../../../../shared/storage/file_store.ts";
import type { ObjectStore } from "../../../../shared/storage/object_store.ts";
import {
  fakeContext,
  withNanoCheckpoint,
} from "../../../support/command_line.ts";
import { withFileStore } from "../../../support/runs.ts";
import { PHANTOM, writeDataset } from "../../../support/datasets.ts";

/** A store of a server that refuses conditional writes. */
function unconditional(store: ObjectStore): ObjectStore {
  return {
    location: store.location,
    get: (key, options) => store.get(key, options),
    head: (key, signal) => store.head(key, signal),
    peek: (key, maxBytes, signal) => store.peek(key, maxBytes, signal),
    put: (key, body, options) => store.put(key, body, options),
    create: () => Promise.reject(new Deno.errors.NotSupported("501")),
    delete: (key, signal) => store.delete(key, signal),
    list: (prefix, options) => store.list(prefix, options),
    folders: (prefix, options) => store.folders(prefix, options),
    now: (signal) => store.now(signal),
  };
}

Deno.test("reevaluate() refuses a home that has lost its checkpoints, before anything is written", async () => {
  await withFileStore(async (_, folder) => {
    const given = nightOptionsSchema.parse({
      home: "home",
      datasets: ["data"],
    });
    await expect(reevaluate(given, undefined, fakeContext(folder)))
      .rejects.toThrow(UsageError);
    expect([...Deno.readDirSync(folder)]).toEqual([]);
  });
});

Deno.test("reevaluate() works alone where a home cannot create conditionally, and says so", async () => {
  await withNanoCheckpoint(async (folder) => {
    await writeDataset(`${folder}/data`, { a: { label: PHANTOM.label } });
    const said: string[] = [];
    const plain = fakeContext(folder);
    const context = {
      ...plain,
      open: (location: string) => unconditional(plain.open(location)),
      say: (line: string) => said.push(line),
    };
    const { home } = await openHome("home", context);
    const files = new FileStore(folder);
    const loaded = await loadCheckpoint(files, "nano.safetensors");
    await registerCheckpoint(home, loaded, { name: "v1" }, new Date());

    const given = nightOptionsSchema.parse({
      home: "home",
      datasets: ["data"],
      threads: "1",
    });
    const first = await reevaluate(given, undefined, context);
    expect(first.problems).toEqual([]);
    expect(first.evaluated.map(({ isNew, figures }) => [isNew, figures.n]))
      .toEqual([[true, 1]]);
    expect(said[0]).toContain("cannot create objects conditionally");
    const second = await reevaluate(given, undefined, context);
    expect(second.evaluated.map(({ isNew }) => isNew)).toEqual([false]);
  });
});
