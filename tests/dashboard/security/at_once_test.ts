/** @module Streams that are open at a time. */
import { expect } from "@std/expect";
import { route } from "../../../dashboard/security/access.ts";
import { createAtOnce, untilEnd } from "../../../dashboard/security/at_once.ts";
import { MOST_STREAMS } from "../../../dashboard/security/guard.ts";
import { bearer, testDashboard } from "../../support/dashboard.ts";

Deno.test("open() counts for one and for all, and each is closed once", () => {
  const { open } = createAtOnce(2, 3);
  const first = open("a")!;
  expect(open("a")).not.toBeNull();
  expect(open("a")).toBeNull();
  expect(open("b")).not.toBeNull();
  expect(open("c")).toBeNull();
  first();
  first();
  expect(open("c")).not.toBeNull();
  expect(open("a")).toBeNull();
});

Deno.test("untilEnd() tells that a body ended, failed or is no longer wanted", async () => {
  const ends: string[] = [];
  const text = untilEnd(new Response("abc"), () => ends.push("read"));
  expect(ends).toEqual([]);
  expect(await text.text()).toBe("abc");
  const failing = new ReadableStream({
    pull: () => Promise.reject(new Error("broken")),
  });
  const failed = untilEnd(new Response(failing), () => ends.push("failed"));
  await expect(failed.text()).rejects.toThrow("broken");
  const waiting = new ReadableStream({ pull: () => new Promise(() => {}) });
  const left = untilEnd(new Response(waiting), () => ends.push("left"));
  await left.body!.cancel();
  untilEnd(new Response(null), () => ends.push("none"));
  expect(ends).toEqual(["read", "failed", "left", "none"]);
});

Deno.test("somebody has so many streams open, and gets another once one has ended", async () => {
  const routes = () => [
    route(
      "GET",
      "/events",
      { role: "viewer", rate: "light", audit: null, isStream: true },
      (c) =>
        c.body(new ReadableStream({ pull: () => new Promise(() => {}) }), 200),
    ),
  ];
  const { request, tokens } = await testDashboard({ routes });
  const ask = (role: "viewer" | "reviewer") =>
    request("/events", { headers: bearer(tokens[role]) });
  const open: Response[] = [];
  for (let i = 0; i < MOST_STREAMS.ofOne; i++) open.push(await ask("viewer"));
  const refused = await ask("viewer");
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("30");
  await refused.body?.cancel();
  const other = await ask("reviewer");
  expect(other.status).toBe(200);
  await open[0]!.body!.cancel();
  open[0] = await ask("viewer");
  expect(open[0].status).toBe(200);
  for (const { body } of [...open, other]) await body!.cancel();
});
