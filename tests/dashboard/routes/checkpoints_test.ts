/** @module Uploads of checkpoints: what is registered, what is not and why, and that nothing of it stays then. */
import { expect } from "@std/expect";
import { checkpointRoutes } from "../../../dashboard/routes/checkpoints.tsx";
import {
  readSafetensors,
  type StoredTensor,
  writeSafetensors,
} from "../../../shared/network/safetensors.ts";
import { FileStore } from "../../../shared/storage/file_store.ts";
import { bearer, testDashboard } from "../../support/dashboard.ts";
import { operationsOf, withDataset } from "../../support/operations.ts";
import {
  type OperationsDashboard,
  operationsDashboard,
} from "../../support/operations_dashboard.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const withUploads = (
  use: (dashboard: OperationsDashboard, file: Bytes) => Promise<void>,
) =>
  withDataset(async (folder) =>
    use(
      await operationsDashboard(folder),
      await Deno.readFile(`${folder}/nano.safetensors`),
    )
  );

async function stored({ home }: Pick<OperationsDashboard, "home">) {
  const objects = await Array.fromAsync(home.list("checkpoints/"));
  return objects.map(({ key }) => key);
}

async function told(answer: Response): Promise<string> {
  const body = await answer.json();
  return `${answer.status} ${body.error?.message ?? body.name}`;
}

/** The file with other tensors or another card. */
function changed(
  file: Bytes,
  { tensor, card }: {
    tensor?: (name: string, tensor: StoredTensor) => StoredTensor;
    card?: (card: Record<string, unknown>) => unknown;
  },
): Bytes {
  const { tensors, metadata } = readSafetensors(file);
  return writeSafetensors(
    new Map(
      [...tensors].map(([name, one]) => [name, tensor?.(name, one) ?? one]),
    ),
    new Map(
      [...metadata].map(([name, text]) => [
        name,
        card === undefined ? text : JSON.stringify(card(JSON.parse(text))),
      ]),
    ),
  );
}

/** The first tensor's name, and the file with its first weight changed. */
function withWeight(file: Bytes, value: number): Bytes {
  let isFirst = true;
  return changed(file, {
    tensor: (_, tensor) => {
      if (!isFirst || tensor.dtype !== "F32") return tensor;
      isFirst = false;
      const bytes = tensor.bytes.slice();
      new DataView(bytes.buffer).setFloat32(0, value, true);
      return { ...tensor, bytes };
    },
  });
}

function withHeader(length: bigint, text = ""): Bytes {
  const bytes = new Uint8Array(8 + text.length);
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  bytes.set(new TextEncoder().encode(text), 8);
  return bytes;
}

Deno.test("a file that is no sound checkpoint is refused with the reason, and nothing of it stays", async () => {
  await withUploads(async (dashboard, file) => {
    const gzipped = await new Response(
      new Blob([file]).stream().pipeThrough(new CompressionStream("gzip")),
    ).bytes();
    const files: readonly (readonly [what: string, Bytes, reason: string])[] = [
      ["nothing", new Uint8Array(), "The safetensors file"],
      ["eight bytes", withHeader(0n), "The safetensors file"],
      ["cut off", file.slice(0, -1), "1 byte"],
      ["half", file.slice(0, file.length / 2), "is cut short"],
      ["trailing bytes", new Uint8Array([...file, 0]), "The safetensors file"],
      ["a header of 2^60 bytes", withHeader(2n ** 60n), "The safetensors file"],
      ["a header that is no JSON", withHeader(3n, "abc"), "no JSON"],
      [
        "a zip bomb's first bytes",
        new Uint8Array([0x50, 0x4b, 3, 4, ...new Uint8Array(60)]),
        "is a zip archive, perhaps PyTorch's (import it first)",
      ],
      ["gzip", gzipped, "The safetensors file"],
      ["NaN", withWeight(file, NaN), "has a value of NaN (at 0)"],
      ["infinity", withWeight(file, Infinity), "has a value of Infinity"],
      [
        "another shape",
        changed(file, {
          tensor: (_, tensor) => ({
            ...tensor,
            shape: [1, ...tensor.shape],
          }),
        }),
        "has shape [1, ",
      ],
      [
        "whole numbers for weights",
        changed(file, {
          tensor: (_, tensor) => ({ ...tensor, dtype: "I32" }),
        }),
        "is stored as I32, and F32 and F16 can be read",
      ],
      [
        "another network",
        changed(file, {
          card: (card) => ({ ...card, network: { name: "resnet" } }),
        }),
        "The checkpoint's card makes no sense: network",
      ],
      [
        "one class too many",
        changed(file, {
          card: (card) => ({ ...card, classes: ["background", "a", "b"] }),
        }),
        "the network takes 2, and there are 3",
      ],
      [
        "a window of no size",
        changed(file, { card: (card) => ({ ...card, roi: [0, 16, 16] }) }),
        "The checkpoint's card makes no sense: roi",
      ],
    ];
    for (const [what, bytes, reason] of files) {
      const answer = await dashboard.upload("name=a", bytes);
      const text = await told(answer);
      expect(`${what}: ${text}`).toContain(`${what}: 422 The `);
      expect(text).toContain(reason);
    }
    expect(await stored(dashboard)).toEqual([]);
  });
});

