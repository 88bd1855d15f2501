/** @module Which route of the table a request is for, by Hono's own rules. */
import type { Context } from "hono";
import { TrieRouter } from "hono/router/trie-router";
import type { Env } from "../env.ts";
import type { Route } from "./access.ts";

export interface RouteMatch {
  readonly route: Route;
  /** Decoded once, as handlers get them. */
  readonly params: Readonly<Record<string, string>>;
}

/** The first route that fits is the one whose handler Hono calls. */
export function routeFinder(
  routes: readonly Route[],
): (c: Context<Env>) => RouteMatch | null {
  const router = new TrieRouter<Route>();
  for (const route of routes) router.add(route.method, route.path, route);
  return (c) => {
    const method = c.req.method === "HEAD" ? "GET" : c.req.method;
    const [matches, stash] = router.match(method, c.req.path);
    const first = matches[0];
    if (first === undefined) return null;
    const [route, found] = first;
    const params = Object.entries(found).map(([name, value]) => [
      name,
      decode(typeof value === "number" ? stash?.[value] ?? "" : value),
    ]);
    return { route, params: Object.fromEntries(params) };
  };
}

/** What no parameter may be: it stands for what cannot be decoded, which handlers would get as it is. */
const NOTHING = "\0";

function decode(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return NOTHING;
  }
}
