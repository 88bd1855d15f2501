/**
 * Whether a request may come from where it comes from: against pages of other sites that use a browser's
 * session (CSRF), and against names that were turned to point here (DNS rebinding).
 * @module
 */

export interface RequestOrigin {
  readonly method: string;
  /** The `Host` header. */
  readonly host: string | undefined;
  /** The `Origin` header. */
  readonly origin: string | undefined;
  /** The `Sec-Fetch-Site` header: every browser of today sends it, and no page can forge it. */
  readonly fetchSite: string | undefined;
  /** The `Sec-Fetch-Mode` header. */
  readonly fetchMode: string | undefined;
  /** Whether it brings an `Authorization` header, which browsers send for no page of another site. */
  readonly hasAuthorization: boolean;
}

/** Whether the request names this server by one of its own names. */
export function isOwnHost(
  { host }: RequestOrigin,
  origins: readonly string[],
): boolean {
  return origins.some((origin) => new URL(origin).host === host?.toLowerCase());
}

/**
 * Whether the request is one that the page of another site makes. Reading is refused too, except by following
 * a link. Programs send neither header: they may change things by an API token, never by a cookie.
 */
export function isForeign(
  request: RequestOrigin,
  origins: readonly string[],
): boolean {
  const { method, origin, fetchSite, fetchMode, hasAuthorization } = request;
  if (method === "GET" || method === "HEAD") {
    return (fetchSite === "cross-site" || fetchSite === "same-site") &&
      fetchMode !== "navigate";
  }
  if (fetchSite !== undefined && fetchSite !== "same-origin") return true;
  // Forms of our own pages say "null", as their referrer is kept back.
  if (origin === "null") return fetchSite !== "same-origin";
  if (origin !== undefined) return !origins.includes(origin);
  return fetchSite === undefined && !hasAuthorization;
}
