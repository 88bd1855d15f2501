/** @module Objects that are read over connections that break. */
import { expect } from "@std/expect";
import type { Fault } from "../../support/fault_proxy.ts";
import { expectSameBytes, patternBytes } from "./contents.ts";
import { BODY, failureOf, faultTest, MIB } from "./faults.ts";

faultTest(
  "get() goes on where its answer broke, more often than one request is tried",
  async ({ proxy, store, direct }) => {
    await direct.put("a", BODY);
    const cut: Fault = { kind: "cutAnswer", afterBytes: 150_000 };
    proxy.plan(cut, cut, { kind: "stall", afterBytes: 150_000 }, cut, cut, cut);
    expectSameBytes((await store.get("a"))?.body, BODY);
    // More where an answer of the server itself is as slow as one that stalls.
    expect(proxy.connections).toBeGreaterThanOrEqual(7);
  },
  { idleTimeoutMs: 2000 },
);

faultTest(
  "get() of a range goes on within the range",
  async ({ proxy, store, direct }) => {
    await direct.put("a", BODY);
    const cut: Fault = { kind: "cutAnswer", afterBytes: 100_000 };
    proxy.plan(cut, { kind: "reset" }, cut);
    const range = { start: 1000, end: 400_000 };
    const object = await store.get("a", { range });
    expectSameBytes(object?.body, BODY.slice(range.start, range.end));
    expect(object?.bytes).toBe(BODY.length);
  },
);

faultTest(
  "get() starts anew when the object is replaced while it is read",
  async ({ proxy, store, direct }) => {
    await direct.put("a", BODY);
    const other = patternBytes(MIB, 99);
    proxy.plan({ kind: "cutAnswer", afterBytes: 300_000 }, {
      kind: "pass",
      before: async () => {
        await direct.put("a", other);
      },
    });
    expectSameBytes((await store.get("a"))?.body, other);
  },
);

faultTest(
  "get() is null when the object is deleted while it is read",
  async ({ proxy, store, direct }) => {
    await direct.put("a", BODY);
    proxy.plan({ kind: "cutAnswer", afterBytes: 300_000 }, {
      kind: "pass",
      before: () => direct.delete("a"),
    });
    expect(await store.get("a")).toBe(null);
  },
);

faultTest(
  "get() stops while nothing comes, when its signal says so",
  async ({ proxy, store, direct }) => {
    await direct.put("a", BODY);
    const reason = new DOMException("stopped by SIGINT", "AbortError");
    for (const afterBytes of [0, 100_000]) {
      const controller = new AbortController();
      const { signal } = controller;
      const begun = () => controller.abort(reason);
      proxy.plan({ kind: "stall", afterBytes, begun });
      expect(await failureOf(store.get("a", { signal }))).toBe(reason);
      expect(proxy.connections).toBe(1);
    }
  },
);

faultTest(
  "get() refuses a large object without reading it",
  async ({ proxy, store, direct }) => {
    await direct.put("a", BODY);
    // Were the body needed, the call would wait, then fail in another way.
    proxy.plan(...Array<Fault>(4).fill({ kind: "stall", afterBytes: 2000 }));
    await expect(store.get("a", { maxBytes: 10 })).rejects.toThrow(RangeError);
    expect(proxy.connections).toBe(1);
  },
);
