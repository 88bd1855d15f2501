import { expect } from "@std/expect";
import { uptake } from "../../support/command_line.ts";
import { withFolder } from "../../support/temporary_folder.ts";

Deno.test("doctor lists every engine, usable or with the reason why not", async () => {
  const { code, out } = await uptake("/", ["doctor", "--json"]);
  expect(code).toBe(0);
  const { engines, machine } = JSON.parse(out);
  expect(machine.deno).toBe(Deno.version.deno);
  expect(engines.map(({ device }: { device: string }) => device)).toEqual([
    "cpu",
    "cuda",
    "wasm",
    "webgpu",
    "tensorflow",
  ]);
  expect(engines[0].available).toBe(true);
  for (const { available, detail } of engines) {
    expect(typeof available).toBe("boolean");
    expect(detail.length).toBeGreaterThan(3);
  }
});

Deno.test("doctor tells what a store can promise, check by check", async () => {
  await withFolder(async (folder) => {
    const { code, out } = await uptake(folder, ["doctor", "--store", "."]);
    expect(code).toBe(0);
    expect(out).toMatch(/│ list +│ yes +│ it is empty +│/);
    expect(out).toMatch(/│ refuse damaged uploads +│ - +│ only buckets/);
    expect(out).toContain(
      `file://${folder}: Any number of workers may share a run here: exactly one result per case`,
    );

    await Deno.writeTextFile(`${folder}/a.txt`, "");
    const args = ["doctor", "--store", ".", "--json"];
    const { store } = JSON.parse((await uptake(folder, args)).out);
    expect(store).toMatchObject({
      location: `file://${folder}`,
      verdict: "claims",
    });
    expect(store.checks[0]).toEqual({
      name: "list",
      ok: true,
      detail: "it holds a.txt and perhaps more",
    });
    expect(Array.from(Deno.readDirSync(folder), ({ name }) => name)).toEqual([
      "a.txt",
    ]);
  });
});

Deno.test("doctor ends with 1 where a store cannot be used, and says why", async () => {
  const { code, out } = await uptake("/", [
    ...["doctor", "--store", "s3://bucket/prefix", "--json"],
  ], { env: { AWS_ENDPOINT_URL: "http://127.0.0.1:1" } });
  expect(code).toBe(1);
  const { store } = JSON.parse(out);
  expect(store).toMatchObject({
    location: "s3://bucket/prefix",
    verdict: "unusable",
    promise: expect.stringMatching(
      /^No run can be kept here: .*no credentials were found/,
    ),
  });
});

Deno.test("doctor refuses what names no store", async () => {
  const { code, err } = await uptake("/", ["doctor", "--store", "gs://x"]);
  expect(code).toBe(2);
  expect(err).toContain("use s3://bucket/prefix, file:///folder or a path");
});
