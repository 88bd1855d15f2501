import { expect } from "@std/expect";
import fc from "fast-check";
import {
  awsBatchConfigSchema,
  kubernetesConfigSchema,
  MAX_DISPATCH_CONFIG_BYTES,
  parseDispatchConfig,
} from "../../../shared/dispatch/dispatch_config.ts";
import { DISPATCH_EXAMPLES } from "../../../shared/dispatch/dispatch_examples.ts";

const IMAGE = `registry.example.org:5000/a/uptake@sha256:${"0f".repeat(32)}`;
const KUBERNETES = { dispatch: "kubernetes", image: IMAGE };
const AWS_BATCH = {
  dispatch: "aws-batch",
  region: "us-gov-west-1",
  jobQueue: "q",
  jobDefinition: "uptake:1",
};

/** Parses a config with some fields set otherwise. */
const parse = (config: object, other: object = {}) =>
  parseDispatchConfig(JSON.stringify({ ...config, ...other }));

const problemOf = (config: object, other: object): string => {
  try {
    parse(config, other);
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
  return "it was accepted";
};

Deno.test("DISPATCH_EXAMPLES parse, and name every field there is", () => {
  const schemas = {
    kubernetes: kubernetesConfigSchema,
    "aws-batch": awsBatchConfigSchema,
  } as const;
  for (const kind of ["kubernetes", "aws-batch"] as const) {
    const config = parseDispatchConfig(DISPATCH_EXAMPLES[kind]);
    expect(config.dispatch).toBe(kind);
    expect(Object.keys(config).sort())
      .toEqual(Object.keys(schemas[kind].shape).sort());
  }
});

Deno.test("parseDispatchConfig() fills in what a config leaves out", () => {
  expect(parse(KUBERNETES)).toEqual({
    dispatch: "kubernetes",
    image: IMAGE,
    namespace: "uptake-jobs",
    serviceAccount: "uptake-worker",
    secret: "uptake-s3",
    gpus: 0,
    cpu: "4",
    memory: "16Gi",
    ephemeralStorage: "20Gi",
    backoffLimitPerIndex: 6,
    activeDeadlineSeconds: 604_800,
    ttlSecondsAfterFinished: 604_800,
    currency: "USD",
  });
  expect(parse(AWS_BATCH)).toEqual({
    ...AWS_BATCH,
    vcpus: 4,
    memoryMib: 16_384,
    gpus: 0,
    attempts: 5,
    attemptDurationSeconds: 604_800,
    tags: {},
    currency: "USD",
  });
});

Deno.test("parseDispatchConfig() takes a number of cores as YAML writes it", () => {
  for (const [cpu, text] of [[2, "2"], [0.5, "0.5"], ["250m", "250m"]]) {
    expect(parse(KUBERNETES, { cpu })).toMatchObject({ cpu: text });
  }
});

Deno.test("parseDispatchConfig() refuses an image that is not named by digest", () => {
  const digest = "0f".repeat(32);
  for (
    const image of [
      "uptake",
      "uptake:latest",
      "uptake@sha256:0f0f",
      `uptake@sha256:${digest.toUpperCase()}`,
      `uptake@sha512:${digest}`,
      `uptake@sha256:${digest}0`,
      `up take@sha256:${digest}`,
      `@sha256:${digest}`,
    ]
  ) {
    expect(problemOf(KUBERNETES, { image })).toMatch(
      /^Cannot use the dispatch configuration: image: must name the image by digest/,
    );
  }
});

Deno.test("parseDispatchConfig() refuses unknown fields and names their place", () => {
  expect(problemOf(KUBERNETES, { gpu: 1 })).toBe(
    'Cannot use the dispatch configuration: Unrecognized key: "gpu"',
  );
  expect(problemOf(KUBERNETES, { tolerations: [{ kee: "x" }] })).toBe(
    'Cannot use the dispatch configuration: tolerations.0: Unrecognized key: "kee"',
  );
  expect(problemOf(AWS_BATCH, { image: IMAGE })).toContain('"image"');
  expect(problemOf(KUBERNETES, { dispatch: "slurm" })).toContain(
    "dispatch: ",
  );
});

Deno.test("parseDispatchConfig() refuses values that the scheduler would refuse later", () => {
  const wrong: readonly (readonly [object, object, string])[] = [
    [KUBERNETES, { gpus: 0.5 }, "gpus"],
    [KUBERNETES, { gpus: -1 }, "gpus"],
    [KUBERNETES, { memory: "16GiB" }, "memory"],
    [KUBERNETES, { memory: 16 }, "memory"],
    [KUBERNETES, { ephemeralStorage: "" }, "ephemeralStorage"],
    [KUBERNETES, { cpu: "four" }, "cpu"],
    [KUBERNETES, { cpu: 0 }, "cpu"],
    [KUBERNETES, { namespace: "Uptake" }, "namespace"],
    [KUBERNETES, { queue: "a/b" }, "queue"],
    [KUBERNETES, { nodeSelector: { a: "b c" } }, "nodeSelector.a"],
    [KUBERNETES, { parallelism: 0 }, "parallelism"],
    [KUBERNETES, { backoffLimitPerIndex: -1 }, "backoffLimitPerIndex"],
    [KUBERNETES, { activeDeadlineSeconds: 0 }, "activeDeadlineSeconds"],
    [KUBERNETES, { currency: "euro" }, "currency"],
    [AWS_BATCH, { jobDefinition: "uptake" }, "jobDefinition"],
    [AWS_BATCH, { jobDefinition: "uptake:0" }, "jobDefinition"],
    [AWS_BATCH, { region: "frankfurt" }, "region"],
    [AWS_BATCH, { attempts: 11 }, "attempts"],
    [AWS_BATCH, { attemptDurationSeconds: 59 }, "attemptDurationSeconds"],
    [AWS_BATCH, { tags: { "aws:x": "y" } }, "tags.aws:x"],
    [AWS_BATCH, { pricePerHour: -1 }, "pricePerHour"],
  ];
  for (const [config, other, place] of wrong) {
    expect(problemOf(config, other)).toContain(
      `Cannot use the dispatch configuration: ${place}: `,
    );
  }
});

Deno.test("parseDispatchConfig() takes a job definition's ARN with its revision", () => {
  const arn = "arn:aws:batch:eu-central-1:123456789012:job-definition/uptake";
  expect(parse(AWS_BATCH, { jobDefinition: `${arn}:7` })).toMatchObject({
    jobDefinition: `${arn}:7`,
  });
  expect(problemOf(AWS_BATCH, { jobDefinition: arn })).toContain("revision");
});

Deno.test("parseDispatchConfig() lets no token travel in clear text, nor stand in a URL", () => {
  for (
    const apiServer of ["https://10.0.0.1:6443", "http://127.0.0.1:8001"]
  ) {
    expect(parse(KUBERNETES, { apiServer })).toMatchObject({ apiServer });
  }
  for (
    const apiServer of [
      "http://10.0.0.1",
      "http://localhost.example.org",
      "https://me:secret@10.0.0.1",
      "ftp://10.0.0.1",
      "10.0.0.1",
    ]
  ) {
    const problem = problemOf(KUBERNETES, { apiServer });
    expect(problem).toContain("configuration: apiServer: ");
    expect(problem).not.toContain("secret");
  }
});

Deno.test("parseDispatchConfig() refuses what is no YAML mapping", () => {
  for (
    const [text, why] of [
      ["", "expected object"],
      ["- a", "expected object"],
      ["a: [", "it is no YAML"],
      ["a: 1\na: 2", "it is no YAML (Map keys must be unique"],
      ["!!js/function x", "it is no YAML"],
      ["dispatch: &a [*a]", "Cannot use the dispatch configuration: "],
      [" ".repeat(MAX_DISPATCH_CONFIG_BYTES + 1), "it is longer than 65536"],
    ] as const
  ) {
    expect(() => parseDispatchConfig(text)).toThrow(SyntaxError);
    expect(() => parseDispatchConfig(text)).toThrow(why);
  }
});

Deno.test("parseDispatchConfig() refuses aliases that would unfold without end", () => {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 12; i++) {
    lines.push(`a${i}: &a${i} [${Array(10).fill(`*a${i - 1}`).join(", ")}]`);
  }
  expect(() => parseDispatchConfig(lines.join("\n"))).toThrow(
    "it is no plain data",
  );
});

Deno.test("parseDispatchConfig() throws nothing but SyntaxError, whatever the text", () => {
  const example = DISPATCH_EXAMPLES.kubernetes;
  const damaged = fc.tuple(fc.nat(example.length), fc.nat(40), fc.string()).map(
    ([at, length, text]) =>
      example.slice(0, at) + text + example.slice(at + length),
  );
  fc.assert(
    fc.property(fc.oneof(damaged, fc.string()), (text) => {
      try {
        parseDispatchConfig(text);
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
      }
    }),
    { numRuns: 200 },
  );
});
