/**
 * What the dashboard is told by flags and environment, checked once into one object.
 * @module
 */
import { z } from "zod";
import { reviewerSchema } from "../shared/runs/reviews.ts";
import type { OidcSettings } from "./auth/oidc.ts";

const LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"];

/** What `uptake dashboard` takes; the verb's schema has the same names. */
export const flagsSchema = z.object({
  home: z.string(),
  listen: z.string(),
  publicUrl: z.string().optional(),
  catalog: z.string().optional(),
  datasets: z.array(z.string()).optional(),
  datasetRoots: z.array(z.string()).optional(),
});
export type Flags = z.infer<typeof flagsSchema>;

const urlSchema = z.url({
  protocol: /^https$/,
  error: "takes a URL that starts with https://",
});

/** The team login: all of it, or nothing. */
const oidcSchema = z.strictObject({
  UPTAKE_OIDC_ISSUER: urlSchema,
  UPTAKE_OIDC_CLIENT_ID: z.string(),
  UPTAKE_OIDC_CLIENT_SECRET: z.string(),
  UPTAKE_OIDC_COOKIE_SECRET: z.string().min(32, "takes 32 characters or more"),
  UPTAKE_OIDC_SCOPES: z.string().default("openid email profile offline_access"),
  UPTAKE_OIDC_ROLE_CLAIM: z.string().default("groups"),
  UPTAKE_OIDC_VIEWERS: z.string().optional(),
  UPTAKE_OIDC_REVIEWERS: z.string().optional(),
  UPTAKE_OIDC_OPERATORS: z.string().optional(),
});

export interface Config {
  readonly host: string;
  readonly port: number;
  readonly isLoopback: boolean;
  /** Where people reach it, without a slash at the end; null: at the address it listens on. */
  readonly publicOrigin: string | null;
  readonly oidc: OidcSettings | null;
  readonly trustsProxy: boolean;
  /** File of the index; null: in memory. */
  readonly catalogPath: string | null;
  /** How reviews and the audit log call whoever came by a login link. */
  readonly user: string;
}

/** Reads one variable of the environment. */
export type ReadVariable = (name: string) => string | undefined;

/** @throws {RangeError} when it cannot be served so; says why and what to do. */
export function parseConfig(flags: Flags, read: ReadVariable): Config {
  const { host, port } = parseListen(flags.listen);
  const isLoopback = LOOPBACK_HOSTS.includes(host);
  const publicUrl = flags.publicUrl ?? read("UPTAKE_PUBLIC_URL");
  const publicOrigin = publicUrl ? parsePublicUrl(publicUrl) : null;
  if (!isLoopback && publicOrigin === null) {
    throw new RangeError(
      `Cannot serve on ${flags.listen} without --public-url or UPTAKE_PUBLIC_URL: it says where people reach the dashboard, such as https://uptake.example.org`,
    );
  }
  return {
    host,
    port,
    isLoopback,
    publicOrigin,
    oidc: parseOidc(read),
    trustsProxy: read("UPTAKE_TRUST_PROXY") === "true",
    catalogPath: flags.catalog ?? null,
    user: userOf(read),
  };
}

/** Who started the program, as the machine calls them. */
export function userOf(read: ReadVariable): string {
  return reviewerSchema.safeParse(readIfAllowed(read, "USER")).data ?? "local";
}

