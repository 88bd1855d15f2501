/** @module Tokens and the audit log from the command line. */
import { expect } from "@std/expect";
import { administer } from "../../dashboard/administer.ts";
import { auditEntrySchema, hashLine } from "../../dashboard/audit/entry.ts";
import { verifyAudit } from "../../dashboard/audit/verify_audit.ts";
import { createTokens } from "../../dashboard/auth/tokens.ts";
import { memoryStore } from "../support/memory_store.ts";

const NOW = new Date("2026-11-24T09:00:00Z");
const read = (name: string) => name === "USER" ? "anna" : undefined;

Deno.test("administer() makes a token, lists it without its secret, and revokes it", async () => {
  const home = memoryStore();
  const made = await administer(
    home,
    {
      createToken: "nightly export",
      role: "viewer",
      days: 90,
    },
    NOW,
    read,
  );
  const [token] = made.text.split("\n");
  expect(made.text).toContain(
    "Whoever has it is a viewer named nightly export until 2027-02-22.",
  );
  const tokens = createTokens(home, () => NOW);
  const found = await tokens.identify(token!);
  expect(found).toMatchObject({ identity: { actor: "nightly export" } });
  const listed = await administer(home, { listTokens: true }, NOW, read);
  const id = token!.split("_")[1]!;
  expect(listed.text).toBe(`${id}  viewer    until 2027-02-22  nightly export`);
  expect(JSON.stringify(listed.json)).not.toContain("sha256");
  await administer(home, { revokeToken: id }, NOW, read);
  expect((await administer(home, { listTokens: true }, NOW, read)).text).toBe(
    "There are no tokens: --create-token <name> makes one",
  );
});

Deno.test("administer() leaves in the audit log who made a token and who revoked it, without its secret", async () => {
  const home = memoryStore();
  const made = await administer(
    home,
    {
      createToken: "nightly export",
      role: "operator",
      days: 1,
    },
    NOW,
    read,
  );
  const [token] = made.text.split("\n");
  // A secret may have underscores too.
  const [, id, secret] = /^uptake_([0-9a-f]{16})_(.{43})$/.exec(token!)!;
  await administer(home, { revokeToken: id! }, NOW, read);
  await administer(home, { listTokens: true }, NOW, read);
  expect(await verifyAudit(home)).toMatchObject({ lines: 2, problems: [] });
  const texts: string[] = [];
  for await (const { key } of home.list("audit/")) {
    texts.push(new TextDecoder().decode((await home.get(key))!.body));
  }
  const lines = texts.map((text) => auditEntrySchema.parse(JSON.parse(text)));
  const details = {
    token: id,
    name: "nightly export",
    role: "operator",
    expiresAt: "2026-11-25T09:00:00.000Z",
  };
  const by = { actor: "anna", by: "terminal", action: "change" };
  expect(lines.find(({ method }) => method === "--create-token"))
    .toMatchObject({ ...by, details });
  expect(lines.find(({ method }) => method === "--revoke-token"))
    .toMatchObject({ ...by, details: { token: id } });
  expect(texts.join()).not.toContain(secret!);
});

Deno.test("administer() speaks of an operator, and tells which tokens have ended", async () => {
  const home = memoryStore();
  const asked = { createToken: "on call", role: "operator", days: 1 } as const;
  const { text } = await administer(home, asked, NOW, read);
  expect(text).toContain("Whoever has it is an operator named on call");
  const later = new Date(NOW.getTime() + 86_400_000);
  const listed = await administer(home, { listTokens: true }, later, read);
  expect(listed.text).toMatch(
    /^[0-9a-f]{16} {2}operator {2}ended 2026-11-25 {2}on call$/,
  );
  const wrong = administer(home, { revokeToken: "on call" }, NOW, read);
  await expect(wrong).rejects.toThrow("--list-tokens shows the ids");
});

Deno.test("administer() refuses a name that would not fit into a log", async () => {
  for (const name of ["", "a\nb", "x".repeat(65), " a"]) {
    const made = administer(
      memoryStore(),
      { createToken: name, role: "viewer", days: 1 },
      NOW,
      read,
    );
    await expect(made).rejects.toThrow("Cannot call a token");
  }
});

Deno.test("administer() tells what is wrong with the audit log", async () => {
  const home = memoryStore();
  const check = () => administer(home, { verifyAudit: true }, NOW, read);
  expect(await check()).toMatchObject({
    ok: true,
    text:
      "The audit log is empty: nobody has used the pages, or all of it was removed",
  });
  await home.put("audit/2026-11-24/a.jsonl", new TextEncoder().encode("x\n"));
  expect(await check()).toMatchObject({
    ok: false,
    text:
      `audit/2026-11-24/a.jsonl, line 1 is no line of the log\nThe audit log has 1 problem: 1 line in 1 file\nhead ${
        hashLine("x")
      } of 1 line`,
  });
});
