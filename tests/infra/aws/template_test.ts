/** @module The stack: what AWS knows of its resources, and what it promises about access. */
import { expect } from "@std/expect";
import {
  kubernetesConfigSchema,
  parseDispatchConfig,
} from "../../../shared/dispatch/dispatch_config.ts";
import { readTimesElsewhere } from "../../../jobs/evaluation/reevaluate/times_elsewhere.ts";
import { ROOT } from "../docker/images.ts";
import { loadServiceSpec } from "./service_spec.ts";
import {
  parseTemplate,
  policyProblems,
  referenceProblems,
  statementsOf,
} from "./template.ts";

const text = await Deno.readTextFile(`${ROOT}infra/aws/uptake.yaml`);
const template = parseTemplate(text);
const spec = await loadServiceSpec();

function problemsOf(source: string): string[] {
  const parsed = parseTemplate(source);
  return [
    ...spec.problems(parsed),
    ...referenceProblems(parsed, spec.attributesOf),
    ...policyProblems(parsed),
  ];
}

Deno.test("uptake.yaml has no unknown, missing or wrong property, and refers to nothing that is not there", () => {
  expect(Object.keys(template.Resources).length).toBeGreaterThan(15);
  expect(problemsOf(text)).toEqual([]);
});

const PLANTED: readonly [problem: string, from: string, to: string][] = [
  ["MinVCpus is unknown", "MinvCpus", "MinVCpus"],
  ["ReadOnlyRootFilesystem is unknown", "ReadonlyRoot", "ReadOnlyRoot"],
  ["no resource type", "AWS::Batch::JobQueue", "AWS::Batch::Queue"],
  ["Image is missing", "Image: !Ref WorkerImage\n", "\n"],
  ["Priority is missing", "      Priority: 1\n", ""],
  ["RetentionInDays is no integer", "InDays: 90", "InDays: ninety"],
  ["Privileged is no boolean", "Privileged: false", "Privileged: 'no'"],
  [
    "InstanceTypes is no array",
    "InstanceTypes: !Ref GpuInstanceTypes",
    "InstanceTypes: g5",
  ],
  [
    "Buckett is neither",
    "BucketName:\n    Value: !Ref Bucket",
    "BucketName:\n    Value: !Ref Buckett",
  ],
  ["no attribute Name", "!GetAtt LogGroup.Arn", "!GetAtt LogGroup.Name"],
  ["no attribute Url", "${Bucket.Arn}/*", "${Bucket.Url}/*"],
  ["Prefix is neither", "${HomePrefix}/dispatch", "${Prefix}/dispatch"],
  ["no condition", "Condition: HasOnDemand", "Condition: HasDemand"],
  ["Schedule is not used", "!Ref Schedule\n", "rate(1 day)\n"],
  [
    "WorkerRole trusts everyone",
    "Service: ecs-tasks.amazonaws.com",
    'AWS: "*"',
  ],
  ["allows s3:Get*", "Action: s3:GetObject", "Action: s3:Get*"],
  ["on everything", "Resource: !GetAtt LogGroup.Arn", 'Resource: "*"'],
];

for (const [problem, from, to] of PLANTED) {
  Deno.test(`the checks of uptake.yaml notice: ${problem}`, () => {
    const broken = text.replaceAll(from, to);
    expect(broken).not.toBe(text);
    expect(problemsOf(broken).join("\n")).toContain(problem);
  });
}

Deno.test("parseTemplate() refuses aliases, which CloudFormation does not read", () => {
  const aliased = text.replace(
    "PropagateTags: true",
    "PropagateTags: &a true",
  ).replace("PropagateTags: true", "PropagateTags: *a");
  expect(() => parseTemplate(aliased)).toThrow("no YAML aliases");
});

