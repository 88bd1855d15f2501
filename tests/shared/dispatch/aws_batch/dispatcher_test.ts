import { expect } from "@std/expect";
import { createBatchClient } from "../../../../shared/dispatch/aws_batch/client.ts";
import { createAwsBatchDispatcher } from "../../../../shared/dispatch/aws_batch/dispatcher.ts";
import {
  type AwsBatchConfig,
  awsBatchConfigSchema,
} from "../../../../shared/dispatch/dispatch_config.ts";
import type { WorkOrder } from "../../../../shared/dispatch/dispatcher.ts";
import { FakeBatch, refuse } from "../../../support/fake_batch.ts";
import { type FakeClock, fakeClock } from "../../../support/fake_clock.ts";
import { FaultProxy } from "../../../support/fault_proxy.ts";

const RUN = "s3://bucket/home/runs/20261124T093015Z-4f2a9c";
const ORDER: WorkOrder = { runs: [RUN], workers: 3, sharded: false };
const SECRET = "keep-this-secret";
const never = new AbortController().signal;

function dispatcherOf(
  { url }: { readonly url: string },
  { clock = fakeClock(), ...fields }: Partial<AwsBatchConfig> & {
    readonly clock?: FakeClock;
  } = {},
) {
  const config = awsBatchConfigSchema.parse({
    dispatch: "aws-batch",
    region: "eu-central-1",
    jobQueue: "uptake-gpu",
    jobDefinition: "uptake-worker:3",
    ...fields,
  });
  const batch = createBatchClient({
    region: config.region,
    endpoint: url,
    credentials: { accessKeyId: "AKIA", secretAccessKey: SECRET },
  });
  const retry = { attempts: 3, minDelayMs: 1, maxDelayMs: 2 };
  return createAwsBatchDispatcher(config, { batch, clock, retry });
}

async function failureOf(call: Promise<unknown>): Promise<Error> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("it did not fail");
}

