/**
 * A CloudFormation template: its YAML with CloudFormation's tags, its references and its policies.
 *
 * Source: AWS CloudFormation user guide, "Intrinsic function reference", "Template formats".
 * @module
 */
import { type CollectionTag, parseDocument, type ScalarTag, visit } from "yaml";
import { z } from "zod";

export type Json =
  | null
  | boolean
  | number
  | string
  | Json[]
  | { [key: string]: Json };

const templateSchema = z.strictObject({
  AWSTemplateFormatVersion: z.literal("2010-09-09"),
  Description: z.string().max(1024),
  Parameters: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      AllowedPattern: z.string().optional(),
      Default: z.union([z.string(), z.number()]).optional(),
    }),
  ),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(
    z.string().regex(/^[A-Za-z0-9]+$/),
    z.strictObject({
      Type: z.string(),
      Condition: z.string().optional(),
      DeletionPolicy: z.string().optional(),
      UpdateReplacePolicy: z.string().optional(),
      Properties: z.record(z.string(), z.unknown()).default({}),
    }),
  ),
  Outputs: z.record(
    z.string(),
    z.strictObject({ Description: z.string().optional(), Value: z.unknown() }),
  ),
});
export type Template = z.infer<typeof templateSchema>;

const FUNCTIONS = ["Ref", "Sub", "GetAtt", "If", "Equals", "Not", "And", "Or"];

/** `!X` is short for `{"Fn::X": ...}`, but for Ref and Condition. */
function longForm(name: string, value: unknown): unknown {
  return name === "Ref"
    ? { Ref: value }
    : name === "GetAtt" && typeof value === "string"
    ? { "Fn::GetAtt": value.split(/\.(.*)/s, 2) }
    : { [`Fn::${name}`]: value };
}

const TAGS: (ScalarTag | CollectionTag)[] = FUNCTIONS.flatMap((name) => {
  const scalar: ScalarTag = {
    tag: `!${name}`,
    resolve: (text) => longForm(name, text),
  };
  const list: CollectionTag = {
    tag: `!${name}`,
    collection: "seq",
    resolve: (items) =>
      longForm(name, "toJSON" in items ? items.toJSON() : items),
  };
  return [scalar, list];
});

/**
 * Reads a template.
 *
 * @throws {SyntaxError} when it has an alias, which CloudFormation does not read, or a wrong shape.
 */
export function parseTemplate(text: string): Template {
  const document = parseDocument(text, { customTags: TAGS });
  const [error = document.warnings[0]] = document.errors;
  if (error !== undefined) throw error;
  visit(document, {
    Alias() {
      throw new SyntaxError("CloudFormation reads no YAML aliases");
    },
  });
  return templateSchema.parse(document.toJS());
}

const PSEUDO =
  /^AWS::(AccountId|NoValue|Partition|Region|StackName|URLSuffix)$/;

/** Calls `visit` for every object in a tree. */
function walk(
  value: unknown,
  visit: (object: Record<string, unknown>) => void,
): void {
  if (Array.isArray(value)) {
    for (const one of value) walk(one, visit);
  } else if (typeof value === "object" && value !== null) {
    visit(value as Record<string, unknown>);
    for (const one of Object.values(value)) walk(one, visit);
  }
}

/**
 * References to what is not there.
 *
 * @param attributesOf attributes of a resource type, undefined for an unknown type
 */
export function referenceProblems(
  template: Template,
  attributesOf: (type: string) => readonly string[] | undefined,
): string[] {
  const { Parameters, Conditions, Resources } = template;
  const problems: string[] = [];
  const used = new Set<string>();
  const ref = (name: string) => {
    used.add(name);
    if (!(name in Parameters || name in Resources || PSEUDO.test(name))) {
      problems.push(`${name} is neither a parameter nor a resource`);
    }
  };
  const attribute = (name: string, attribute: string) => {
    const resource = Resources[name];
    if (resource === undefined) problems.push(`${name} is no resource`);
    else if (!attributesOf(resource.Type)?.includes(attribute)) {
      problems.push(`${name} has no attribute ${attribute}`);
    }
  };
  const condition = (name: unknown) => {
    if (!(String(name) in Conditions)) {
      problems.push(`${name} is no condition`);
    }
  };
  walk(template, (object) => {
    const { Ref, "Fn::GetAtt": get, "Fn::Sub": sub, "Fn::If": choice } = object;
    if (typeof Ref === "string") ref(Ref);
    if (Array.isArray(get)) attribute(String(get[0]), String(get[1]));
    if (Array.isArray(choice)) condition(choice[0]);
    if (typeof sub !== "string") return;
    for (const [, name = ""] of sub.matchAll(/\$\{([^!}]+)\}/g)) {
      const [resource = "", ...rest] = name.split(".");
      if (rest.length > 0) attribute(resource, rest.join("."));
      else ref(name);
    }
  });
  for (const { Condition } of Object.values(Resources)) {
    if (Condition !== undefined) condition(Condition);
  }
  for (const name of Object.keys(Parameters)) {
    if (!used.has(name)) problems.push(`parameter ${name} is not used`);
  }
  return problems;
}

const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Principal: z.unknown().optional(),
  Action: z.union([z.string(), z.array(z.string())]),
  Resource: z.unknown().optional(),
  Condition: z.unknown().optional(),
});

/** A statement of a policy, and the resource that holds it. */
export interface Statement {
  readonly owner: string;
  readonly effect: "Allow" | "Deny";
  readonly principal: unknown;
  readonly actions: readonly string[];
  readonly resources: readonly unknown[];
  readonly condition: unknown;
}

export function statementsOf(template: Template): Statement[] {
  const statements: Statement[] = [];
  for (const [owner, resource] of Object.entries(template.Resources)) {
    walk(resource, (object) => {
      if (object.Version !== "2012-10-17") return;
      for (const one of z.array(statementSchema).parse(object.Statement)) {
        statements.push({
          owner,
          effect: one.Effect,
          principal: one.Principal,
          actions: [one.Action].flat(),
          resources: [one.Resource ?? []].flat(),
          condition: one.Condition,
        });
      }
    });
  }
  return statements;
}

/** Actions for which AWS takes no narrower resource than all. */
const NEEDS_EVERY_RESOURCE = [
  "batch:DescribeJobs",
  "batch:ListJobs",
  "ecr:GetAuthorizationToken",
];

/** Statements that allow more than anyone needs. */
export function policyProblems(template: Template): string[] {
  return statementsOf(template).filter(({ effect }) => effect === "Allow")
    .flatMap(({ owner, principal, actions, resources }) => {
      const problems: string[] = [];
      if (actions.some((action) => action.includes("*"))) {
        problems.push(`${owner} allows ${actions}`);
      }
      if (
        resources.includes("*") &&
        !actions.every((action) => NEEDS_EVERY_RESOURCE.includes(action))
      ) {
        problems.push(`${owner} allows ${actions} on everything`);
      }
      if (JSON.stringify(principal ?? "").includes("*")) {
        problems.push(`${owner} trusts everyone`);
      }
      return problems;
    });
}
