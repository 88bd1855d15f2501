/**
 * The overlays as kubectl renders them, and the checks of the API's own schema that work offline.
 * @module
 */
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { ROOT } from "../docker/images.ts";

export const OVERLAYS = ["local-s3", "aws"] as const;
export type Overlay = typeof OVERLAYS[number];

const resourceSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
});
export type Resource = z.infer<typeof resourceSchema>;

/** Reads manifests; `null` documents between separators are passed over. */
export function parseResources(text: string): Resource[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    const value: unknown = document.toJS();
    return value === null ? [] : [resourceSchema.parse(value)];
  });
}

/** Why overlays cannot be rendered here; undefined where they can. */
export const kubectlMissing: string | undefined = await lacksKubectl();

async function lacksKubectl(): Promise<string | undefined> {
  try {
    const { success } = await new Deno.Command("kubectl", {
      args: ["kustomize", "--help"],
      stdout: "null",
      stderr: "null",
    }).output();
    return success ? undefined : "this kubectl has no kustomize";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "there is no kubectl";
    throw error;
  }
}

/** Registers a test that needs kubectl, or is skipped with the reason. */
export function testWithKubectl(name: string, fn: () => Promise<void>): void {
  if (kubectlMissing === undefined) Deno.test(name, fn);
  else {
    const skipped = `${name} [skipped: ${kubectlMissing}]`;
    Deno.test({ name: skipped, ignore: true, fn: () => {} });
  }
}

/** What `kubectl apply -k` would send. */
export async function render(overlay: Overlay): Promise<Resource[]> {
  const { success, stdout, stderr } = await new Deno.Command("kubectl", {
    args: ["kustomize", `${ROOT}infra/kubernetes/overlays/${overlay}`],
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(decoder.decode(stderr));
  return parseResources(decoder.decode(stdout));
}

/** Wrong and missing fields, as the API's schema sees them; it passes over unknown ones. */
export async function schemaProblems(resource: Resource): Promise<string[]> {
  const { apiVersion, kind } = resource;
  const module = await import(`kubernetes-models/${apiVersion}/${kind}`);
  try {
    new module[kind](resource).validate();
    return [];
  } catch (error) {
    return [`${kind} ${resource.metadata.name}: ${(error as Error).message}`];
  }
}

/** Unknown and wrong fields, as the type checker sees them: each resource becomes a typed literal. */
export async function typeProblems(
  resources: readonly Resource[],
): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const source = resources.map((resource, index) => {
      const { apiVersion, kind } = resource;
      return `import type { I${kind} as T${index} } from "kubernetes-models/${apiVersion}/${kind}";
export const r${index}: T${index} = ${JSON.stringify(resource, null, 1)};`;
    });
    await Deno.writeTextFile(`${folder}/manifests.ts`, source.join("\n"));
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "check",
        `--config=${ROOT}deno.json`,
        `${folder}/manifests.ts`,
      ],
      env: { NO_COLOR: "1" },
    }).output();
    return success ? "" : new TextDecoder().decode(stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
