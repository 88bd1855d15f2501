import { expect } from "@std/expect";
import { z } from "zod";
import { issuesText } from "../../shared/issue_text.ts";

const schema = z.strictObject({
  format: z.literal(1),
  runId: z.string().min(2),
  cases: z.array(z.object({ caseId: z.string(), n: z.number().lt(1).min(0) })),
});

Deno.test("issuesText() says in plain words what is wrong, and where", () => {
  const wrong = (value: unknown) => issuesText(schema.safeParse(value).error!);
  const sound = { format: 1, runId: "ab", cases: [] };
  expect(wrong({})).toBe(
    "format must be 1; runId is missing; cases is missing",
  );
  expect(wrong([])).toBe("It must be an object");
  expect(wrong({ ...sound, runId: "a" }))
    .toBe("runId must have 2 characters or more");
  expect(wrong({ ...sound, cases: [{ caseId: 1, n: NaN }] })).toBe(
    "cases[0].caseId must be a text; cases[0].n must be a number, such as 0.5",
  );
  expect(wrong({ ...sound, cases: [{ caseId: "a", n: 1 }] }))
    .toBe("cases[0].n must be less than 1");
  expect(wrong({ ...sound, cases: [{ caseId: "a", n: -1 }] }))
    .toBe("cases[0].n must be 0 or more");
  expect(wrong({ ...sound, more: 1 }))
    .toBe("It holds what is not known here: more");
});
