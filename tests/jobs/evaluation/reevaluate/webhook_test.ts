import { expect } from "@std/expect";
import {
  postWebhook,
  webhookMessage,
} from "../../../../jobs/evaluation/reevaluate/webhook.ts";

/** Posts to a server that answers so, one after another. */
async function post(
  answers: readonly (() => Response | Promise<Response>)[],
  signal = new AbortController().signal,
) {
  const requests: Request[] = [];
  const problem = await postWebhook(webhookMessage([]), {
    url: "https://hooks.example/secret",
    token: undefined,
    signal,
    retryDelayMs: 0,
    fetch: (input, init) => {
      requests.push(new Request(input, init));
      return Promise.resolve(answers[requests.length - 1]!());
    },
  });
  return { problem, requests };
}

const ok = () => new Response("thanks");
const busy = () => new Response(null, { status: 503 });
const unreachable = () => {
  throw new TypeError(
    "error sending request for url (https://hooks.example/secret)",
  );
};

Deno.test("postWebhook() sends JSON once where it arrives, without a token where there is none", async () => {
  const { problem, requests } = await post([ok]);
  expect(problem).toBeNull();
  expect(requests).toHaveLength(1);
  expect(requests[0]!.headers.get("authorization")).toBeNull();
  expect(await requests[0]!.json())
    .toEqual({ event: "uptake.checkpointWorse", comparisons: [] });
});

Deno.test("postWebhook() tries once more", async () => {
  for (const first of [busy, unreachable]) {
    const { problem, requests } = await post([first, ok]);
    expect(problem).toBeNull();
    expect(requests).toHaveLength(2);
  }
});

Deno.test("postWebhook() tells what failed without the URL, and follows nobody", async () => {
  const moved = () => Response.redirect("https://elsewhere.example", 307);
  for (
    const [answer, why] of [
      [busy, "answered with 503"],
      [unreachable, "cannot be reached"],
      [moved, "answered with 307"],
    ] as const
  ) {
    const { problem, requests } = await post([answer, answer]);
    expect(problem).toBe(`hooks.example ${why}`);
    expect(requests).toHaveLength(2);
    expect(requests[0]!.redirect).toBe("manual");
  }
});

Deno.test("postWebhook() stops when it is asked to", async () => {
  const stop = new AbortController();
  const answer = () => {
    stop.abort(new Error("stopped"));
    return unreachable();
  };
  await expect(post([answer], stop.signal)).rejects.toThrow("stopped");
});