Deno.test("the bucket is private, encrypted, kept, and refuses clear text", () => {
  const { Bucket } = template.Resources;
  expect(Bucket).toMatchObject({
    DeletionPolicy: "Retain",
    UpdateReplacePolicy: "Retain",
    Properties: {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: {
        Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }],
      },
      VersioningConfiguration: { Status: "Enabled" },
      LifecycleConfiguration: {
        Rules: [
          { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
          { NoncurrentVersionExpiration: { NoncurrentDays: 30 } },
        ],
      },
    },
  });
  expect(JSON.stringify(Bucket)).toContain("SSEAlgorithm");
  const [policy, ...rest] = statementsOf(template).filter(({ owner }) =>
    owner === "BucketPolicy"
  );
  expect(rest).toEqual([]);
  expect(policy).toMatchObject({
    effect: "Deny",
    actions: ["s3:*"],
    condition: { Bool: { "aws:SecureTransport": "false" } },
  });
  expect(policy?.resources.length).toBe(2);
});

Deno.test("jobs run as nobody, on a read-only root, from images by digest", () => {
  const definitions = Object.values(template.Resources).filter(({ Type }) =>
    Type === "AWS::Batch::JobDefinition"
  );
  expect(definitions.length).toBe(2);
  for (const { Properties } of definitions) {
    expect(Properties).toMatchObject({
      ContainerProperties: {
        User: "65532:65532",
        Privileged: false,
        ReadonlyRootFilesystem: true,
        LogConfiguration: { LogDriver: "awslogs" },
      },
      Timeout: { AttemptDurationSeconds: expect.any(Number) },
    });
    const json = JSON.stringify(Properties);
    expect(json).toMatch(/"Image":\{"Ref":"(WorkerImage|CpuImage)"\}/);
    expect(json).not.toMatch(/Secrets|SECRET|PASSWORD|AKIA/);
  }
  for (const name of ["WorkerImage", "CpuImage"]) {
    const { AllowedPattern, Default } = template.Parameters[name]!;
    expect(Default).toBeUndefined();
    const pattern = new RegExp(AllowedPattern!);
    const digest = `sha256:${"0a".repeat(32)}`;
    expect(pattern.test(`registry.example.org/uptake-gpu@${digest}`)).toBe(
      true,
    );
    for (const image of ["uptake-gpu:1.0", "uptake-gpu", `uptake@${digest}0`]) {
      expect(pattern.test(image)).toBe(false);
    }
    // The same rule as a dispatch configuration's.
    expect(kubernetesConfigSchema.shape.image.safeParse(`x@${digest}`).success)
      .toBe(pattern.test(`x@${digest}`));
  }
});

Deno.test("retry rules end with one for everything, and are no more than AWS takes", () => {
  // A worker may be tried again whatever it ends with but a wrong configuration; a night only where it failed.
  const final = { WorkerDefinition: "78", NightlyDefinition: "*" };
  for (const [name, exitCode] of Object.entries(final)) {
    const { RetryStrategy } = template.Resources[name]!.Properties as {
      RetryStrategy: {
        Attempts: number;
        EvaluateOnExit: Record<string, string>[];
      };
    };
    const { Attempts, EvaluateOnExit: rules } = RetryStrategy;
    expect(Attempts).toBeLessThanOrEqual(10);
    expect(rules.length).toBeLessThanOrEqual(5);
    expect(rules.at(-1)).toEqual({ OnReason: "*", Action: "RETRY" });
    expect(rules).toContainEqual({ OnExitCode: exitCode, Action: "EXIT" });
  }
});

/** Actions that an owner may do, with the resources as text. */
function allowed(owner: string): Record<string, string> {
  return Object.fromEntries(
    statementsOf(template).filter((one) =>
      one.owner === owner && one.effect === "Allow" &&
      one.principal === undefined
    ).flatMap(({ actions, resources }) =>
      actions.map((action) => [action, JSON.stringify(resources)])
    ),
  );
}

Deno.test("workers write below the home alone and delete nothing", () => {
  const store = allowed("StorePolicy");
  expect(Object.keys(store).sort()).toEqual([
    "s3:AbortMultipartUpload",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
  ]);
  expect(store["s3:PutObject"]).toBe(
    '[{"Fn::Sub":"${Bucket.Arn}/${HomePrefix}/*"}]',
  );
  expect(allowed("WorkerRole")).toEqual({});
  expect(template.Resources.WorkerRole?.Properties.ManagedPolicyArns).toEqual([
    { Ref: "StorePolicy" },
  ]);
});

