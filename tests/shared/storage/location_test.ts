import { expect } from "@std/expect";
import {
  formatLocation,
  type Location,
  parseLocation,
} from "../../../shared/storage/location.ts";

const READ: [string, Location, string][] = [
  ["s3://bucket", { kind: "s3", bucket: "bucket", prefix: "" }, "s3://bucket"],
  ["s3://bucket/", { kind: "s3", bucket: "bucket", prefix: "" }, "s3://bucket"],
  ["s3://my.bucket_1/a/b c/", {
    kind: "s3",
    bucket: "my.bucket_1",
    prefix: "a/b c",
  }, "s3://my.bucket_1/a/b c"],
  [
    "s3://b2/50%25/x?y#z",
    { kind: "s3", bucket: "b2", prefix: "50%25/x?y#z" },
    "s3://b2/50%25/x?y#z",
  ],
  [
    "file:///data/lbt/",
    { kind: "file", path: "/data/lbt" },
    "file:///data/lbt",
  ],
  [
    "file:///with%20space/50%25",
    { kind: "file", path: "/with space/50%" },
    "file:///with%20space/50%25",
  ],
  ["file://localhost/data", { kind: "file", path: "/data" }, "file:///data"],
  [
    "/data/../data/lbt/",
    { kind: "file", path: "/data/lbt" },
    "file:///data/lbt",
  ],
  ["out", { kind: "file", path: "/home/me/out" }, "file:///home/me/out"],
  ["./out/", { kind: "file", path: "/home/me/out" }, "file:///home/me/out"],
  ["../x", { kind: "file", path: "/home/x" }, "file:///home/x"],
  [".", { kind: "file", path: "/home/me" }, "file:///home/me"],
  ["a:b", { kind: "file", path: "/home/me/a:b" }, "file:///home/me/a:b"],
  [
    "50%/ü #1",
    { kind: "file", path: "/home/me/50%/ü #1" },
    "file:///home/me/50%25/%C3%BC%20%231",
  ],
];

Deno.test("parseLocation() reads buckets, URLs and paths", () => {
  for (const [text, wanted] of READ) {
    expect([text, parseLocation(text, "/home/me")]).toEqual([text, wanted]);
  }
});

Deno.test("formatLocation() writes what parseLocation() reads back", () => {
  for (const [text, location, written] of READ) {
    expect([text, formatLocation(location)]).toEqual([text, written]);
    expect(parseLocation(written, "/elsewhere")).toEqual(location);
  }
});

const REFUSED: [string, string][] = [
  [
    "",
    'Cannot use "" as a location: it is empty; use s3://bucket/prefix, file:///folder or a path',
  ],
  [
    "http://host/x",
    '"http://" is not known; use s3://bucket/prefix, file:///folder or a path',
  ],
  ["gs://bucket", '"gs://" is not known'],
  ["s3:/x", 'its scheme is not followed by "//"'],
  ["s3:x", 'its scheme is not followed by "//"'],
  ["file:x", 'its scheme is not followed by "//"'],
  ["S3://bucket", '"S3://" is not known'],
  ["s3://", "it names no bucket"],
  ["s3:///prefix", "it names no bucket"],
  ["s3://b", '"b" is no bucket name'],
  ["s3://user:secret@host/x", "is no bucket name"],
  ["s3://bucket//x", "its prefix cannot stand in a key"],
  ["s3://bucket/a/../b", "its prefix cannot stand in a key"],
  ["file://host/x", "file:// takes an absolute path on this machine"],
  ["file:///a%2Fb", "file:// takes an absolute path on this machine"],
  ["a\0b", "it holds a NUL character"],
];

Deno.test("parseLocation() says why a text is no location, and what is", () => {
  for (const [text, why] of REFUSED) {
    expect(() => parseLocation(text, "/home/me")).toThrow(SyntaxError);
    expect(() => parseLocation(text, "/home/me")).toThrow(why);
  }
});

Deno.test("parseLocation() refuses a base that is relative itself", () => {
  expect(() => parseLocation("x", "here")).toThrow(RangeError);
});