Deno.test("start() submits an array job after looking for one of its name", async () => {
  await using server = new FakeBatch();
  const dispatcher = dispatcherOf(server, { gpus: 1, tags: { project: "x" } });
  const dispatched = await dispatcher.start(ORDER, never);
  expect(dispatched.id).toBe("job-1");
  expect(dispatched.description)
    .toBe("AWS Batch job job-1 in eu-central-1 with 3 workers");
  const name = expect.stringMatching(/^uptake-[0-9a-f]{12}$/);
  expect(server.requests).toEqual([
    ["listjobs", {
      jobQueue: "uptake-gpu",
      filters: [{ name: "JOB_NAME", values: [name] }],
    }],
    ["submitjob", {
      jobName: name,
      jobQueue: "uptake-gpu",
      jobDefinition: "uptake-worker:3",
      arrayProperties: { size: 3 },
      retryStrategy: {
        attempts: 5,
        evaluateOnExit: [
          { onStatusReason: "Host EC2*", action: "RETRY" },
          { onReason: "CannotPullContainerError*", action: "RETRY" },
          { onExitCode: "78", action: "EXIT" },
          { onExitCode: "75", action: "RETRY" },
          { onReason: "*", action: "RETRY" },
        ],
      },
      timeout: { attemptDurationSeconds: 604_800 },
      containerOverrides: {
        command: ["work", "--run", RUN],
        resourceRequirements: [
          { type: "VCPU", value: "4" },
          { type: "MEMORY", value: "16384" },
          { type: "GPU", value: "1" },
        ],
      },
      tags: {
        project: "x",
        "uptake/run": "20261124T093015Z-4f2a9c",
        "uptake/spec-sha256": expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    }],
  ]);
});

Deno.test("start() sends one worker as a plain job, and asks for no GPU where none is wanted", async () => {
  await using server = new FakeBatch();
  await dispatcherOf(server).start({ ...ORDER, workers: 1 }, never);
  const [, body] = server.requests.at(-1)!;
  expect(body).not.toHaveProperty("arrayProperties");
  expect(body.containerOverrides).toMatchObject({
    resourceRequirements: [{ type: "VCPU" }, { type: "MEMORY" }],
  });
});

Deno.test("start() runs five folds as one array whose index is the fold", async () => {
  await using server = new FakeBatch();
  const runs = [0, 1, 2, 3, 4].map((fold) => `s3://b/r${fold}`);
  await dispatcherOf(server).start({ runs, workers: 5, sharded: false }, never);
  expect(server.requests.at(-1)?.[1]).toMatchObject({
    arrayProperties: { size: 5 },
    containerOverrides: { command: ["work", "--run", ...runs] },
  });
});

Deno.test("start() refuses more workers than an array takes", async () => {
  await using server = new FakeBatch();
  const dispatcher = dispatcherOf(server);
  await dispatcher.start({ ...ORDER, workers: 10_000 }, never);
  await expect(dispatcher.start({ ...ORDER, workers: 10_001 }, never)).rejects
    .toThrow("an array job of AWS Batch takes at most 10000");
  expect(server.jobs.length).toBe(1);
});

Deno.test("start() twice submits one job, as long as it has not ended", async () => {
  await using server = new FakeBatch();
  const dispatcher = dispatcherOf(server);
  const first = await dispatcher.start(ORDER, never);
  const statuses = ["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING"];
  for (const status of statuses) {
    server.jobs[0]!.status = status;
    expect((await dispatcher.start(ORDER, never)).id).toBe(first.id);
  }
  for (const status of ["SUCCEEDED", "FAILED"]) {
    for (const job of server.jobs) job.status = status;
    await dispatcher.start(ORDER, never);
  }
  expect(server.jobs.length).toBe(3);
});

Deno.test("start() looks through all pages, and joins no job that was told to stop", async () => {
  await using server = new FakeBatch();
  const dispatcher = dispatcherOf(server);
  server.pageSize = 1;
  await dispatcher.start(ORDER, never);
  server.jobs[0]!.isTerminated = true;
  expect((await dispatcher.start(ORDER, never)).id).toBe("job-2");
  expect((await dispatcher.start(ORDER, never)).id).toBe("job-2");
  expect(server.jobs.length).toBe(2);
});

Deno.test("start() refuses to join workers of another configuration", async () => {
  await using server = new FakeBatch();
  await dispatcherOf(server).start(ORDER, never);
  const other = dispatcherOf(server, { jobDefinition: "uptake-worker:4" });
  expect((await failureOf(other.start(ORDER, never))).message).toMatch(
    /^Cannot submit the job uptake-[0-9a-f]{12} to the queue uptake-gpu: job job-1 of that name works with another configuration .*cancel it first$/,
  );
});

Deno.test("start() looks again before it submits again, and so finds a job whose answer was lost", async () => {
  await using server = new FakeBatch();
  server.planned.push(() => undefined, (body) => {
    server.submit(body);
    return refuse(500, "ServerException", "the answer was lost");
  });
  expect((await dispatcherOf(server).start(ORDER, never)).id).toBe("job-1");
  expect(server.operations)
    .toEqual(["listjobs", "submitjob", "listjobs", "describejobs"]);
});

Deno.test("start() submits once when the connection breaks after the request", async () => {
  await using server = new FakeBatch();
  await using proxy = new FaultProxy(server.url);
  const dispatcher = dispatcherOf({ url: proxy.endpoint });
  proxy.plan({ kind: "pass" }, { kind: "loseAnswer" });
  expect((await dispatcher.start(ORDER, never)).id).toBe("job-1");
  expect(server.jobs.length).toBe(1);
});

Deno.test("start() tries again what may pass, and tells what will not in the server's words", async () => {
  await using server = new FakeBatch();
  for (
    const [status, name] of [
      [503, "ServiceUnavailable"],
      [429, "TooManyRequestsException"],
      [400, "ThrottlingException"],
    ] as const
  ) {
    server.jobs.length = 0;
    const busy = () => refuse(status, name, "later");
    server.planned.push(busy, busy);
    await dispatcherOf(server).start(ORDER, never);
    expect(server.jobs.length).toBe(1);
  }
  server.jobs.length = 0;
  server.requests.length = 0;
  server.planned.push(() =>
    refuse(403, "AccessDeniedException", "not authorized to perform ListJobs")
  );
  const failure = await failureOf(dispatcherOf(server).start(ORDER, never));
  expect(failure.message).toMatch(
    /^Cannot submit the job .*: not authorized to perform ListJobs \(AccessDeniedException\)$/,
  );
  expect(Deno.inspect(failure, { depth: 10 })).not.toContain(SECRET);
  expect(server.operations).toEqual(["listjobs"]);
});

Deno.test("ended() looks at the job until all its workers have ended", async () => {
  await using server = new FakeBatch();
  let sleeps = 0;
  const clock = fakeClock(() => {
    if (++sleeps < 3) return;
    Object.assign(server.jobs[0]!, {
      status: "SUCCEEDED",
      arrayProperties: { size: 3, statusSummary: { SUCCEEDED: 3 } },
    });
  });
  const dispatched = await dispatcherOf(server, { clock }).start(ORDER, never);
  expect(await dispatched.ended(never)).toEqual({
    ok: true,
    detail:
      "the AWS Batch job job-1 succeeded; workers succeeded: 3, failed: 0, of 3",
  });
  expect(clock.sleptMs).toEqual([20_000, 20_000, 20_000]);
});

Deno.test("ended() tells how many workers failed, and why", async () => {
  await using server = new FakeBatch();
  const dispatched = await dispatcherOf(server).start(ORDER, never);
  Object.assign(server.jobs[0]!, {
    status: "FAILED",
    statusReason: "Array Child Job failed",
    arrayProperties: { size: 3, statusSummary: { SUCCEEDED: 2, FAILED: 1 } },
  });
  expect(await dispatched.ended(never)).toEqual({
    ok: false,
    detail:
      "the AWS Batch job job-1 failed (Array Child Job failed); workers succeeded: 2, failed: 1, of 3",
  });
});

Deno.test("ended() tells how a plain job ended, and that one was forgotten", async () => {
  await using server = new FakeBatch();
  const dispatcher = dispatcherOf(server);
  const dispatched = await dispatcher.start({ ...ORDER, workers: 1 }, never);
  server.jobs[0]!.status = "FAILED";
  expect(await dispatched.ended(never))
    .toEqual({ ok: false, detail: "the AWS Batch job job-1 failed" });
  server.jobs.length = 0;
  expect(await dispatched.ended(never))
    .toEqual({ ok: false, detail: "AWS Batch knows no job job-1" });
});

Deno.test("ended() stops looking when its signal says so", async () => {
  await using server = new FakeBatch();
  const controller = new AbortController();
  const reason = new Error("enough");
  const clock = fakeClock(() => controller.abort(reason));
  const dispatched = await dispatcherOf(server, { clock }).start(ORDER, never);
  await expect(dispatched.ended(controller.signal)).rejects.toBe(reason);
});

Deno.test("stop() terminates the job and says who did", async () => {
  await using server = new FakeBatch();
  const dispatched = await dispatcherOf(server).start(ORDER, never);
  await dispatched.stop();
  expect(server.requests.at(-1)).toEqual([
    "terminatejob",
    { jobId: "job-1", reason: "Stopped by uptake" },
  ]);
});