Deno.test("names that could leave the folder or mislead people are refused", async () => {
  await withUploads(async (dashboard, file) => {
    for (
      const name of [
        "..",
        ".",
        ".hidden",
        "../tokens/a",
        "a/b",
        "a\\b",
        "/etc/passwd",
        "a%2fb",
        "a\0b",
        "a\nb",
        "näno",
        "a\u202Eb",
        " a",
        "-a",
        "a b",
      ]
    ) {
      const query = new URLSearchParams({ name });
      const text = await told(await dashboard.upload(String(query), file));
      expect(text).toContain(
        `422 Cannot call a checkpoint ${
          JSON.stringify(name)
        }: a name has 1 to 100 letters`,
      );
    }
    for (
      const query of [
        "",
        "name=",
        `name=${"a".repeat(101)}`,
        "name=a&fold=-1",
        "name=a&fold=first",
        "name=a&fold=1.5",
        "name=a&family=%20",
        "name=a&family=a%0Ab",
        `name=a&family=${"a".repeat(101)}`,
      ]
    ) {
      const text = await told(await dashboard.upload(query, file));
      expect(`${query} ${text}`).toContain(`${query} 400 ✖ `);
    }
    expect(await stored(dashboard)).toEqual([]);
  });
});

Deno.test("only the file itself is taken, no form", async () => {
  await withUploads(async ({ request, tokens, ...dashboard }, file) => {
    const form = new FormData();
    form.set("file", new Blob([file]));
    for (const body of [form, file]) {
      const answer = await request("/api/v1/checkpoints?name=a", {
        method: "POST",
        headers: bearer(tokens.operator),
        body,
      });
      expect(await told(answer)).toBe(
        "415 Send the file itself, as application/octet-stream",
      );
    }
    expect(await stored(dashboard)).toEqual([]);
  });
});

