import { expect } from "@std/expect";
import {
  type KubernetesConfig,
  kubernetesConfigSchema,
} from "../../../../shared/dispatch/dispatch_config.ts";
import type { WorkOrder } from "../../../../shared/dispatch/dispatcher.ts";
import { kubernetesAccess } from "../../../../shared/dispatch/kubernetes/access.ts";
import { jobsApi } from "../../../../shared/dispatch/kubernetes/api.ts";
import { createKubernetesDispatcher } from "../../../../shared/dispatch/kubernetes/dispatcher.ts";
import { type FakeClock, fakeClock } from "../../../support/fake_clock.ts";
import { FakeKubernetes, status } from "../../../support/fake_kubernetes.ts";
import { FaultProxy } from "../../../support/fault_proxy.ts";
import { withFolder } from "../../../support/temporary_folder.ts";

const ORDER: WorkOrder = {
  runs: ["s3://bucket/home/runs/20261124T093015Z-4f2a9c"],
  workers: 4,
  sharded: false,
};
const JOBS = "/apis/batch/v1/namespaces/uptake-jobs/jobs";
const CHECK = `POST ${JOBS}?dryRun=All&fieldValidation=Strict`;
const CREATE = `POST ${JOBS}?fieldValidation=Strict`;
const RETRY = { attempts: 3, minDelayMs: 1, maxDelayMs: 2 };
const never = new AbortController().signal;

const complete = { type: "Complete", status: "True" };
const failedIndexes = {
  type: "Failed",
  status: "True",
  reason: "FailedIndexes",
  message: "Job has failed indexes",
};

function dispatcherOf(
  { url }: { readonly url: string },
  { clock = fakeClock(), ...fields }: Partial<KubernetesConfig> & {
    readonly clock?: FakeClock;
  } = {},
) {
  const config = kubernetesConfigSchema.parse({
    dispatch: "kubernetes",
    image: `registry.example.org/uptake@sha256:${"0f".repeat(32)}`,
    apiServer: url,
    ...fields,
  });
  const access = kubernetesAccess(config, () => undefined);
  const api = jobsApi(access, config.namespace, RETRY);
  return createKubernetesDispatcher(config, { api, clock });
}

async function failureOf(call: Promise<unknown>): Promise<Error> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("it did not fail");
}

Deno.test("start() lets the server check the Job before it is created", async () => {
  await using server = new FakeKubernetes();
  const dispatched = await dispatcherOf(server).start(ORDER, never);
  expect(server.lines).toEqual([CHECK, CREATE]);
  expect(server.requests[0]?.body).toEqual(server.requests[1]?.body);
  const { name } = server.job.metadata;
  expect(dispatched.id).toBe(`uptake-jobs/${name}`);
  expect(dispatched.description)
    .toBe(`Kubernetes Job uptake-jobs/${name} with 4 workers`);
  expect(server.requests[0]?.authorization).toBe(null);
});

Deno.test("start() creates nothing when the server refuses the check", async () => {
  await using server = new FakeKubernetes();
  server.planned.push(() =>
    status(
      422,
      "Invalid",
      'Job.batch "x" is invalid: spec.maxFailedIndexes: Invalid value',
    )
  );
  const failure = await failureOf(dispatcherOf(server).start(ORDER, never));
  expect(failure.message).toMatch(
    /^Cannot check the Job uptake-jobs\/uptake-[0-9a-f]{12}: Job\.batch "x" is invalid: spec\.maxFailedIndexes: Invalid value \(422 Invalid\)$/,
  );
  expect(server.lines).toEqual([CHECK]);
});

Deno.test("start() tells of unknown fields and missing rights in the server's words", async () => {
  await using server = new FakeKubernetes();
  for (
    const [code, reason, message] of [
      [400, "BadRequest", 'strict decoding error: unknown field "spec.foo"'],
      [403, "Forbidden", 'User "me" cannot create resource "jobs"'],
      [401, "Unauthorized", "Unauthorized"],
    ] as const
  ) {
    server.planned.push(() => status(code, reason, message));
    const failure = await failureOf(dispatcherOf(server).start(ORDER, never));
    expect(failure.message).toContain(`: ${message} (${code} ${reason})`);
  }
  server.planned.push(() => new Response("<html>", { status: 404 }));
  expect((await failureOf(dispatcherOf(server).start(ORDER, never))).message)
    .toContain("the API server refuses (404)");
  expect(server.jobs.size).toBe(0);
});

