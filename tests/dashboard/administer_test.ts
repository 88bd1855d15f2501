/** @module Tokens and the audit log from the command line. */
import { expect } from "@std/expect";
import { administer } from "../../dashboard/administer.ts";
import { createTokens } from "../../dashboard/auth/tokens.ts";
import { memoryStore } from "../support/memory_store.ts";

const NOW = new Date("2026-11-24T09:00:00Z");

Deno.test("administer() makes a token, lists it without its secret, and revokes it", async () => {
  const home = memoryStore();
  const made = await administer(home, {
    createToken: "nightly export",
    role: "viewer",
    days: 90,
  }, NOW);
  const [token] = made.text.split("\n");
  expect(made.text).toContain(
    "nightly export is a viewer with it until 2027-02-22",
  );
  const tokens = createTokens(home, () => NOW);
  const found = await tokens.identify(token!);
  expect(found).toMatchObject({ identity: { actor: "nightly export" } });
  const listed = await administer(home, { listTokens: true }, NOW);
  const id = token!.split("_")[1]!;
  expect(listed.text).toBe(`${id}  viewer    until 2027-02-22  nightly export`);
  expect(JSON.stringify(listed.json)).not.toContain("sha256");
  await administer(home, { revokeToken: id }, NOW);
  expect((await administer(home, { listTokens: true }, NOW)).text).toBe(
    "There are no tokens",
  );
});

Deno.test("administer() refuses a name that would not fit into a log", async () => {
  for (const name of ["", "a\nb", "x".repeat(65), " a"]) {
    const made = administer(
      memoryStore(),
      { createToken: name, role: "viewer", days: 1 },
      NOW,
    );
    await expect(made).rejects.toThrow("Cannot call a token");
  }
});

Deno.test("administer() tells what is wrong with the audit log", async () => {
  const home = memoryStore();
  const check = () => administer(home, { verifyAudit: true }, NOW);
  expect(await check()).toMatchObject({
    ok: true,
    text: "0 lines in 0 objects: 0 problems",
  });
  await home.put("audit/2026-11-24/a.jsonl", new TextEncoder().encode("x\n"));
  expect((await check()).ok).toBe(false);
});