Deno.test("an upload that breaks off leaves nothing, and is not in the way of the next", async () => {
  await withUploads(async (dashboard, file) => {
    const broken = new ReadableStream({
      start: (controller) => controller.enqueue(file.slice(0, 1000)),
      pull: (controller) => controller.error(new Error("connection reset")),
    });
    const answer = await dashboard.request("/api/v1/checkpoints?name=a", {
      method: "POST",
      headers: {
        ...bearer(dashboard.tokens.operator),
        "content-type": "application/octet-stream",
      },
      body: broken,
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    await answer.body?.cancel();
    expect(await stored(dashboard)).toEqual([]);
    expect(await told(await dashboard.upload("name=a", file))).toBe("201 a");
  });
});

Deno.test("while one upload is on its way nothing of another one is read", async () => {
  await withUploads(async (dashboard, file) => {
    const isRead = Promise.withResolvers<void>();
    const rest = Promise.withResolvers<void>();
    const slow = new ReadableStream<Bytes>({
      async pull(controller) {
        isRead.resolve();
        await rest.promise;
        controller.enqueue(file);
        controller.close();
      },
    }, { highWaterMark: 0 });
    let nRead = 0;
    const other = new ReadableStream<Bytes>({
      pull(controller) {
        nRead++;
        controller.enqueue(file.slice(0, 1000));
      },
    }, { highWaterMark: 0 });
    const send = (name: string, body: ReadableStream<Bytes>) =>
      dashboard.request(`/api/v1/checkpoints?name=${name}`, {
        method: "POST",
        headers: {
          ...bearer(dashboard.tokens.operator),
          "content-type": "application/octet-stream",
        },
        body,
      });
    const first = send("a", slow);
    await isRead.promise;
    expect(await told(await send("b", other))).toBe(
      "409 Another checkpoint is being uploaded: try again after it",
    );
    expect(nRead).toBe(0);
    rest.resolve();
    expect(await told(await first)).toBe("201 a");
    const line = (await dashboard.audited()).find(({ outcome }) =>
      outcome === "done"
    );
    expect(line?.details).toMatchObject({ name: "a", checkpoint: "a" });
  });
});

Deno.test("a file that is larger than is taken is refused, also where its size is told by nobody", async () => {
  await withDataset(async (folder) => {
    const maxBytes = 1000;
    const { request, tokens, home } = await testDashboard({
      home: new FileStore(`${folder}/home`),
      changes: { operations: operationsOf(folder) },
      routes: (deps) => checkpointRoutes(deps, maxBytes),
    });
    const chunks = () =>
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(300)),
      });
    for (
      const [body, size] of [
        [new Uint8Array(maxBytes + 1), maxBytes + 1],
        [chunks(), null],
      ] as const
    ) {
      const answer = await request("/api/v1/checkpoints?name=a", {
        method: "POST",
        headers: {
          ...bearer(tokens.operator),
          "content-type": "application/octet-stream",
          ...(size === null
            ? { "transfer-encoding": "chunked" }
            : { "content-length": String(size) }),
        },
        body,
      });
      expect(await told(answer)).toBe("413 The request is too large");
    }
    expect(await stored({ home })).toEqual([]);
  });
});

Deno.test("of two that come at once under one name one is registered, and the other is told why not", async () => {
  await withUploads(async (dashboard, file) => {
    const other = withWeight(file, 0.5);
    const answers = await Promise.all(
      [file, other].map(async (bytes) =>
        told(await dashboard.upload("name=a", bytes))
      ),
    );
    const lost = answers[0] === "201 a" ? other : file;
    expect(answers.toSorted()).toEqual([
      "201 a",
      "409 Another checkpoint is being uploaded: try again after it",
    ]);
    const late = await told(await dashboard.upload("name=a", lost));
    expect(late).toContain("422 Cannot register a in ");
    expect(late).toContain("another checkpoint has this name");
    expect(await told(await dashboard.upload("name=b", lost))).toBe("201 b");
    expect(await stored(dashboard)).toEqual([
      "checkpoints/a.json",
      "checkpoints/a.safetensors",
      "checkpoints/b.json",
      "checkpoints/b.safetensors",
    ]);
  });
});

Deno.test("a file whose dashboard died before its record is gone on with, and is in the way of others", async () => {
  await withUploads(async (dashboard, file) => {
    await dashboard.home.put("checkpoints/a.safetensors", file);
    const other = await told(
      await dashboard.upload("name=a", withWeight(file, 0.5)),
    );
    expect(other).toContain("perhaps of an upload that broke off, this one");
    expect(other).toContain("Choose another name");
    expect(await told(await dashboard.upload("name=a", file))).toBe("201 a");
  });
});

Deno.test("of two dashboards that register another file under one name at once, one is refused", async () => {
  await withDataset(async (folder) => {
    const file = await Deno.readFile(`${folder}/nano.safetensors`);
    const files = [file, withWeight(file, 0.5)];
    const ended = await Promise.all(
      files.map((bytes) =>
        operationsOf(folder).registerCheckpoint({
          bytes,
          name: "a",
          family: null,
          fold: null,
        })
      ),
    );
    const refused = ended.filter((end) => "refused" in end);
    expect(refused).toHaveLength(1);
    expect(JSON.stringify(refused)).toContain("another checkpoint has this");
    const { checkpoints, problems } = await operationsOf(folder).registered();
    expect(problems).toEqual([]);
    const won = ended.flatMap((end) => "done" in end ? [end.done.sha256] : []);
    expect(checkpoints.map(({ sha256 }) => sha256)).toEqual(won);
  });
});
