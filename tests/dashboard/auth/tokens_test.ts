/** @module API tokens. */
import { expect } from "@std/expect";
import {
  createToken,
  createTokens,
  listTokens,
  revokeToken,
} from "../../../dashboard/auth/tokens.ts";
import { memoryStore, stepped } from "../../support/memory_store.ts";

const START = Date.parse("2026-11-24T09:00:00Z");
const DAY_MS = 86_400_000;
const asked = { name: "nightly", role: "reviewer", days: 2 } as const;

Deno.test("createToken() stores the secret's hash only", async () => {
  const home = memoryStore();
  const { token, record } = await createToken(home, asked, new Date(START));
  expect(token).toMatch(/^uptake_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/);
  const stored = await home.get(`tokens/${record.id}.json`);
  const text = new TextDecoder().decode(stored?.body);
  expect(text).not.toContain(token.split("_").slice(2).join("_"));
  expect(JSON.parse(text)).toEqual({
    format: 1,
    id: record.id,
    name: "nightly",
    role: "reviewer",
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    createdAt: "2026-11-24T09:00:00.000Z",
    expiresAt: "2026-11-26T09:00:00.000Z",
  });
});

Deno.test("identify() knows a token until it expires", async () => {
  const home = memoryStore();
  let nowMs = START;
  const tokens = createTokens(home, () => new Date(nowMs));
  const { token, record } = await createToken(home, asked, new Date(START));
  nowMs = START + 2 * DAY_MS - 1;
  expect(await tokens.identify(token)).toEqual({
    identity: { actor: "nightly", role: "reviewer", by: "token" },
    tokenId: record.id,
  });
  nowMs++;
  expect(await tokens.identify(token)).toEqual({ refusal: "expired" });
});

Deno.test("identify() refuses any other text, and a record under another id", async () => {
  const home = memoryStore();
  const tokens = createTokens(home, () => new Date(START));
  const { token, record } = await createToken(home, asked, new Date(START));
  const last = token.at(-1) === "A" ? "B" : "A";
  for (
    const wrong of [
      "",
      "uptake_",
      token.slice(0, -1),
      token.slice(0, -1) + last,
    ]
  ) {
    expect(await tokens.identify(wrong)).toEqual({ refusal: "invalid" });
  }
  const copy = await home.get(`tokens/${record.id}.json`);
  await home.put("tokens/00000000000000aa.json", copy!.body);
  expect(
    await tokens.identify(token.replace(record.id, "00000000000000aa")),
  ).toEqual({ refusal: "invalid" });
});

Deno.test("revokeToken() ends a token within half a minute", async () => {
  const home = memoryStore();
  let nowMs = START;
  const tokens = createTokens(home, () => new Date(nowMs));
  const { token, record } = await createToken(home, asked, new Date(START));
  await tokens.identify(token);
  await revokeToken(home, record.id);
  nowMs += 30_000;
  expect(await tokens.identify(token)).toEqual({ refusal: "invalid" });
  expect(await tokens.stands(record.id)).toBe(false);
  await expect(revokeToken(home, record.id)).rejects.toThrow("Cannot revoke");
  await expect(revokeToken(home, "../run")).rejects.toThrow(RangeError);
});

Deno.test("identify() remembers a token while the store does not answer", async () => {
  let isDown = false;
  const home = stepped(
    memoryStore(),
    (what) =>
      isDown && what === "get"
        ? Promise.reject(new Error("no answer"))
        : Promise.resolve(),
  );
  let nowMs = START;
  const tokens = createTokens(home, () => new Date(nowMs));
  const known = await createToken(home, asked, new Date(START));
  const unknown = await createToken(home, asked, new Date(START));
  await tokens.identify(known.token);
  isDown = true;
  nowMs += 3_600_000;
  expect(await tokens.identify(known.token)).toHaveProperty("identity");
  await expect(tokens.identify(unknown.token)).rejects.toThrow("no answer");
});

Deno.test("listTokens() passes over what is no token", async () => {
  const home = memoryStore();
  const { record } = await createToken(home, asked, new Date(START));
  await home.put("tokens/README.txt", new Uint8Array(1));
  expect(await listTokens(home)).toEqual([record]);
});