/** Containers allow few variables: one that is only nice to have is not missed. */
export function readIfAllowed(
  read: ReadVariable,
  name: string,
): string | undefined {
  try {
    return read(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

function parseListen(text: string): { host: string; port: number } {
  const [, host, port] =
    /^(\[[0-9a-f:]+\]|[a-z0-9.-]+):(\d{1,5})$/i.exec(text) ??
      [];
  if (host === undefined || Number(port) > 65_535) {
    throw new RangeError(
      `Cannot listen on ${text}: --listen takes an address and a port, such as 127.0.0.1:8080`,
    );
  }
  return { host: host.toLowerCase(), port: Number(port) };
}

/**
 * Whoever listens on more than this machine must have said who may come in.
 *
 * @throws {RangeError} when anybody who reaches the address would meet a login that nobody can pass, or none.
 */
export function checkReachable(
  { isLoopback, publicOrigin, oidc, host }: Config,
  hasTokens: boolean,
): void {
  const isPublic = !isLoopback || !isLoopbackOrigin(publicOrigin);
  if (!isPublic || oidc !== null || hasTokens) return;
  throw new RangeError(
    `Cannot serve on ${
      isLoopback ? publicOrigin : host
    } without authentication: make an API token first (uptake dashboard --create-token <name> --home <store>), or set UPTAKE_OIDC_ISSUER and the other variables of a team login`,
  );
}

/** Whether an origin is this machine; so is none, as it listens on a loopback address then. */
export function isLoopbackOrigin(origin: string | null): boolean {
  return origin === null || LOOPBACK_HOSTS.includes(new URL(origin).hostname);
}

/** Whether nobody but the one who starts it comes in, who has the rights that it has. */
export function isForOne(
  { isLoopback, publicOrigin, oidc }: Config,
): boolean {
  return isLoopback && isLoopbackOrigin(publicOrigin) && oidc === null;
}

/** Where browsers may reach a dashboard that listens on a loopback address. */
export function loopbackOrigins(port: number): string[] {
  return LOOPBACK_HOSTS.map((host) => `http://${host}:${port}`);
}

function parsePublicUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new RangeError(
      `Cannot serve as ${text}: --public-url takes a URL such as https://uptake.example.org`,
    );
  }
  if (url.pathname !== "/" || url.search !== "" || url.username !== "") {
    throw new RangeError(
      `Cannot serve as ${text}: the dashboard needs a host of its own, without a path`,
    );
  }
  if (url.protocol === "http:" && !LOOPBACK_HOSTS.includes(url.hostname)) {
    throw new RangeError(
      `Cannot serve as ${text}: scans and logins would travel unencrypted. Put a proxy with HTTPS in front`,
    );
  }
  return url.origin;
}

function parseOidc(read: ReadVariable): OidcSettings | null {
  const names = oidcSchema.keyof().options;
  const found = names.flatMap((name) => {
    const value = read(name);
    return value === undefined || value === "" ? [] : [[name, value] as const];
  });
  if (found.length === 0) return null;
  const parsed = oidcSchema.safeParse(Object.fromEntries(found));
  if (!parsed.success) {
    throw new RangeError(
      `Cannot use the team login: ${z.prettifyError(parsed.error)}`,
    );
  }
  const env = parsed.data;
  const groups = {
    ...(env.UPTAKE_OIDC_VIEWERS && { viewer: env.UPTAKE_OIDC_VIEWERS }),
    ...(env.UPTAKE_OIDC_REVIEWERS && { reviewer: env.UPTAKE_OIDC_REVIEWERS }),
    ...(env.UPTAKE_OIDC_OPERATORS && { operator: env.UPTAKE_OIDC_OPERATORS }),
  };
  if (Object.keys(groups).length === 0) {
    throw new RangeError(
      "Cannot use the team login: nobody would have a role. Name groups in UPTAKE_OIDC_VIEWERS, UPTAKE_OIDC_REVIEWERS or UPTAKE_OIDC_OPERATORS",
    );
  }
  return {
    issuer: env.UPTAKE_OIDC_ISSUER,
    clientId: env.UPTAKE_OIDC_CLIENT_ID,
    clientSecret: env.UPTAKE_OIDC_CLIENT_SECRET,
    cookieSecret: env.UPTAKE_OIDC_COOKIE_SECRET,
    scopes: env.UPTAKE_OIDC_SCOPES,
    roleClaim: env.UPTAKE_OIDC_ROLE_CLAIM,
    groups,
  };
}
