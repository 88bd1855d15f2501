/** @module Where reviews stand. */
import { expect } from "@std/expect";
import {
  caseOfReview,
  reviewKey,
  reviewSchema,
} from "../../../shared/runs/reviews.ts";

const review = {
  format: 1,
  runId: "r1",
  caseId: "scan 01",
  reviewer: "anna",
  reviewedAt: "2026-11-24T09:00:00.000Z",
  verdict: "accept",
  reason: null,
  comment: "",
} as const;

Deno.test("reviewKey() names the case, the time and the reviewer", () => {
  const key = reviewKey(review);
  expect(key).toBe("reviews/scan 01/20261124T090000.000Z-anna.json");
  expect(caseOfReview(key)).toBe("scan 01");
});

Deno.test("reviewKey() cuts names that no file can have, and keeps them apart", () => {
  const names = [
    "乙".repeat(255),
    "乙".repeat(254),
    `${"a".repeat(254)}b`,
    ".",
  ];
  const keys = names.map((reviewer) => reviewKey({ ...review, reviewer }));
  expect(new Set(keys).size).toBe(names.length);
  for (const key of keys) {
    expect(caseOfReview(key)).toBe("scan 01");
    const file = key.slice(key.lastIndexOf("/") + 1);
    expect(file).toMatch(/^[A-Za-z0-9 ._~-]{1,255}$/);
  }
});

Deno.test("reviewSchema shows reviewers and comments without what nobody sees", () => {
  const parsed = reviewSchema.parse({
    ...review,
    reviewer: "an\u200bna\n\u202e",
    comment: "\u2066ok\u2069",
  });
  expect([parsed.reviewer, parsed.comment]).toEqual(["anna", "ok"]);
  expect(() => reviewSchema.parse({ ...review, reviewer: "\u200b" })).toThrow();
});
