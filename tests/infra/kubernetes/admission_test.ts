/** @module The admission policy lets through what dispatch makes, and stops every way around it. */
import { expect } from "@std/expect";
import { z } from "zod";
import { kubernetesConfigSchema } from "../../../shared/dispatch/dispatch_config.ts";
import { buildJob } from "../../../shared/dispatch/kubernetes/manifest.ts";
import { ROOT } from "../docker/images.ts";
import { parseResources } from "./render.ts";

const policySchema = z.looseObject({
  variables: z.array(z.strictObject({
    name: z.literal("pod"),
    expression: z.literal("object.spec.template.spec"),
  })),
  validations: z.array(
    z.strictObject({ expression: z.string(), message: z.string() }),
  ),
});

const text = await Deno.readTextFile(
  `${ROOT}infra/kubernetes/base/admission.yaml`,
);
const resources = parseResources(text);
const policy = policySchema.parse(
  resources.find(({ kind }) => kind === "ValidatingAdmissionPolicy")?.spec,
);
const params = resources.find(({ kind }) => kind === "ConfigMap");

type Rule = (variables: { pod: unknown }, params: unknown) => unknown;

/** The part of CEL that the policy uses, as JavaScript; the API server's own evaluator is not at hand. */
function compile(cel: string): Rule {
  const script = cel
    .replace(/\bhas\(([\w.]+)\)/g, "($1 !== undefined)")
    .replace(/\bsize\(([\w.]+)\)/g, "$1.length")
    .replace(/\.all\((\w),\s*/g, ".every(($1) => ")
    .replace(/\.matches\('([^']+)'\)/g, ".match(/$1/) !== null");
  return new Function("variables", "params", `return ${script};`) as Rule;
}

/** Messages of the rules that a Job breaks; one that cannot be evaluated refuses, as failurePolicy says. */
function refusals(job: { spec?: unknown }): string[] {
  const { spec } = z.looseObject({
    template: z.looseObject({ spec: z.unknown() }),
  }).parse(job.spec).template;
  return policy.validations.filter(({ expression }) =>
    compile(expression)({ pod: spec }, params) !== true
  ).map(({ message }) => message);
}

const digest = `@sha256:${"ab".repeat(32)}`;

function config(fields: Record<string, unknown> = {}) {
  return kubernetesConfigSchema.parse({
    dispatch: "kubernetes",
    image: `registry.example.org/uptake-gpu${digest}`,
    ...fields,
  });
}

const order = { runs: ["s3://b/home/runs/r"], workers: 2, sharded: false };

Deno.test("the admission policy lets through the Jobs of dispatch", async () => {
  for (
    const fields of [{}, { gpus: 1 }, { secret: null }, { queue: "gpu" }]
  ) {
    expect(refusals(await buildJob(order, config(fields)))).toEqual([]);
  }
});

Deno.test("the admission policy refuses other images, accounts, Secrets, tokens and volumes", async () => {
  const elsewhere = `evil.example.org/uptake-gpu${digest}`;
  const refused = async (fields: Record<string, unknown>) =>
    refusals(await buildJob(order, config(fields))).join();
  expect(await refused({ image: elsewhere })).toContain("registry");
  expect(await refused({ serviceAccount: "other" })).toContain("account");
  expect(await refused({ secret: "other" })).toContain("Secret");

  const job = await buildJob(order, config());
  const changed = (change: Record<string, unknown>) => {
    const spec = { ...job.spec!.template.spec!, ...change };
    return refusals({ spec: { template: { spec } } }).join();
  };
  const [worker] = job.spec!.template.spec!.containers;
  expect(changed({})).toBe("");
  expect(
    changed({ containers: [{ ...worker, image: "registry.example.org/x:1" }] }),
  )
    .toContain("digest");
  expect(changed({ initContainers: [worker] })).toContain("init containers");
  expect(changed({ automountServiceAccountToken: true })).toContain("token");
  expect(changed({ automountServiceAccountToken: undefined })).toContain(
    "token",
  );
  expect(changed({ serviceAccountName: undefined })).toContain("account");
  expect(changed({ volumes: [{ name: "s", secret: { secretName: "x" } }] }))
    .toContain("volumes");
  const env = [{ name: "A", valueFrom: { secretKeyRef: { name: "x" } } }];
  expect(changed({ containers: [{ ...worker, env }] })).toContain("Secret");
});
