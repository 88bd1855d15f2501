/** @module Logs for machines, as a process writes them. */
import { expect } from "@std/expect";
import { withNanoCheckpoint } from "../support/command_line.ts";
import { PHANTOM, writeFiles } from "../support/datasets.ts";
import { testWithS3 } from "../support/s3_server.ts";
import { runUptake } from "../support/uptake_process.ts";

const JSON_LOG = ["--log-format", "json"];

/** Every line as the object that it must be. */
function linesOf(err: string): Record<string, unknown>[] {
  return err.trimEnd().split("\n").map((line) => JSON.parse(line));
}

Deno.test("--log-format json makes every line on stderr an object, one per stage and case among them", async () => {
  await withNanoCheckpoint(async (folder) => {
    await writeFiles(folder, {
      "scans/bad.nii.gz": "no image",
      "scans/good.nii.gz": PHANTOM.image,
    });
    const { code, err } = await runUptake(folder, [
      ...["segment", "--input", "scans", "--output", "run"],
      ...["--checkpoint", "nano.safetensors", "--threads", "1", ...JSON_LOG],
    ]);
    expect(code).toBe(3);
    const lines = linesOf(err);
    for (const line of lines) {
      expect(line).toEqual(expect.objectContaining({
        "@timestamp": expect.any(String),
        level: "INFO",
        message: expect.any(String),
        logger: "uptake",
      }));
    }
    const { runId } = JSON.parse(
      await Deno.readTextFile(`${folder}/run/run.json`),
    );
    const stagesOf = (caseId: string) =>
      lines.filter((line) => line.event === "stage" && line.caseId === caseId)
        .map((line) => `${line.stage} ${line.outcome}`);
    expect(stagesOf("bad")).toEqual(["read failed"]);
    expect(stagesOf("good")).toEqual(
      ["read", "preprocess", "segment", "postprocess", "measure", "write"]
        .map((stage) => `${stage} done`),
    );
    const cases = lines.filter(({ event }) => event === "case");
    const seconds = expect.any(Number);
    expect(cases).toHaveLength(2);
    for (
      const end of [
        {
          caseId: "bad",
          runId,
          outcome: "failed",
          kind: "unreadable",
          seconds,
        },
        { caseId: "good", runId, outcome: "done", seconds },
      ]
    ) expect(cases).toContainEqual(expect.objectContaining(end));
  });
});

Deno.test("UPTAKE_LOG_FORMAT is the default, for wrong usage too, and --log-format wins over it", async () => {
  const env = { UPTAKE_LOG_FORMAT: "json" };
  const asJson = await runUptake("/", ["segment"], env);
  expect(asJson.code).toBe(2);
  const [line, ...others] = linesOf(asJson.err);
  expect(others).toEqual([]);
  expect(line).toEqual(expect.objectContaining({
    level: "ERROR",
    message: expect.stringMatching(/required option '--input/),
  }));

  const asText = await runUptake(
    "/",
    ["segment", "--log-format", "text"],
    env,
  );
  expect(asText.err).toMatch(/^error: required option '--input/);
});

Deno.test("UPTAKE_LOG_FORMAT that is no format is wrong usage", async () => {
  const { code, err } = await runUptake("/", ["doctor"], {
    UPTAKE_LOG_FORMAT: "xml",
  });
  expect(code).toBe(2);
  expect(err).toMatch(/'xml' from env 'UPTAKE_LOG_FORMAT' is invalid/);
});

testWithS3(
  "--log-format json keeps credentials and signatures out of what the store's errors say",
  async (server) => {
    const withKeys = (accessKey: string, secretKey: string) =>
      runUptake("/tmp", [
        ...["segment", "--input", `s3://${server.bucket}/absent`, ...JSON_LOG],
        ...["--checkpoint", `s3://${server.bucket}/absent.safetensors`],
        ...["--output", `s3://${server.bucket}/out-${crypto.randomUUID()}`],
      ], {
        AWS_ENDPOINT_URL: server.endpoint,
        AWS_ACCESS_KEY_ID: accessKey,
        AWS_SECRET_ACCESS_KEY: secretKey,
        AWS_SESSION_TOKEN: "session-token-1234",
      });
    for (
      const [accessKey, secretKey] of [
        [server.accessKey, "wrong-secret-5678"],
        ["absent-key-9012", "wrong-secret-5678"],
      ] as const
    ) {
      const { code, out, err } = await withKeys(accessKey, secretKey);
      expect(code).toBe(1);
      expect(linesOf(err).at(-1)?.message).toMatch(/^Cannot .+ s3:/);
      expect(out).toBe("");
      for (
        const secret of [
          ...["wrong-secret-5678", "absent-key-9012", "session-token-1234"],
          ...["Signature=", "Authorization", "x-amz-"],
        ]
      ) expect(err.toLowerCase()).not.toContain(secret.toLowerCase());
    }
  },
);
