/** @module Who is offered to give verdicts. */
import type { Context } from "hono";
import { suffices } from "../auth/roles.ts";
import type { Env } from "../env.ts";

export function mayReview(c: Context<Env>): boolean {
  const identity = c.get("identity");
  return identity !== null && suffices(identity.role, "reviewer");
}
