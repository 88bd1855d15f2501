/** @module The scans of a batch benchmark: the real ones where they are at hand, else phantoms. */
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { scans } from "../support/requires.ts";

/** Puts a dataset of at most so many cases under a prefix. */
export async function uploadScans(
  store: ObjectStore,
  prefix: string,
  most: number,
): Promise<{ cases: number; remark: string }> {
  if ("missing" in scans) {
    throw new Error(`The batch benchmarks need real scans: ${scans.missing}`);
  }
  const folder = `${scans.path}/lbt`;
  const text = await Deno.readTextFile(`${folder}/dataset.json`);
  const { training, ...about } = JSON.parse(text);
  const chosen = training.slice(0, most);
  for (const { image, label } of chosen) {
    for (const path of [image, label]) {
      const key = path.replace(/^\.\//, "");
      await store.put(
        `${prefix}/${key}`,
        await Deno.readFile(`${folder}/${key}`),
      );
    }
  }
  await store.put(
    `${prefix}/dataset.json`,
    new TextEncoder().encode(JSON.stringify({ ...about, training: chosen })),
  );
  return {
    cases: chosen.length,
    remark: `${chosen.length} real scans at 4 mm, Ceph on this machine`,
  };
}
