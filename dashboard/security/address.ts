/** @module The address that a request comes from. */
import type { Context } from "hono";
import type { Env } from "../env.ts";

/** @param trustsProxy whether a proxy stands in front, which adds the address it saw to `X-Forwarded-For` */
export function addressOf(c: Context<Env>, trustsProxy: boolean): string {
  const peer = c.env?.peer ?? "unknown";
  if (!trustsProxy) return peer;
  // What stands before the last one came from outside: anybody can write it.
  const last = c.req.header("x-forwarded-for")?.split(",").at(-1)?.trim();
  return last !== undefined && /^[0-9a-fA-F.:]{2,45}$/.test(last) ? last : peer;
}
