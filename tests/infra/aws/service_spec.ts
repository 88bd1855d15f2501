/**
 * Checks a template's resources against AWS' own description of them: unknown types and properties,
 * missing ones, and values of another type.
 * @module
 */
import { loadAwsServiceSpec } from "@aws-cdk/aws-service-spec";
import type {
  Property,
  PropertyType,
  Resource,
  SpecDatabase,
} from "@aws-cdk/service-spec-types";
import type { Template } from "./template.ts";

export interface ServiceSpec {
  attributesOf(type: string): readonly string[] | undefined;
  problems(template: Template): string[];
}

export async function loadServiceSpec(): Promise<ServiceSpec> {
  const db = await loadAwsServiceSpec();
  const find = (type: string): Resource | undefined => {
    const [found] = db.lookup("resource", "cloudFormationType", "equals", type);
    return found;
  };
  return {
    attributesOf(type) {
      const resource = find(type);
      return resource && Object.keys(resource.attributes);
    },
    problems: ({ Resources }) =>
      Object.entries(Resources).flatMap(([name, { Type, Properties }]) => {
        const resource = find(Type);
        return resource === undefined
          ? [`${name}: ${Type} is no resource type`]
          : objectProblems(db, resource.properties, Properties, name);
      }),
  };
}

/** A function of CloudFormation stands for a value that only AWS knows. */
function isFunction(value: object): boolean {
  const [key = "", ...rest] = Object.keys(value);
  return rest.length === 0 && (key === "Ref" || key.startsWith("Fn::"));
}

function objectProblems(
  db: SpecDatabase,
  properties: Readonly<Record<string, Property>>,
  values: Readonly<Record<string, unknown>>,
  path: string,
): string[] {
  const problems: string[] = [];
  for (const [name, { required }] of Object.entries(properties)) {
    if (required && !(name in values)) {
      problems.push(`${path}.${name} is missing`);
    }
  }
  for (const [name, value] of Object.entries(values)) {
    const property = properties[name];
    const inside = `${path}.${name}`;
    if (property === undefined) problems.push(`${inside} is unknown`);
    else problems.push(...valueProblems(db, property.type, value, inside));
  }
  return problems;
}

function valueProblems(
  db: SpecDatabase,
  type: PropertyType,
  value: unknown,
  path: string,
): string[] {
  const wrong = [`${path} is no ${type.type}`];
  const isObject = typeof value === "object" && value !== null &&
    !Array.isArray(value);
  if (isObject && isFunction(value)) return [];
  switch (type.type) {
    case "json":
      return [];
    case "string":
    case "date-time":
      return typeof value === "string" ? [] : wrong;
    case "boolean":
      return typeof value === "boolean" ? [] : wrong;
    case "number":
      return typeof value === "number" ? [] : wrong;
    case "integer":
      return Number.isSafeInteger(value) ? [] : wrong;
    case "array": {
      const { element } = type;
      if (!Array.isArray(value)) return wrong;
      return value.flatMap((one, index) =>
        valueProblems(db, element, one, `${path}[${index}]`)
      );
    }
    case "map": {
      const { element } = type;
      if (!isObject) return wrong;
      return Object.entries(value).flatMap(([key, one]) =>
        valueProblems(db, element, one, `${path}.${key}`)
      );
    }
    case "tag":
      return isObject && "Key" in value && "Value" in value ? [] : wrong;
    case "ref": {
      if (!isObject) return wrong;
      const { properties } = db.get("typeDefinition", type.reference.$ref);
      return objectProblems(db, properties, { ...value }, path);
    }
    case "union": {
      const all = type.types.map((one) => valueProblems(db, one, value, path));
      return all.find((problems) => problems.length === 0) ?? all[0] ?? wrong;
    }
    case "null":
      return value === null ? [] : wrong;
  }
}
