/** @module `uptake register`: a checkpoint in a home, once. */
import { Buffer } from "node:buffer";
import { expect } from "@std/expect";
import { registerCheckpoint } from "../../../jobs/evaluation/register_checkpoint.ts";
import { loadCheckpoint } from "../../../jobs/segmentation/model.ts";
import { writeCheckpoint } from "../../../shared/network/checkpoint.ts";
import { openStore } from "../../../shared/storage/open_store.ts";
import { FileStore } from "../../../shared/storage/file_store.ts";
import { randomCheckpoint } from "../../benchmark/inputs.ts";
import { changedCheckpoint } from "../../support/checkpoints.ts";
import { uptake, withNanoCheckpoint } from "../../support/command_line.ts";
import { readJson } from "../../support/datasets.ts";
import { namesIn } from "../../support/homes.ts";
import { memoryStore } from "../../support/memory_store.ts";
import { MA3DSEG_TINY } from "../../support/networks.ts";
import { S3FaultProxy } from "../../support/s3_fault_proxy.ts";
import { testWithS3 } from "../../support/s3_server.ts";

const CHECKPOINTS = "home/checkpoints";

function register(folder: string, file: string, ...more: string[]) {
  return uptake(folder, ["register", file, "--home", "home", ...more]);
}

Deno.test("register copies the checkpoint and records it beside", async () => {
  await withNanoCheckpoint(async (folder) => {
    const { code, out, err } = await register(folder, "nano.safetensors");
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(out).toMatch(
      /^Registered nano \(ma3dseg, no fold\), sha256 [0-9a-f]{64}$/,
    );
    const bytes = await Deno.readFile(`${folder}/nano.safetensors`);
    expect(
      await Deno.readFile(`${folder}/${CHECKPOINTS}/nano.safetensors`),
    ).toEqual(bytes);
    const record = await readJson(`${folder}/${CHECKPOINTS}/nano.json`);
    expect(record).toMatchObject({
      format: 1,
      name: "nano",
      bytes: bytes.length,
      family: "ma3dseg",
      fold: null,
      card: { roi: [32, 32, 32] },
    });
    expect(out).toContain(record.sha256);
  });
});

Deno.test("register takes family and fold from the card, and the options before it", async () => {
  await withNanoCheckpoint(async (folder) => {
    await changedCheckpoint(folder, "trained", {
      training: { family: "lymphoma", fold: 3, epochs: 12 },
    });
    await changedCheckpoint(folder, "odd", {
      training: { family: 7, fold: "first" },
    });
    const recordOf = async (file: string, ...more: string[]) => {
      expect((await register(folder, `${file}.safetensors`, ...more)).code)
        .toBe(0);
      const { family, fold } = await readJson(
        `${folder}/${CHECKPOINTS}/${more[1] ?? file}.json`,
      );
      return { family, fold };
    };
    expect(await recordOf("trained")).toEqual({ family: "lymphoma", fold: 3 });
    expect(await recordOf("odd")).toEqual({ family: "ma3dseg", fold: null });
    await changedCheckpoint(folder, "third", {
      biasShift: 1,
      training: { family: "lymphoma", fold: 3 },
    });
    const other = ["--name", "other", "--family", "melanoma", "--fold", "0"];
    expect(await recordOf("third", ...other))
      .toEqual({ family: "melanoma", fold: 0 });
  });
});

Deno.test("register does the same again without harm, and mends what is gone", async () => {
  await withNanoCheckpoint(async (folder) => {
    await register(folder, "nano.safetensors");
    const path = `${folder}/${CHECKPOINTS}/nano`;
    const before = await Deno.readTextFile(`${path}.json`);
    const again = await register(folder, "nano.safetensors");
    expect(again.code).toBe(0);
    expect(again.out).toMatch(/^Registered before: nano/);
    expect(await Deno.readTextFile(`${path}.json`)).toBe(before);

    // As after a death between file and record, and after a loss of the file.
    for (const lost of [`${path}.json`, `${path}.safetensors`]) {
      await Deno.remove(lost);
      expect((await register(folder, "nano.safetensors")).code).toBe(0);
      expect((await Deno.stat(lost)).size).toBeGreaterThan(0);
    }
  });
});

Deno.test("register refuses a second name for a file that is registered", async () => {
  await withNanoCheckpoint(async (folder) => {
    await register(folder, "nano.safetensors", "--fold", "2");
    const again = await register(
      folder,
      ...["nano.safetensors", "--name", "again", "--fold", "0"] as const,
    );
    expect(again.code).toBe(2);
    expect(again.out).toBe("");
    expect(again.err).toContain(
      "already registered as nano (ma3dseg, fold 2)",
    );
    expect(namesIn(`${folder}/${CHECKPOINTS}`)).toEqual([
      "nano.json",
      "nano.safetensors",
    ]);
  });
});

