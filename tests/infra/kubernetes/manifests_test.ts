/** @module What `kubectl apply -k` would send: valid, with no unknown field, and as locked as promised. */
import { expect } from "@std/expect";
import { parseDispatchConfig } from "../../../shared/dispatch/dispatch_config.ts";
import { ROOT } from "../docker/images.ts";
import {
  OVERLAYS,
  parseResources,
  render,
  type Resource,
  schemaProblems,
  testWithKubectl,
  typeProblems,
} from "./render.ts";
import { podOf, ruleProblems } from "./rules.ts";

const CLUSTER_WIDE = [
  "Namespace",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
];

function find(resources: readonly Resource[], kind: string, name: string) {
  const found = resources.find((one) =>
    one.kind === kind && one.metadata.name === name
  );
  if (found === undefined) throw new Error(`There is no ${kind} ${name}`);
  return found;
}

for (const overlay of OVERLAYS) {
  testWithKubectl(
    `overlay ${overlay} is valid and keeps every rule`,
    async () => {
      const resources = await render(overlay);
      expect(resources.length).toBeGreaterThan(20);
      const problems = await Promise.all(resources.map(schemaProblems));
      expect(problems.flat()).toEqual([]);
      expect(ruleProblems(resources)).toEqual([]);
      const homeless = resources.filter(({ kind, metadata }) =>
        metadata.namespace === undefined && !CLUSTER_WIDE.includes(kind)
      );
      expect(homeless).toEqual([]);
    },
  );

  testWithKubectl(`overlay ${overlay} names only what is there`, async () => {
    const resources = await render(overlay);
    const namespaces = resources.filter(({ kind }) => kind === "Namespace")
      .map(({ metadata }) => metadata.name).sort();
    expect(namespaces).toEqual(["uptake-dashboard", "uptake-jobs"]);
    const has = (kind: string, name: string, namespace: string | undefined) =>
      resources.some((one) =>
        one.kind === kind && one.metadata.name === name &&
        one.metadata.namespace === namespace
      );
    for (const resource of resources) {
      const { namespace } = resource.metadata;
      if (namespace !== undefined) expect(namespaces).toContain(namespace);
      const pod = podOf(resource);
      if (pod === undefined) continue;
      expect(has("ServiceAccount", pod.serviceAccountName, namespace)).toBe(
        true,
      );
      const maps = [
        ...pod.containers.flatMap(({ envFrom }) =>
          envFrom.flatMap(({ configMapRef }) => configMapRef?.name ?? [])
        ),
        ...pod.volumes.flatMap(({ configMap }) =>
          (configMap as { name: string } | undefined)?.name ?? []
        ),
      ];
      expect(maps.length).toBe(2);
      for (const map of maps) {
        expect(has("ConfigMap", map, namespace)).toBe(true);
      }
    }
  });

  testWithKubectl(
    `overlay ${overlay} gives dispatch a configuration that it takes`,
    async () => {
      const resources = await render(overlay);
      const map = resources.find(({ kind, metadata }) =>
        kind === "ConfigMap" && metadata.name.startsWith("uptake-dispatch-")
      );
      const text = (map?.data as Record<string, string>)["dispatch.yaml"]!;
      const config = parseDispatchConfig(text);
      if (config.dispatch !== "kubernetes") throw new Error(config.dispatch);
      expect(config.namespace).toBe("uptake-jobs");
      find(resources, "ServiceAccount", config.serviceAccount);
      // Keys on AWS, none of them static.
      expect(config.secret).toBe(overlay === "aws" ? null : "uptake-s3");
      const { imagePrefix } = find(resources, "ConfigMap", "uptake-admission")
        .data as Record<string, string>;
      expect(config.image.startsWith(imagePrefix!)).toBe(true);
    },
  );
}

testWithKubectl(
  "no overlay has a field that the API does not know",
  async () => {
    const resources = (await Promise.all(OVERLAYS.map(render))).flat();
    expect(await typeProblems(resources)).toBe("");
  },
);

Deno.test("typeProblems() and schemaProblems() notice planted mistakes", async () => {
  const base = `${ROOT}infra/kubernetes/base`;
  const text = await Deno.readTextFile(`${base}/nightly.yaml`);
  const unknown = parseResources(
    text.replace("concurrencyPolicy", "concurencyPolicy"),
  );
  const nested = parseResources(
    text.replace("readOnlyRootFilesystem", "readOnlyRootFileSystem"),
  );
  const problems = await typeProblems([...unknown, ...nested]);
  expect(problems).toContain("concurencyPolicy");
  expect(problems).toContain("readOnlyRootFileSystem");

  const [wrong] = parseResources(text.replace("memory: 4Gi", "memory: 4GiB"));
  expect((await schemaProblems(wrong!)).join()).toContain("memory");
  const [missing] = parseResources(text.replace(/schedule: .*\n/, "\n"));
  expect((await schemaProblems(missing!)).join()).toContain("schedule");
});

