/** @module Which checkpoints are listed, and in which order. */
import { expect } from "@std/expect";
import {
  checkpointListingSchema,
  listedCheckpoints,
} from "../../../dashboard/submit/checkpoint_listing.ts";
import type { RegisteredEntry } from "../../../shared/dispatch/operations.ts";

const entry = (
  name: string,
  family: string,
  day: number,
  bytes: number,
): RegisteredEntry => ({
  name,
  family,
  bytes,
  fold: null,
  location: `s3://bucket/checkpoints/${name}.safetensors`,
  sha256: String(day).repeat(64),
  registeredAt: `2026-01-0${day}T00:00:00.000Z`,
});

const ALL = [
  entry("small-a", "small", 2, 30),
  entry("Large-b", "large", 1, 200),
  entry("small-c", "small", 3, 20),
];

const namesOf = (query: Record<string, string>) =>
  listedCheckpoints(ALL, checkpointListingSchema.parse(query))
    .map(({ name }) => name);

Deno.test("listedCheckpoints() has the last ones first, and sorts by name, time and size", () => {
  expect(namesOf({})).toEqual(["small-c", "small-a", "Large-b"]);
  expect(namesOf({ sort: "bytes" })).toEqual(["Large-b", "small-a", "small-c"]);
  expect(namesOf({ sort: "name", direction: "ascending" }))
    .toEqual(["Large-b", "small-a", "small-c"]);
});

Deno.test("listedCheckpoints() searches name, family and SHA-256, and narrows to a family", () => {
  expect(namesOf({ search: "LARGE" })).toEqual(["Large-b"]);
  expect(namesOf({ search: "222" })).toEqual(["small-a"]);
  expect(namesOf({ family: "small" })).toEqual(["small-c", "small-a"]);
  expect(namesOf({ family: "small", search: "-b" })).toEqual([]);
});
