import { expect } from "@std/expect";
import fc from "fast-check";
import { resolveWorkerIndex } from "../../../shared/dispatch/worker_index.ts";

type Env = Readonly<Record<string, string>>;

const resolve = (env: Env) => resolveWorkerIndex((name) => env[name]);

/** Index and count of each source, in the order in which they are asked. */
const SOURCES = [
  ["uptake", "UPTAKE_WORKER_INDEX", "UPTAKE_WORKER_COUNT"],
  ["kubernetes", "JOB_COMPLETION_INDEX", "UPTAKE_WORKER_COUNT"],
  ["aws-batch", "AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE"],
  ["cloud-run", "CLOUD_RUN_TASK_INDEX", "CLOUD_RUN_TASK_COUNT"],
] as const;

const anySource = fc.constantFrom(...SOURCES);
const place = fc.integer({ min: 1, max: 10_000 }).chain((count) =>
  fc.record({
    index: fc.integer({ min: 0, max: count - 1 }),
    count: fc.constant(count),
  })
);

Deno.test("resolveWorkerIndex() is 0 of 1 where nobody says anything, or only empty texts", () => {
  const alone = { index: 0, count: 1, source: "none" };
  expect(resolve({})).toEqual(alone);
  expect(resolve({ UPTAKE_WORKER_COUNT: "", JOB_COMPLETION_INDEX: "" }))
    .toEqual(alone);
});

Deno.test("resolveWorkerIndex() takes AWS Batch's plain job for 0 of 1", () => {
  expect(resolve({ AWS_BATCH_JOB_ID: "ba5e-ba11", AWS_BATCH_JOB_ATTEMPT: "2" }))
    .toEqual({ index: 0, count: 1, source: "none" });
});

Deno.test("resolveWorkerIndex() reads any index and count from any source", () => {
  fc.assert(fc.property(anySource, place, ([source, indexName, countName], {
    index,
    count,
  }) => {
    expect(resolve({ [indexName]: `${index}`, [countName]: `${count}` }))
      .toEqual({ index, count, source });
  }));
});

Deno.test("resolveWorkerIndex() lets the first source decide, whatever later ones say", () => {
  fc.assert(fc.property(
    fc.integer({ min: 0, max: 3 }),
    place,
    fc.string(),
    (first, { index, count }, other) => {
      const [source, indexName, countName] = SOURCES[first]!;
      const env: Record<string, string> = {};
      for (const [, laterIndex, laterCount] of SOURCES.slice(first + 1)) {
        env[laterIndex] = other;
        env[laterCount] = other;
      }
      env[indexName] = `${index}`;
      env[countName] = `${count}`;
      expect(resolve(env)).toEqual({ index, count, source });
    },
  ));
});

Deno.test("resolveWorkerIndex() refuses an index that the count does not reach", () => {
  fc.assert(fc.property(
    anySource,
    place,
    fc.nat(1000),
    ([, indexName, countName], { count }, more) => {
      const env = { [indexName]: `${count + more}`, [countName]: `${count}` };
      expect(() => resolve(env)).toThrow(RangeError);
      expect(() => resolve(env)).toThrow(
        `Cannot use ${indexName}=${count + more}: `,
      );
    },
  ));
});

Deno.test("resolveWorkerIndex() refuses what is no whole number, and names the variable", () => {
  const noNumber = fc.oneof(
    fc.constantFrom(
      "-1",
      "1.5",
      "1e3",
      " 1",
      "0x1",
      "007",
      "NaN",
      "9999999999",
    ),
    fc.string({ minLength: 1 }).filter((text) => !/^\d+$/.test(text)),
  );
  fc.assert(fc.property(
    anySource,
    noNumber,
    fc.boolean(),
    ([, indexName, countName], text, inIndex) => {
      const env = inIndex
        ? { [indexName]: text, [countName]: "5" }
        : { [indexName]: "0", [countName]: text };
      expect(() => resolve(env)).toThrow(RangeError);
      expect(() => resolve(env)).toThrow(
        `Cannot use ${inIndex ? indexName : countName}="`,
      );
    },
  ));
});

Deno.test("resolveWorkerIndex() refuses a count of 0", () => {
  expect(() => resolve({ UPTAKE_WORKER_INDEX: "0", UPTAKE_WORKER_COUNT: "0" }))
    .toThrow("Cannot use UPTAKE_WORKER_COUNT=0: at least 1 is needed");
});

Deno.test("resolveWorkerIndex() refuses half a pair", () => {
  for (const [, indexName, countName] of SOURCES) {
    expect(() => resolve({ [indexName]: "0" })).toThrow(
      `Cannot use ${indexName}=0: ${countName}, the number of workers, is not set`,
    );
    expect(() => resolve({ [countName]: "2" })).toThrow(
      `Cannot use ${countName}="2": the worker's index (`,
    );
  }
  expect(() => resolve({ UPTAKE_WORKER_COUNT: "2" })).toThrow(
    "(UPTAKE_WORKER_INDEX or JOB_COMPLETION_INDEX) is not set",
  );
});
