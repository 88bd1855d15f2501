/** @module Random secrets, and how they are kept and compared: as SHA-256, in constant time. */
import { createHash, timingSafeEqual } from "node:crypto";

/** 256 random bits, as text that may stand in a URL and a cookie. */
export function newSecret(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

/** A secret's SHA-256 in hex. A slow hash has no use here: nobody guesses 256 random bits. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret, "utf8").digest("hex");
}

/** Whether a secret is the one with this hash; how long it takes does not tell how much of it is right. */
export function isSecret(secret: string, sha256: string): boolean {
  const expected = new TextEncoder().encode(sha256);
  const found = new TextEncoder().encode(hashSecret(secret));
  return expected.length === found.length && timingSafeEqual(expected, found);
}