Deno.test("start() survives errors that pass, twice", async () => {
  await using server = new FakeKubernetes();
  for (const code of [429, 500, 503, 504]) {
    server.jobs.clear();
    const busy = () => status(code, "Busy", "later");
    server.planned.push(busy, busy);
    await dispatcherOf(server).start(ORDER, never);
    expect(server.jobs.size).toBe(1);
  }
  const busy = () => status(503, "Busy", "later");
  server.planned.push(busy, busy, busy);
  expect((await failureOf(dispatcherOf(server).start(ORDER, never))).message)
    .toContain("later (503 Busy)");
});

Deno.test("start() tries again when no answer comes, and tells so at last", async () => {
  await using server = new FakeKubernetes();
  await using proxy = new FaultProxy(server.url);
  const dispatcher = dispatcherOf({ url: proxy.endpoint });
  const cut = { kind: "cutAnswer", afterBytes: 100 } as const;
  proxy.plan({ kind: "reset" }, cut, { kind: "pass" }, { kind: "loseAnswer" });
  await dispatcher.start(ORDER, never);
  expect(server.jobs.size).toBe(1);

  await proxy.down();
  const failure = await failureOf(dispatcher.start(ORDER, never));
  proxy.up();
  expect(failure.message).toMatch(
    /^Cannot check the Job uptake-jobs\/.*: no answer from the API server \(.*refused/,
  );
});

Deno.test("start() does not follow a redirect, which would take the token along", async () => {
  await using server = new FakeKubernetes();
  server.planned.push(() =>
    new Response(null, { status: 307, headers: { location: "/elsewhere" } })
  );
  const failure = await failureOf(dispatcherOf(server).start(ORDER, never));
  expect(failure.message).toContain("(307)");
  expect(server.requests.length).toBe(1);
});

Deno.test("start() twice makes one Job", async () => {
  await using server = new FakeKubernetes();
  const first = await dispatcherOf(server).start(ORDER, never);
  const { uid } = server.job.metadata;
  const second = await dispatcherOf(server).start(ORDER, never);
  expect(second.id).toBe(first.id);
  expect(server.job.metadata.uid).toBe(uid);
  expect(server.lines.map((line) => line.split(" ")[0]))
    .toEqual(["POST", "POST", "POST", "GET"]);
});

Deno.test("start() finds its own Job when the answer to its creation was lost", async () => {
  await using server = new FakeKubernetes();
  server.planned.push(() => undefined, ({ body }) => {
    const job = structuredClone(body) as typeof server.job;
    server.jobs.set(job.metadata.name, {
      ...job,
      metadata: { ...job.metadata, uid: "stored" },
      status: {},
    });
    return status(504, "Timeout", "the answer was lost");
  });
  await dispatcherOf(server).start(ORDER, never);
  expect(server.job.metadata.uid).toBe("stored");
  expect(server.lines.length).toBe(4);
});

Deno.test("start() refuses to join workers of another configuration", async () => {
  await using server = new FakeKubernetes();
  await dispatcherOf(server).start(ORDER, never);
  const other = dispatcherOf(server, { memory: "8Gi" });
  expect((await failureOf(other.start(ORDER, never))).message).toContain(
    "workers of another configuration (image, resources, limits) are working on it; cancel them first",
  );
  expect(server.jobs.size).toBe(1);
});

Deno.test("start() neither joins nor replaces a Job that is not ours", async () => {
  await using server = new FakeKubernetes();
  await dispatcherOf(server).start(ORDER, never);
  server.job.status = { conditions: [complete] };
  for (const labels of [{}, { "uptake/run": "another" }]) {
    server.job.metadata.labels = labels;
    const failure = await failureOf(dispatcherOf(server).start(ORDER, never));
    expect(failure.message).toContain(
      "a Job of that name is there whose label",
    );
  }
  expect(server.jobs.size).toBe(1);
});

Deno.test("start() replaces a Job that has ended, whatever its configuration", async () => {
  await using server = new FakeKubernetes();
  await dispatcherOf(server).start(ORDER, never);
  const { name, uid } = server.job.metadata;
  server.job.status = { conditions: [failedIndexes] };
  server.requests.length = 0;
  await dispatcherOf(server, { memory: "8Gi" }).start(ORDER, never);
  expect(server.job.metadata.uid).not.toBe(uid);
  expect(server.lines).toEqual([
    CHECK,
    `GET ${JOBS}/${name}`,
    `DELETE ${JOBS}/${name}?propagationPolicy=Background`,
    CHECK,
    CREATE,
  ]);
});

Deno.test("start() waits until a deleted Job is gone, but not for ever", async () => {
  await using server = new FakeKubernetes();
  await dispatcherOf(server).start(ORDER, never);
  const { uid } = server.job.metadata;
  server.job.metadata.deletionTimestamp = "2026-11-24T09:30:15Z";
  let sleeps = 0;
  const clock = fakeClock(() => {
    if (++sleeps === 3) server.jobs.clear();
  });
  await dispatcherOf(server, { clock }).start(ORDER, never);
  expect(server.job.metadata.uid).not.toBe(uid);
  expect(clock.sleptMs).toEqual([1000, 1000, 1000]);

  server.job.metadata.deletionTimestamp = "2026-11-24T09:30:15Z";
  expect((await failureOf(dispatcherOf(server).start(ORDER, never))).message)
    .toContain("an earlier one of that name does not go away");
});

Deno.test("ended() looks at the Job until it is complete", async () => {
  await using server = new FakeKubernetes();
  let sleeps = 0;
  const clock = fakeClock(() => {
    server.job.status = ++sleeps < 3
      ? { conditions: [{ type: "SuccessCriteriaMet", status: "True" }] }
      : { conditions: [complete], completedIndexes: "0-3" };
  });
  const dispatched = await dispatcherOf(server, { clock }).start(ORDER, never);
  expect(await dispatched.ended(never)).toEqual({
    ok: true,
    detail: `the Job ${dispatched.id} is complete (completed workers: 0-3)`,
  });
  expect(clock.sleptMs).toEqual([10_000, 10_000, 10_000]);
});

Deno.test("ended() tells which workers failed and which did not", async () => {
  await using server = new FakeKubernetes();
  const dispatched = await dispatcherOf(server).start(ORDER, never);
  server.job.status = {
    conditions: [failedIndexes],
    completedIndexes: "0,2-3",
    failedIndexes: "1",
  };
  expect(await dispatched.ended(never)).toEqual({
    ok: false,
    detail:
      `the Job ${dispatched.id} failed (FailedIndexes: Job has failed indexes; completed workers: 0,2-3; failed workers: 1)`,
  });
});

Deno.test("ended() tells that the Job was deleted, or replaced by another", async () => {
  await using server = new FakeKubernetes();
  const dispatched = await dispatcherOf(server).start(ORDER, never);
  const deleted = {
    ok: false,
    detail: `the Job ${dispatched.id} was deleted`,
  };
  server.job.metadata.uid = "another";
  expect(await dispatched.ended(never)).toEqual(deleted);
  server.jobs.clear();
  expect(await dispatched.ended(never)).toEqual(deleted);
});

Deno.test("ended() stops looking when its signal says so", async () => {
  await using server = new FakeKubernetes();
  const controller = new AbortController();
  const reason = new Error("enough");
  const clock = fakeClock(() => controller.abort(reason));
  const dispatched = await dispatcherOf(server, { clock }).start(ORDER, never);
  await expect(dispatched.ended(controller.signal)).rejects.toBe(reason);
  expect(server.jobs.size).toBe(1);
});

Deno.test("stop() deletes the Job and its Pods, but not one that took its name", async () => {
  await using server = new FakeKubernetes();
  const dispatched = await dispatcherOf(server).start(ORDER, never);
  const { name } = server.job.metadata;
  await dispatched.stop();
  expect(server.jobs.size).toBe(0);
  expect(server.lines.at(-1))
    .toBe(`DELETE ${JOBS}/${name}?propagationPolicy=Background`);
  await dispatched.stop();

  await dispatcherOf(server).start(ORDER, never);
  await dispatched.stop();
  expect(server.jobs.size).toBe(1);
});

Deno.test("each request reads the token anew, and no error shows it", async () => {
  await withFolder(async (folder) => {
    await using server = new FakeKubernetes();
    const tokenFile = `${folder}/token`;
    await Deno.writeTextFile(tokenFile, "first-secret\n");
    server.planned.push(() => {
      Deno.writeTextFileSync(tokenFile, "second-secret\n");
      return undefined;
    }, () => status(403, "Forbidden", "no"));
    const dispatcher = dispatcherOf(server, { tokenFile });
    const failure = await failureOf(dispatcher.start(ORDER, never));
    expect(server.requests.map(({ authorization }) => authorization))
      .toEqual(["Bearer first-secret", "Bearer second-secret"]);
    expect(Deno.inspect(failure)).not.toContain("secret");

    for (const text of ["", "two-secret words", "a-secret\r\nx: y"]) {
      await Deno.writeTextFile(tokenFile, text);
      const failure = await failureOf(dispatcher.start(ORDER, never));
      expect(failure.message).toContain(
        `Cannot use the Kubernetes token in ${tokenFile}: it is empty, or no single word`,
      );
      expect(Deno.inspect(failure)).not.toContain("secret");
    }
    await Deno.remove(tokenFile);
    expect((await failureOf(dispatcher.start(ORDER, never))).message)
      .toContain(`Cannot read the Kubernetes token in ${tokenFile}: `);
    expect(server.requests.length).toBe(2);
  });
});