Deno.test("register refuses another checkpoint, family or fold under a name that is taken", async () => {
  await withNanoCheckpoint(async (folder) => {
    await register(folder, "nano.safetensors");
    await changedCheckpoint(folder, "other", { biasShift: 1 });
    const path = `${folder}/${CHECKPOINTS}/nano`;
    const before = await Deno.readFile(`${path}.safetensors`);
    const refused = async (
      pattern: RegExp,
      file: string,
      ...more: string[]
    ) => {
      const { code, err, out } = await register(folder, file, ...more);
      expect(code).toBe(2);
      expect(out).toBe("");
      expect(err).toMatch(pattern);
    };
    const other = ["other.safetensors", "--name", "nano"] as const;
    const taken = /another checkpoint has this name \(sha256 [0-9a-f]{64}/;
    await refused(taken, ...other);
    await refused(
      /as ma3dseg, fold 1: it is registered as ma3dseg, no fold$/,
      ...["nano.safetensors", "--fold", "1"] as const,
    );
    await Deno.remove(`${path}.json`);
    await refused(taken, ...other);
    expect(await Deno.readFile(`${path}.safetensors`)).toEqual(before);
  });
});

Deno.test("register refuses what is no checkpoint, and names that are no file's", async () => {
  await withNanoCheckpoint(async (folder) => {
    await Deno.writeTextFile(`${folder}/text.safetensors`, "no checkpoint");
    const broken = await register(folder, "text.safetensors");
    expect(broken.code).toBe(1);
    expect(broken.err).toMatch(/^Cannot read the checkpoint/);
    for (const name of ["a/b", "..", "ä", ""]) {
      const { code, err } = await register(
        folder,
        ...["nano.safetensors", "--name", name] as const,
      );
      expect(code).toBe(2);
      expect(err).toContain(
        `Cannot call a checkpoint ${JSON.stringify(name)}: a name has`,
      );
    }
    expect(namesIn(`${folder}/home`)).toEqual([]);
  });
});

Deno.test("registerCheckpoint() refuses what no bucket creates at once, and writes nothing", async () => {
  await withNanoCheckpoint(async (folder) => {
    const files = new FileStore(folder);
    const loaded = await loadCheckpoint(files, "nano.safetensors");
    const home = memoryStore();
    const bytes = new Uint8Array(512 * 1024 ** 2 + 1);
    await expect(
      registerCheckpoint(home, { ...loaded, bytes }, {}, new Date()),
    ).rejects.toThrow(
      "Cannot register nano in memory://store: it has 513 MiB, and a home takes checkpoints of 512 MiB at most",
    );
    expect(await Array.fromAsync(home.list(""))).toEqual([]);
  });
});

testWithS3(
  "register sends a large checkpoint to a bucket, once",
  async (server) => {
    const { card, weights } = randomCheckpoint(
      { ...MA3DSEG_TINY, features: [16, 32, 64, 128], hidden: 256 },
      "native",
      [32, 32, 32],
    );
    const bytes = writeCheckpoint(card, weights, "f32");
    // More than one part of an upload in parts would have.
    expect(bytes.length).toBeGreaterThan(16 * 1024 ** 2);
    const sent: string[] = [];
    await using proxy = new S3FaultProxy(server.endpoint, (request) => {
      if (request.bytes > 1024 ** 2) sent.push(request.method);
      return { kind: "pass" };
    });
    const env = {
      AWS_ENDPOINT_URL: proxy.endpoint,
      AWS_ACCESS_KEY_ID: server.accessKey,
      AWS_SECRET_ACCESS_KEY: server.secretKey,
    };
    const home = `s3://${server.bucket}/large-${crypto.randomUUID()}`;
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeFile(`${folder}/large.safetensors`, bytes);
      const register = async () => {
        const args = ["register", "large.safetensors", "--home", home];
        const { code, err } = await uptake(folder, args, { env });
        expect(err).toBe("");
        expect(code).toBe(0);
      };
      await register();
      const store = openStore(home, { env });
      const there = await store.get("checkpoints/large.safetensors");
      expect(Buffer.compare(there!.body, bytes)).toBe(0);

      await register();
      // As after a death between file and record.
      await store.delete("checkpoints/large.json");
      await register();
      expect(await store.head("checkpoints/large.json")).not.toBeNull();
      expect(sent).toEqual(["PUT"]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
