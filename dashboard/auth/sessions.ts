/**
 * Sessions of browsers, in memory: whoever restarts the dashboard logs everyone out.
 * @module
 */
import type { Identification, Identity } from "./identity.ts";
import { hashSecret, newSecret } from "./secrets.ts";

/** A working day: whoever comes back the next logs in anew. */
export const SESSION_SECONDS = 12 * 3600;

/** Ended sessions are remembered as long, to say that they expired. */
const REMEMBERED_SECONDS = 24 * 3600;
const MAX_SESSIONS = 10_000;

export interface Session {
  readonly identity: Identity;
  readonly expiresAtMs: number;
  /** The API token it was opened with; the session ends with it. */
  readonly tokenId: string | null;
}

export interface Sessions {
  /** Starts a session and returns the secret that names it. */
  start(identity: Identity, tokenId?: string): string;
  find(secret: string): Session | Extract<Identification, { refusal: unknown }>;
  end(secret: string): void;
}

/** @param clock what time it is */
export function createSessions(clock: () => Date): Sessions {
  // Under the secrets' hashes: finding one tells nothing of another by the time it takes.
  const sessions = new Map<string, Session>();

  function removeOld(nowMs: number): void {
    for (const [key, { expiresAtMs }] of sessions) {
      const isOld = nowMs > expiresAtMs + REMEMBERED_SECONDS * 1000;
      if (!isOld && sessions.size < MAX_SESSIONS) return;
      sessions.delete(key);
    }
  }

  return {
    start(identity, tokenId) {
      const nowMs = clock().getTime();
      removeOld(nowMs);
      const secret = newSecret();
      sessions.set(hashSecret(secret), {
        identity,
        expiresAtMs: nowMs + SESSION_SECONDS * 1000,
        tokenId: tokenId ?? null,
      });
      return secret;
    },
    find(secret) {
      const session = sessions.get(hashSecret(secret));
      if (session === undefined) return { refusal: "invalid" };
      return clock().getTime() < session.expiresAtMs
        ? session
        : { refusal: "expired" };
    },
    end(secret) {
      sessions.delete(hashSecret(secret));
    },
  };
}