Deno.test("whoever tries a home may remove what it wrote for that, and nothing else", () => {
  // What a home's store can do is found out by writing there.
  const nightly = allowed("NightlyRole");
  expect(nightly).toEqual({
    "s3:DeleteObject":
      '[{"Fn::Sub":"${Bucket.Arn}/${HomePrefix}/.uptake-probe-*"}]',
  });
  const deleters = statementsOf(template).filter(({ effect, actions }) =>
    effect === "Allow" && actions.includes("s3:DeleteObject")
  );
  expect(deleters.map(({ owner }) => owner).sort())
    .toEqual(["DashboardRole", "NightlyRole"]);
});

Deno.test("the scheduler may submit the nightly job to its queue and nothing else", () => {
  const scheduler = allowed("SchedulerRole");
  expect(Object.keys(scheduler)).toEqual(["batch:SubmitJob"]);
  expect(scheduler["batch:SubmitJob"]).toContain("uptake-reevaluate");
  expect(scheduler["batch:SubmitJob"]).not.toContain("GpuQueue");
  const target = template.Resources.NightlySchedule?.Properties.Target as {
    Input: { "Fn::Sub": string };
  };
  const input = target.Input["Fn::Sub"].replaceAll(/\$\{(\w+)\}/g, "$1");
  expect(JSON.parse(input)).toEqual({
    JobName: "uptake-reevaluate",
    JobQueue: "CpuQueue",
    JobDefinition: "NightlyDefinition",
  });
});

Deno.test("the nightly job tells the dashboard by which schedule it comes", () => {
  const { NightlyDefinition, NightlySchedule } = template.Resources;
  const { Command } = NightlyDefinition?.Properties.ContainerProperties as {
    Command: unknown[];
  };
  const { ScheduleExpression, ScheduleExpressionTimezone } = NightlySchedule
    ?.Properties ?? {};
  expect(Command[Command.indexOf("--schedule") + 1]).toEqual(
    ScheduleExpression,
  );
  expect(Command[Command.indexOf("--time-zone") + 1]).toEqual(
    ScheduleExpressionTimezone,
  );
  const usual = template.Parameters.Schedule?.Default;
  const next = readTimesElsewhere(String(usual), "Etc/UTC");
  expect(next(new Date("2026-11-24T03:00:00Z"))?.toISOString())
    .toBe("2026-11-25T02:00:00.000Z");
});

Deno.test("every role names who may take it, and only from this account", () => {
  const trusts = statementsOf(template).filter(({ actions }) =>
    actions.includes("sts:AssumeRole")
  );
  expect(trusts.length).toBe(6);
  for (const { owner, principal, condition } of trusts) {
    expect(JSON.stringify(principal)).toMatch(
      /^\{"Service":"(ec2|ecs-tasks|scheduler)\.amazonaws\.com"\}$/,
    );
    // Amazon EC2 itself sends no account with it.
    if (owner === "InstanceRole") continue;
    expect(condition).toEqual({
      StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } },
    });
  }
});

Deno.test("the example of a dispatch configuration fits the stack", async () => {
  const config = parseDispatchConfig(
    await Deno.readTextFile(`${ROOT}infra/aws/dispatch.example.yaml`),
  );
  if (config.dispatch !== "aws-batch") throw new Error(config.dispatch);
  const { GpuQueue, WorkerDefinition } = template.Resources;
  expect(config.jobQueue).toBe(GpuQueue?.Properties.JobQueueName);
  expect(config.jobDefinition.split(":")[0]).toBe(
    WorkerDefinition?.Properties.JobDefinitionName,
  );
  expect(JSON.stringify(WorkerDefinition)).toContain(
    `{"Type":"MEMORY","Value":"${config.memoryMib}"}`,
  );
});
