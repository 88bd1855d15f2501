/** @module The cookie that holds a browser's session. */
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { SESSION_SECONDS } from "./sessions.ts";

export interface SessionCookie {
  read(c: Context): string | undefined;
  write(c: Context, secret: string): void;
  remove(c: Context): void;
}

/**
 * Scripts cannot read it and other sites' requests do not carry it.
 *
 * @param origin where the dashboard is reached
 */
export function sessionCookie(origin: string): SessionCookie {
  const { protocol, port } = new URL(origin);
  const secure = protocol === "https:";
  // Cookies do not tell ports apart, and people run several dashboards on one machine.
  const name = secure ? "__Host-uptake" : `uptake_${port || "80"}`;
  const options = {
    path: "/",
    httpOnly: true,
    sameSite: "Strict",
    secure,
  } as const;
  return {
    read: (c) => getCookie(c, name),
    write: (c, secret) =>
      setCookie(c, name, secret, { ...options, maxAge: SESSION_SECONDS }),
    remove: (c) => void deleteCookie(c, name, options),
  };
}
