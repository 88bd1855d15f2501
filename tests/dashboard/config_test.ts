/** @module What the dashboard may be told, and when it refuses to listen. */
import { expect } from "@std/expect";
import {
  checkReachable,
  type Config,
  isForOne,
  loopbackOrigins,
  parseConfig,
} from "../../dashboard/config.ts";

const OIDC = {
  UPTAKE_OIDC_ISSUER: "https://login.example",
  UPTAKE_OIDC_CLIENT_ID: "uptake",
  UPTAKE_OIDC_CLIENT_SECRET: "s3cret",
  UPTAKE_OIDC_COOKIE_SECRET: "c".repeat(32),
  UPTAKE_OIDC_VIEWERS: "pet-readers",
};

function parse(
  flags: { listen?: string; publicUrl?: string } = {},
  env: Readonly<Record<string, string>> = {},
): Config {
  return parseConfig(
    { home: "home", listen: "127.0.0.1:8080", ...flags },
    (name) => env[name],
  );
}

const PUBLIC = {
  listen: "0.0.0.0:8080",
  publicUrl: "https://uptake.example.org",
};

Deno.test("parseConfig() listens on this machine only by default", () => {
  expect(parse({}, { USER: "anna" })).toEqual({
    host: "127.0.0.1",
    port: 8080,
    isLoopback: true,
    publicOrigin: null,
    oidc: null,
    trustsProxy: false,
    catalogPath: null,
    user: "anna",
  });
  expect(parse({ listen: "[::1]:0" }).isLoopback).toBe(true);
  expect(parse({ listen: "LOCALHOST:80" }).isLoopback).toBe(true);
});

Deno.test("checkReachable() refuses any other address without authentication", () => {
  checkReachable(parse(), false);
  const open = parse(PUBLIC);
  expect(() => checkReachable(open, false)).toThrow(
    "Cannot serve on 0.0.0.0 without authentication: make an API token first",
  );
  checkReachable(open, true);
  checkReachable(parse(PUBLIC, OIDC), false);
});

Deno.test("isForOne() knows a dashboard that others come to", () => {
  expect(isForOne(parse())).toBe(true);
  expect(isForOne(parse({ publicUrl: "http://localhost:8080" }))).toBe(true);
  expect(isForOne(parse(PUBLIC))).toBe(false);
  expect(isForOne(parse({ publicUrl: PUBLIC.publicUrl }))).toBe(false);
  expect(isForOne(parse({}, OIDC))).toBe(false);
});

Deno.test("checkReachable() refuses a proxy to this machine without authentication", () => {
  const proxied = parse({ publicUrl: "https://uptake.example.org" });
  expect(() => checkReachable(proxied, false)).toThrow(
    "Cannot serve on https://uptake.example.org without authentication",
  );
  checkReachable(parse({ publicUrl: "http://localhost:9000" }), false);
});

Deno.test("parseConfig() takes numbers that only look like this machine's for others", () => {
  for (
    const listen of [
      "0.0.0.0:8080",
      "[::]:8080",
      "127.0.0.1.example.org:8080",
      "localhost.example.org:8080",
      "192.168.1.2:8080",
    ]
  ) {
    expect(() => parse({ listen })).toThrow(
      `Cannot serve on ${listen} without --public-url`,
    );
  }
});

Deno.test("parseConfig() refuses what is no address", () => {
  for (
    const listen of [
      "8080",
      ":8080",
      "localhost",
      "::1:80",
      "a b:80",
      "a:99999",
    ]
  ) {
    expect(() => parse({ listen })).toThrow(`Cannot listen on ${listen}`);
  }
});

Deno.test("parseConfig() refuses a public URL that is not encrypted or not whole", () => {
  const refused: Record<string, string> = {
    "http://uptake.example.org": "unencrypted",
    "https://example.org/uptake": "a host of its own",
    "https://me@example.org": "a host of its own",
    "uptake.example.org": "takes a URL",
    "ftp://example.org": "takes a URL",
  };
  for (const [publicUrl, why] of Object.entries(refused)) {
    expect(() => parse({ publicUrl })).toThrow(why);
  }
  expect(parse({ publicUrl: "https://a.example/" }).publicOrigin).toBe(
    "https://a.example",
  );
  expect(parse({}, { UPTAKE_PUBLIC_URL: "https://a.example" }).publicOrigin)
    .toBe("https://a.example");
});

Deno.test("parseConfig() takes a team login whole or not at all", () => {
  expect(parse({}, OIDC).oidc).toMatchObject({
    issuer: "https://login.example",
    roleClaim: "groups",
    groups: { viewer: "pet-readers" },
  });
  for (const name of Object.keys(OIDC)) {
    expect(() => parse({}, { ...OIDC, [name]: "" })).toThrow(
      "Cannot use the team login",
    );
  }
  expect(() => parse({}, { ...OIDC, UPTAKE_OIDC_ISSUER: "http://a" })).toThrow(
    "starts with https://",
  );
});

Deno.test("parseConfig() does without a variable that it may not read", () => {
  const config = parseConfig(
    { home: "home", listen: "127.0.0.1:8080" },
    (name) => {
      if (name === "USER") throw new Deno.errors.NotCapable("env");
      return undefined;
    },
  );
  expect(config.user).toBe("local");
});

Deno.test("loopbackOrigins() are the names of this machine", () => {
  expect(loopbackOrigins(80)[0]).toBe("http://127.0.0.1:80");
});
