import { expect } from "@std/expect";
import {
  commitFailure,
  commitResult,
  publishMask,
  readOutput,
  writeAttempt,
} from "../../../shared/runs/commit.ts";
import type { Failure } from "../../../shared/runs/records.ts";
import { verifyResult } from "../../../shared/runs/verify.ts";
import { resultOf, withFileStore } from "../../support/runs.ts";

const body = (text: string) => new TextEncoder().encode(text);
const mask = (text: string) => ({
  name: "mask.nii.gz",
  body: body(text),
  contentType: "application/gzip",
});

Deno.test("commitResult() lets exactly one of eight attempts win, and tells all which", async () => {
  await withFileStore(async (store) => {
    const attempts = ["1", "2", "3", "4", "5", "6", "7", "8"];
    const winners = await Promise.all(
      attempts.map((attempt) => commitResult(store, resultOf("c", attempt))),
    );
    expect(new Set(winners.map(({ attempt }) => attempt)).size).toBe(1);
  });
});

Deno.test("commitResult() recognises its own record after a lost answer", async () => {
  await withFileStore(async (store) => {
    const result = resultOf("c", "mine");
    await commitResult(store, result);
    expect((await commitResult(store, result)).attempt).toBe("mine");
  });
});

Deno.test("writeAttempt() and publishMask() make the committed bytes visible", async () => {
  await withFileStore(async (store) => {
    const outputs = await writeAttempt(store, "ä b", "t1", [mask("voxels")]);
    expect(outputs).toEqual([{
      name: "mask.nii.gz",
      key: "attempts/%C3%A4 b/t1/mask.nii.gz",
      bytes: 6,
      sha256:
        "38d11342e7802dc460247dcec95b945557f05a1bcc74a4db37f42d7e2b8b43de",
    }]);
    await publishMask(store, resultOf("ä b", "t1", { outputs }));
    const published = await store.get("masks/%C3%A4 b.nii.gz");
    expect(new TextDecoder().decode(published!.body)).toBe("voxels");
  });
});

Deno.test("publishMask() never overwrites a mask that somebody corrected, and verifyResult() tells", async () => {
  await withFileStore(async (store) => {
    const outputs = await writeAttempt(store, "c", "t1", [mask("voxels")]);
    const result = resultOf("c", "t1", { outputs });
    const verify = (readAll: boolean) =>
      verifyResult(store, result, () => store, readAll);
    await publishMask(store, result);
    expect(await verify(true)).toBe(null);

    await store.put("masks/c.nii.gz", body("VOXELS"));
    await publishMask(store, result);
    expect(await verify(false)).toBe(null);
    expect(await verify(true)).toContain("is not the committed mask any more");
    await store.put("masks/c.nii.gz", body("vox"));
    await publishMask(store, result);
    expect(await verify(false)).toContain("is not the committed mask any more");
    const published = await store.get("masks/c.nii.gz");
    expect(new TextDecoder().decode(published!.body)).toBe("vox");
  });
});

Deno.test("readOutput() refuses a committed file that was changed or removed", async () => {
  await withFileStore(async (store) => {
    const [output] = await writeAttempt(store, "c", "t1", [mask("voxels")]);
    await store.put(output!.key, body("VOXELS"));
    await expect(readOutput(store, "c", output!)).rejects.toThrow("has sha256");
    await store.delete(output!.key);
    await expect(readOutput(store, "c", output!)).rejects.toThrow(
      "is not there",
    );
  });
});

Deno.test("commitFailure() keeps the first failure of a round", async () => {
  await withFileStore(async (store) => {
    const failure = (attempt: string, round: number): Failure => ({
      format: 1,
      runId: "r",
      caseId: "c",
      round,
      attempt,
      codeVersion: "0",
      failedAt: "2026-01-02T03:04:05.000Z",
      kind: "unreadable",
      stage: "read",
      message: "Cannot read",
    });
    await commitFailure(store, failure("1", 0));
    expect((await commitFailure(store, failure("2", 0))).attempt).toBe("1");
    expect((await commitFailure(store, failure("3", 1))).attempt).toBe("3");
  });
});

Deno.test("verifyResult() finds changed inputs and damaged files, by size or by hash", async () => {
  await withFileStore(async (store) => {
    const etag = await store.put("in.nii.gz", body("image"));
    const outputs = await writeAttempt(store, "c", "t1", [mask("voxels")]);
    const result = resultOf("c", "t1", {
      outputs,
      inputs: [{
        store: store.location,
        key: "in.nii.gz",
        role: "image",
        etag,
        bytes: 5,
      }],
    });
    const verify = (readAll: boolean) =>
      verifyResult(store, result, () => store, readAll);
    expect(await verify(true)).toBe(null);

    await store.put(outputs[0]!.key, body("VOXELS"));
    expect(await verify(false)).toBe(null);
    expect(await verify(true)).toContain("has sha256");
    await store.put(outputs[0]!.key, body("vox"));
    expect(await verify(false)).toContain("has 3 bytes, 6 were committed");

    await store.put("in.nii.gz", body("other"));
    expect(await verify(false)).toContain("has changed since");
    await store.delete("in.nii.gz");
    expect(await verify(false)).toContain("is gone");
  });
});
