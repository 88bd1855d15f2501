/** @module The record of what is done at certain times. */
import { expect } from "@std/expect";
import { ExitError } from "../../../../jobs/cli/exit_error.ts";
import { UsageError } from "../../../../jobs/cli/usage_error.ts";
import { keepSchedule } from "../../../../jobs/evaluation/reevaluate/keep_schedule.ts";
import { scheduleSchema } from "../../../../shared/runs/home/records.ts";
import { readRecord } from "../../../../shared/runs/record_io.ts";
import { memoryStore, stepped } from "../../../support/memory_store.ts";

const plan = {
  name: "nightly",
  cron: "0 2 * * *",
  timeZone: "UTC",
  datasets: ["s3://bucket/a"],
  keptBy: "process",
} as const;

const nextTime = () => new Date("2026-11-25T02:00:00Z");
const options = { ...plan, datasets: [...plan.datasets], nextTime };

/** Each look at it is an hour later. */
function hours() {
  let hour = 0;
  return () => new Date(Date.UTC(2026, 10, 24, hour++));
}

Deno.test("keepSchedule() tells the next time, the last one and how it ended, also after a restart", async () => {
  const home = memoryStore();
  const read = () => readRecord(home, "schedules/nightly.json", scheduleSchema);
  const kept = await keepSchedule(home, options, () => {}, hours());
  await kept.next(new Date("2026-11-25T02:00:00Z"));
  expect(await read()).toEqual({
    format: 1,
    ...plan,
    nextAt: "2026-11-25T02:00:00.000Z",
    lastStartedAt: null,
    lastEndedAt: null,
    lastExitCode: null,
  });
  await kept.during(async () => {
    expect(await read()).toMatchObject({
      lastStartedAt: "2026-11-24T00:00:00.000Z",
      lastEndedAt: null,
    });
    return { exitCode: 4 };
  });
  const ended = {
    lastStartedAt: "2026-11-24T00:00:00.000Z",
    lastEndedAt: "2026-11-24T01:00:00.000Z",
    lastExitCode: 4,
  };
  expect(await read()).toMatchObject(ended);
  const again = await keepSchedule(home, options, () => {}, hours());
  await again.next(null);
  expect(await read()).toMatchObject({ ...ended, nextAt: null });
});

Deno.test("keepSchedule() passes failures on, with their exit code or 1", async () => {
  const home = memoryStore();
  const kept = await keepSchedule(home, options, () => {});
  for (
    const [error, code] of [
      [new ExitError(3, "some failed"), 3],
      [new UsageError("no such folder"), 2],
      [new RangeError("no store"), 1],
    ] as const
  ) {
    const work = kept.during(() => Promise.reject(error));
    await expect(work).rejects.toBe(error);
    const record = await readRecord(
      home,
      "schedules/nightly.json",
      scheduleSchema,
    );
    expect(record?.lastExitCode).toBe(code);
  }
});

Deno.test("keepSchedule() says what cannot be read or written, and goes on", async () => {
  const broken = stepped(
    memoryStore(),
    () => Promise.reject(new Error("the store is away")),
  );
  const said: string[] = [];
  const kept = await keepSchedule(broken, options, (line) => said.push(line));
  let isDone = false;
  await kept.during(() => {
    isDone = true;
    return Promise.resolve({ exitCode: 0 });
  });
  expect(isDone).toBe(true);
  expect(said).toHaveLength(3);
  expect(said[0]).toBe(
    "The schedule memory://store/schedules/nightly.json: the store is away",
  );
});

Deno.test("keepSchedule() makes a name of the times and datasets, and refuses what is none", async () => {
  const home = memoryStore();
  for (
    const change of [{}, { datasets: ["s3://bucket/b"] }, {
      cron: "*/5 * * * *",
    }]
  ) {
    const kept = await keepSchedule(
      home,
      { ...options, name: undefined, ...change },
      () => {},
    );
    await kept.next(null);
  }
  const keys = await Array.fromAsync(home.list("schedules/"));
  expect(keys.map(({ key }) => key.replace(/-[0-9a-f]{8}\.json$/, ""))).toEqual(
    [
      "schedules/0-2-x-x-x",
      "schedules/0-2-x-x-x",
      "schedules/x-5-x-x-x-x",
    ],
  );
  await expect(keepSchedule(home, { ...options, name: "../a" }, () => {}))
    .rejects
    .toThrow('Cannot call a schedule "../a": a name has');
});

Deno.test("keepSchedule() tells the next time already while it is being done, or that none is known", async () => {
  for (
    const [next, told] of [
      [nextTime, "2026-11-25T02:00:00.000Z"],
      [null, null],
    ] as const
  ) {
    const home = memoryStore();
    const kept = await keepSchedule(
      home,
      { ...options, keptBy: "elsewhere", nextTime: next },
      () => {},
      hours(),
    );
    const read = () =>
      readRecord(home, "schedules/nightly.json", scheduleSchema);
    const ended = await kept.during(async () => {
      expect(await read()).toMatchObject({
        keptBy: "elsewhere",
        nextAt: told,
        lastEndedAt: null,
      });
      return { exitCode: 0, text: "well" };
    });
    expect(ended.text).toBe("well");
    expect(await read()).toMatchObject({ nextAt: told, lastExitCode: 0 });
  }
});

Deno.test("a schedule that was recorded before others could keep one is a process's", () => {
  const { keptBy: _, ...old } = plan;
  const record = scheduleSchema.parse({
    format: 1,
    ...old,
    nextAt: null,
    lastStartedAt: null,
    lastEndedAt: null,
    lastExitCode: null,
  });
  expect(record.keptBy).toBe("process");
});