Deno.test("the nightly run tells the dashboard by which schedule it comes", async () => {
  const text = await Deno.readTextFile(
    `${ROOT}infra/kubernetes/base/nightly.yaml`,
  );
  const [cronJob] = parseResources(text);
  const { schedule, timeZone } = cronJob!.spec as Record<string, unknown>;
  const { args } = podOf(cronJob!)!.containers[0]!;
  expect(args[args.indexOf("--schedule") + 1]).toBe(schedule);
  expect(args[args.indexOf("--time-zone") + 1]).toBe(timeZone);
});

Deno.test("the dashboard shows the scans that the nightly run is over", async () => {
  const argsOf = async (file: string, kind: string) => {
    const text = await Deno.readTextFile(
      `${ROOT}infra/kubernetes/base/${file}`,
    );
    const found = parseResources(text).find((one) => one.kind === kind);
    return podOf(found!)!.containers[0]!.args;
  };
  const nightly = await argsOf("nightly.yaml", "CronJob");
  const shown = await argsOf("dashboard.yaml", "Deployment");
  expect(shown[shown.indexOf("--dataset-roots") + 1])
    .toBe(nightly[nightly.indexOf("--datasets") + 1]);
});

const PLANTED: readonly [problem: string, from: string | RegExp, to: string][] =
  [
    ["may run as root", "runAsNonRoot: true", "runAsNonRoot: false"],
    ["does not run as 65532", "runAsUser: 65532", "runAsUser: 0"],
    ["no seccomp", "type: RuntimeDefault", "type: Unconfined"],
    ["may escalate", "Escalation: false", "Escalation: true"],
    ["writable root", "Filesystem: true", "Filesystem: false"],
    ["keeps capabilities", "drop:\n                - ALL", "drop: []"],
    ["uses the default account", "serviceAccountName: uptake-nightly", "x: y"],
    [
      "has a volume hostPath",
      /emptyDir:\s+sizeLimit: 3Gi/,
      "hostPath: { path: / }",
    ],
    ["which is no digest", /uptake-cpu@sha256:0+/, "uptake-cpu:1.0"],
    ["no memory limit", /(storage: 4Gi\n\s+)memory: 4Gi/, "$1pods: 4"],
    ["has a wildcard", "- jobs\n", "- '*'\n"],
    ["may * secrets", "- jobs\n", "- secrets\n"],
    ["may create pods", "- jobs\n", "- pods\n"],
    ["may * pods/exec", "- pods/log\n", "- pods/exec\n"],
    ["does not enforce", "enforce: restricted", "enforce: baseline"],
    ["counts GPUs", /requests.nvidia.com\/gpu/g, "requests.example.org/gpu"],
    [
      "deny traffic",
      "name: default-deny\n  namespace: uptake-jobs\nspec:\n  podSelector: {}\n  policyTypes:\n  - Ingress",
      "name: default-deny\n  namespace: uptake-jobs\nspec:\n  podSelector: {}\n  policyTypes:\n  - Egress",
    ],
    ["too long a name", "name: uptake-reevaluate", `name: ${"u".repeat(53)}`],
    ["may overlap", "Policy: Forbid", "Policy: Allow"],
    ["mounts its token", "automountServiceAccountToken: false", "x: y"],
    ["is committed", "kind: Service\n", "kind: Secret\n"],
    ["every namespace", "kind: RoleBinding", "kind: ClusterRoleBinding"],
  ];

testWithKubectl("ruleProblems() notices every planted mistake", async () => {
  const { stdout } = await new Deno.Command("kubectl", {
    args: ["kustomize", `${ROOT}infra/kubernetes/overlays/local-s3`],
  }).output();
  const text = new TextDecoder().decode(stdout);
  for (const [problem, from, to] of PLANTED) {
    const broken = text.replace(from, to);
    expect([problem, broken === text]).toEqual([problem, false]);
    const problems = ruleProblems(parseResources(broken)).join("\n");
    expect([problem, problems.includes(problem)]).toEqual([problem, true]);
  }
});

testWithKubectl(
  "only the dashboard and the nightly run may start Jobs, and workers reach no API",
  async () => {
    const resources = await render("aws");
    const { subjects } = find(resources, "RoleBinding", "uptake-dispatch");
    expect(subjects).toEqual(
      ["uptake-dashboard", "uptake-nightly"].map((name) => ({
        kind: "ServiceAccount",
        name,
        namespace: "uptake-dashboard",
      })),
    );
    const jobs = resources.filter(({ metadata }) =>
      metadata.namespace === "uptake-jobs"
    );
    expect(jobs.filter((one) => podOf(one) !== undefined)).toEqual([]);
    const names = jobs.filter(({ kind }) => kind === "NetworkPolicy").map((
      { metadata },
    ) => metadata.name).sort();
    expect(names).toEqual(["default-deny", "dns", "uptake-store"]);
  },
);

testWithKubectl("AWS gets roles in place of keys", async () => {
  const resources = await render("aws");
  for (const name of ["uptake-worker", "uptake-dashboard", "uptake-nightly"]) {
    const { annotations } = find(resources, "ServiceAccount", name).metadata;
    expect(annotations["eks.amazonaws.com/role-arn"]).toMatch(/^arn:aws:iam::/);
  }
  expect(JSON.stringify(resources)).not.toMatch(/"name":"uptake-s3"|AKIA/);
});
