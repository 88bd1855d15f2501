/** @module Why a request goes no further, as people read it and as the audit log holds it. */
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";

const REFUSALS = {
  host: [421, "The dashboard is not served under this name"],
  foreign: [403, "The request comes from a page of another site"],
  none: [401, "Log in first"],
  invalid: [401, "These credentials are not accepted"],
  expired: [401, "This session or token has expired: log in again"],
  noRole: [403, "You are known, but none of your groups has a role here"],
  login: [400, "This login did not work: start it again"],
  provider: [502, "The identity provider does not answer as it should"],
  role: [403, "Your role does not allow this"],
  unknown: [404, "There is no such page"],
  id: [404, "There is nothing under such a name"],
  replaced: [
    409,
    "The mask was replaced after you looked at it: look at the new one first",
  ],
  unseen: [
    409,
    "The mask of this case is missing or cannot be read, so that nobody can judge it: reject it, or put the file back",
  ],
  reviewed: [
    409,
    "Another review has come since: look at it, then send yours with its time as seen",
  ],
  form: [400, "The form cannot be read"],
  cut: [400, "The request ended before its body did"],
  slow: [408, "The request took too long to arrive"],
  size: [413, "The request is too large"],
  rate: [429, "Too many requests: wait a little"],
  audit: [
    503,
    "The audit log cannot be written, so that nothing more may be shown: the store does not answer",
  ],
} as const satisfies Record<string, readonly [ContentfulStatusCode, string]>;

export type RefusalReason = keyof typeof REFUSALS;

export class Refused extends HTTPException {
  readonly reason: RefusalReason;
  /** In how many seconds to try again; 0: it will be refused again. */
  readonly retryAfterSeconds: number;

  constructor(
    reason: RefusalReason,
    { retryAfterSeconds = 0, cause }: {
      retryAfterSeconds?: number;
      cause?: unknown;
    } = {},
  ) {
    const [status, message] = REFUSALS[reason];
    super(status, { message, cause });
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
