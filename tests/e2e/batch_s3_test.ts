/** @module A few real scans through `submit` and two workers, from bucket to bucket. */
import { expect } from "@std/expect";
import { openStore } from "../../shared/storage/open_store.ts";
import { scans, testWith } from "../support/requires.ts";
import { s3 } from "../support/s3_server.ts";
import { runUptake } from "../support/uptake_process.ts";

const CASES = ["0002", "0003", "0005"];
const CHECKPOINT =
  new URL("../../jobs/demo/ma3dseg_small.safetensors", import.meta.url)
    .pathname;

testWith(
  "missing" in s3 ? s3 : scans,
  "real scans go through submit and two workers in a bucket",
  async (path) => {
    if ("missing" in s3) throw new TypeError(s3.missing);
    const env = {
      AWS_ENDPOINT_URL: s3.endpoint,
      AWS_ACCESS_KEY_ID: s3.accessKey,
      AWS_SECRET_ACCESS_KEY: s3.secretKey,
    };
    const location = `s3://${s3.bucket}/batch-${crypto.randomUUID()}`;
    const store = openStore(location, { env });
    const training = [];
    for (const id of CASES) {
      const item = {
        image: `imagesTr/images${id}.nii.gz`,
        label: `labelsTr/labels${id}.nii.gz`,
      };
      training.push(item);
      for (const key of Object.values(item)) {
        const body = await Deno.readFile(`${path}/lbt/${key}`);
        await store.put(`scans/${key}`, body);
      }
    }
    const labels = { "0": "background", "1": "lymphoma" };
    const json = JSON.stringify({ labels, training });
    await store.put("scans/dataset.json", new TextEncoder().encode(json));

    const folder = await Deno.makeTempDir();
    try {
      const { code, out, err } = await runUptake(folder, [
        "submit",
        ...["--dataset", `${location}/scans`, "--home", `${location}/home`],
        ...["--checkpoint", CHECKPOINT, "--workers", "2", "--wait"],
        // Few windows: what is tested is the way, not the network.
        ...["--overlap", "0", "--json"],
      ], env);
      expect(err).toContain("Started 2 local workers");
      expect(code).toBe(0);
      const { runs: [run] } = JSON.parse(out);
      expect(run.summary.coverage).toEqual({
        expected: CASES.length,
        done: CASES.length,
        failed: 0,
        missing: 0,
      });
      expect(run.summary.metrics.nLabelled).toBe(CASES.length);
      const status = await runUptake(
        folder,
        ["status", "--run", run.location],
        env,
      );
      expect(status.out).toContain("3 of 3 cases done, 0 failed, 0 open");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
