/** @module Bodies that are too large, too slow, cut off, or no form. */
import { expect } from "@std/expect";
import { Hono } from "hono";
import {
  limitBody,
  type StartTimer,
  takeBody,
} from "../../../dashboard/security/body.ts";
import { Refused } from "../../../dashboard/security/refused.ts";

const never = new AbortController().signal;

/** What comes of a body, and what a handler reads of it. */
async function send(
  body: BodyInit,
  { headers = {}, signal = never }: {
    headers?: Record<string, string>;
    signal?: AbortSignal;
  } = {},
): Promise<string> {
  const app = new Hono();
  app.onError((error, c) =>
    c.text(error instanceof Refused ? `refused: ${error.reason}` : "failed")
  );
  app.post("/", async (c) => {
    await takeBody(c, 10, signal);
    return c.text(await c.req.text());
  });
  const answer = await app.request("/", { method: "POST", headers, body });
  return await answer.text();
}

function streamOf(
  parts: readonly string[],
  end: "close" | "fail" | "wait",
): ReadableStream<Uint8Array> & { isCancelled?: boolean } {
  const left = [...parts];
  const stream: ReadableStream<Uint8Array> & { isCancelled?: boolean } =
    new ReadableStream({
      pull(controller) {
        const part = left.shift();
        if (part !== undefined) {
          controller.enqueue(new TextEncoder().encode(part));
        } else if (end === "close") controller.close();
        else if (end === "fail") controller.error(new Error("cut"));
        else return new Promise(() => {});
      },
      cancel() {
        stream.isCancelled = true;
      },
    });
  return stream;
}

Deno.test("takeBody() gives handlers what it read", async () => {
  expect(await send("0123456789")).toBe("0123456789");
  expect(await send(streamOf(["0123", "456789"], "close"))).toBe("0123456789");
  expect(await send("")).toBe("");
});

Deno.test("takeBody() refuses what is too large, told or not", async () => {
  expect(await send("0123456789a")).toBe("refused: size");
  expect(await send("a", { headers: { "content-length": "11" } })).toBe(
    "refused: size",
  );
  const endless = streamOf(Array(20).fill("01234"), "wait");
  expect(await send(endless)).toBe("refused: size");
});

Deno.test("takeBody() waits for a body only until it has taken too long", async () => {
  const slow = new AbortController();
  const body = streamOf(["01"], "wait");
  const answer = send(body, { signal: slow.signal });
  slow.abort();
  expect(await answer).toBe("refused: slow");
});

Deno.test("takeBody() refuses a body that is cut off, and a form that is none", async () => {
  expect(await send(streamOf(["01"], "fail"))).toBe("refused: cut");
  for (
    const type of ["multipart/form-data; boundary=x", "multipart/form-data"]
  ) {
    expect(await send("nothing", { headers: { "content-type": type } })).toBe(
      "refused: form",
    );
  }
  const type = "application/x-www-form-urlencoded";
  expect(await send("a=%FF", { headers: { "content-type": type } })).toBe(
    "a=%FF",
  );
});

/** What a handler reads of a large body; `late` makes the part that it waits for late. */
function sendLarge(
  body: BodyInit,
  { headers = {}, nowMs = () => 0 }: {
    headers?: Record<string, string>;
    nowMs?: () => number;
  } = {},
) {
  const waits: number[] = [];
  const isWaiting = Promise.withResolvers<() => void>();
  const startTimer: StartTimer = (ms, late) => {
    waits.push(ms);
    if (waits.length === 2) isWaiting.resolve(late);
    return () => {};
  };
  const app = new Hono();
  app.onError((error, c) =>
    c.text(error instanceof Refused ? `refused: ${error.reason}` : "failed")
  );
  app.post("/", async (c) => {
    limitBody(c, 10, { startTimer, nowMs });
    return c.text(new TextDecoder().decode(await c.req.arrayBuffer()));
  });
  const answer = app.request("/", { method: "POST", headers, body });
  return {
    waits,
    late: isWaiting.promise,
    told: Promise.resolve(answer).then((one) => one.text()),
  };
}

Deno.test("limitBody() lets a body through, and refuses what is too large, told or not, or cut off", async () => {
  const whole = streamOf(["0123", "456789"], "close");
  expect(await sendLarge(whole).told).toBe("0123456789");
  const headers = { "content-length": "11" };
  expect(await sendLarge("a", { headers }).told).toBe("refused: size");
  const endless = streamOf(Array(20).fill("01234"), "wait");
  expect(await sendLarge(endless).told).toBe("refused: size");
  expect(endless.isCancelled).toBe(true);
  expect(await sendLarge(streamOf(["01"], "fail")).told).toBe("refused: cut");
});

Deno.test("limitBody() waits for each part, and lets go of a client that sends no more", async () => {
  const body = streamOf(["01"], "wait");
  const { late, told } = sendLarge(body);
  (await late)();
  expect(await told).toBe("refused: slow");
  expect(body.isCancelled).toBe(true);
});

Deno.test("limitBody() gives whoever sends little at a time less and less time", async () => {
  let nowMs = -19_000;
  const { waits, told } = sendLarge(streamOf(["0", "1"], "close"), {
    nowMs: () => nowMs += 9_500,
  });
  expect(await told).toBe("01");
  expect(waits.map(Math.round)).toEqual([10_500, 1000, 0]);
});

Deno.test("takeBody() leaves the request's signal alone, of whose use the server warns", async () => {
  const warned: unknown[] = [];
  const { warn } = console;
  console.warn = (...args) => warned.push(...args);
  const app = new Hono().post("/", async (c) => {
    await takeBody(c, 10, never);
    return c.text(await c.req.text());
  });
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {},
  }, (request) => app.fetch(request));
  try {
    const { port } = server.addr;
    const url = `http://127.0.0.1:${port}/`;
    const answer = await fetch(url, { method: "POST", body: "abc" });
    expect(await answer.text()).toBe("abc");
  } finally {
    await server.shutdown();
    console.warn = warn;
  }
  expect(warned).toEqual([]);
});
