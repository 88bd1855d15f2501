/** @module The main job with a bucket as input and output. */
import { expect } from "@std/expect";
import { openStore } from "../../shared/storage/open_store.ts";
import { fixture } from "../support/requires.ts";
import { testWithS3 } from "../support/s3_server.ts";
import { uptake, withNanoCheckpoint } from "../support/command_line.ts";

testWithS3(
  "segment and evaluate work from bucket to bucket as between folders",
  async (server) => {
    const env = {
      AWS_ENDPOINT_URL: server.endpoint,
      AWS_ACCESS_KEY_ID: server.accessKey,
      AWS_SECRET_ACCESS_KEY: server.secretKey,
    };
    const prefix = `s3://${server.bucket}/e2e-${crypto.randomUUID()}`;
    await withNanoCheckpoint(async (folder) => {
      const files = {
        "dataset.json": new TextEncoder().encode(JSON.stringify({
          training: [{ image: "i/ä 1.nii.gz", label: "l/ä 1.nii.gz" }],
        })),
        "i/ä 1.nii.gz": await Deno.readFile(
          fixture("preprocess/phantom_lps.nii.gz"),
        ),
        "l/ä 1.nii.gz": await Deno.readFile(
          fixture("preprocess/phantom_lps_label.nii.gz"),
        ),
      };
      for (const location of [`${prefix}/data`, `${folder}/data`]) {
        const store = openStore(location, { env });
        for (const [key, body] of Object.entries(files)) {
          await store.put(key, body);
        }
      }
      const segment = (input: string, output: string) =>
        uptake(folder, [
          "segment",
          ...["--input", input, "--output", output],
          ...["--checkpoint", "nano.safetensors", "--threads", "1"],
        ], { env });

      expect((await segment("data", "run")).code).toBe(0);
      const first = await segment(`${prefix}/data`, `${prefix}/run`);
      expect(first.code).toBe(0);
      expect(first.out).toContain("1 done, 0 failed, 0 missing");
      const again = await segment(`${prefix}/data`, `${prefix}/run`);
      expect(again.said).toContain("1 of 1 cases are done already");

      const mask = async (location: string) =>
        (await openStore(location, { env }).get("masks/%C3%A4 1.nii.gz"))?.body;
      expect(await mask(`${prefix}/run`)).toEqual(await mask(`${folder}/run`));

      const evaluated = await uptake(folder, [
        "evaluate",
        ...["--masks", `${prefix}/run`, "--labels", `${prefix}/data`],
        ...["--output", `${prefix}/evaluation`, "--json"],
      ], { env });
      expect(evaluated.code).toBe(0);
      const dice = (json: string) =>
        JSON.parse(json).summary.metrics.classes[0].metrics.dice.mean;
      expect(dice(evaluated.out)).toBeGreaterThanOrEqual(0);
    });
  },
);

testWithS3(
  "a bucket that cannot be used gets a sentence, without the secret",
  async (server) => {
    const evaluate = (bucket: string, secret: string) =>
      uptake("/", [
        ...["evaluate", "--masks", `s3://${bucket}/masks`],
        ...["--labels", "labels", "--output", "out"],
      ], {
        env: {
          AWS_ENDPOINT_URL: server.endpoint,
          AWS_ACCESS_KEY_ID: server.accessKey,
          AWS_SECRET_ACCESS_KEY: secret,
        },
      });
    const absent = await evaluate("no-such-bucket", server.secretKey);
    const refused = await evaluate(server.bucket, "not-the-secret");
    for (const { code, out, err } of [absent, refused]) {
      expect(code).toBe(1);
      expect(out).toBe("");
      expect(err).toMatch(/^Cannot list s3:/);
      expect(err).not.toMatch(/^ +at /m);
    }
    expect(absent.err).toContain("no-such-bucket");
    expect(refused.err).not.toContain("not-the-secret");
  },
);
