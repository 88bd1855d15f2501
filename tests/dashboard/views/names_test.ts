/** @module What names are shown as. */
import { expect } from "@std/expect";
import {
  checkpointName,
  datasetName,
  readable,
  shortRunId,
} from "../../../dashboard/views/names.ts";

const dataset = (name: string, change = {}) =>
  datasetName({
    name,
    location: "s3://scans/a",
    isNameShared: false,
    ...change,
  });
const checkpoint = (name: string, isNameShared = false) =>
  checkpointName({
    name,
    kind: "checkpoint",
    key: "fedcba9876543210",
    isNameShared,
  });

Deno.test("readable() keeps what can be read, and shows what cannot as a sign", () => {
  for (const name of ["ECPC-IDS", "患者 1", "naïve", "👩‍⚕️", "<b>"]) {
    expect(readable(name)).toBe(name);
  }
  expect(readable("a\u202eb\u0007c")).toBe("a\ufffdb\ufffdc");
  expect(readable("  a \t b ")).toBe("a \ufffd b");
  for (const name of ["", " ", "\u00a0\u200b", "\u2800"]) {
    expect(readable(name)).toBe("Unnamed");
  }
});

Deno.test("datasetName() and checkpointName() say which one it is where the name does not", () => {
  expect(dataset("ecpc")).toBe("ecpc");
  expect(dataset("ecpc", { isNameShared: true }))
    .toBe("ecpc · at s3://scans/a");
  expect(checkpoint("net")).toBe("net");
  expect(checkpoint("net", true)).toBe("net · fedcba9");
  // They look like another name.
  expect(dataset("ecpc ")).toBe("ecpc · at s3://scans/a");
  expect(dataset("ecpc\u202e")).toBe("ecpc\ufffd · at s3://scans/a");
});

Deno.test("datasetName() shortens what would fill a list, and says which one it is", () => {
  const name = "a".repeat(80);
  expect(dataset(name)).toBe(name);
  expect(dataset(`${name}${"b".repeat(24)}`))
    .toBe(`${"a".repeat(55)}…${"b".repeat(24)} · at s3://scans/a`);
});

Deno.test("shortRunId() is the end of an id, and all of a name that somebody chose", () => {
  expect(shortRunId("20260101T000000Z-0a1b2c")).toBe("0a1b2c");
  expect(shortRunId("my-run")).toBe("my-run");
});
