/**
 * `uptake reevaluate`: every registered checkpoint on every dataset, compared with those before it.
 * @module
 */
import type { DispatchConfig } from "../../shared/dispatch/dispatch_config.ts";
import { readDispatchConfig } from "../batch/plan_runs.ts";
import type { Context, Outcome } from "../cli/context.ts";
import { asUsage, UsageError } from "../cli/usage_error.ts";
import { verb } from "../cli/verb.ts";
import {
  every,
  type NextTime,
  readPattern,
} from "../evaluation/reevaluate/every.ts";
import {
  type Night,
  reevaluate as reevaluateOnce,
} from "../evaluation/reevaluate/night.ts";
import { nightJson } from "../evaluation/reevaluate/night_json.ts";
import {
  type NightOptions,
  nightOptionsSchema,
} from "../evaluation/reevaluate/night_options.ts";
import { nightText } from "../evaluation/reevaluate/night_text.ts";
import {
  keepSchedule,
  type KeptSchedule,
  type ScheduleOptions,
} from "../evaluation/reevaluate/keep_schedule.ts";
import { openDatasets } from "../evaluation/reevaluate/open_datasets.ts";
import { lookAhead, mayBeWhole } from "../evaluation/reevaluate/outlook.ts";
import {
  outlookJson,
  outlookText,
} from "../evaluation/reevaluate/outlook_text.ts";
import { requireRegistered } from "../evaluation/reevaluate/registered.ts";
import { readTimesElsewhere } from "../evaluation/reevaluate/times_elsewhere.ts";
import {
  postWebhook,
  WEBHOOK_TOKEN_VARIABLE,
  webhookMessage,
} from "../evaluation/reevaluate/webhook.ts";

export const reevaluate = verb({
  name: "reevaluate",
  summary: "Evaluate every checkpoint on every dataset, and compare them",
  details: `
Every checkpoint of <home>/checkpoints (\`uptake register\`) is evaluated on every dataset
whose files have changed since, or on which it was not evaluated with these options; what
is known is skipped, and what was begun is gone on with. On its training dataset a
checkpoint gets its own fold's validation cases only (card: training.dataset), elsewhere
all labelled ones; where its card does not tell, it may have seen these.

Each is compared with its predecessor (registered before it, same family and fold) and
with the best of its family and of its own fold (highest mean Dice, a miss counting 0),
case by case: worse means that the 95 % interval of the mean Dice difference lies below 0.
No verdict is made of fewer than two cases. Records are in <home>/evaluations,
<home>/comparisons and <home>/runs.

A case that failed is told each night. Where it may pass (engine, outOfMemory, timeout,
workerDied, storage), the next nights try it again, until it has failed three times; the
others wait for \`uptake retry --failed\`.

Exit code 4 as long as the newest checkpoint of a family and fold is worse on some dataset
than its predecessor or than the best of its own fold; that another fold is better alarms
nobody. Else 3 when cases failed or are missing or a dataset, record or checkpoint cannot
be read; so does --dry-run where a night is bound to. 2 where no checkpoint is registered:
then nothing is written. --webhook tells of code 4, each night that it stands; that it
cannot be reached is said and changes no exit code.

With --every the process stays, says each night's table on stderr, and goes on after a
night that failed. <home>/schedules tells its next and last time, for the dashboard. A
CronJob, EventBridge or cron that starts a process each time tells it by --schedule.

Examples:
  uptake reevaluate --home s3://bucket/home --datasets s3://bucket/a s3://bucket/b
  uptake reevaluate --home results/ --datasets scans/ --every "0 2 * * *" --time-zone Europe/Berlin
  uptake reevaluate --home results/ --datasets scans/ --schedule "0 2 * * *" --name nightly`,
  options: nightOptionsSchema,
  async run(options, context) {
    const config = await readDispatchConfig(options, context);
    const times = await readTimes(options, context);
    const home = context.open(options.home);
    await requireRegistered(home, context.signal);
    // Refuses a name that cannot be; writes nothing yet.
    const schedule = times && await keep(times, options, context);
    if (options.dryRun) {
      const outlook = await lookAhead(home, options, context);
      return {
        exitCode: mayBeWhole(outlook) ? 0 : 3,
        json: outlookJson(outlook),
        text: outlookText(outlook),
      };
    }
    const night = () => once(options, config, context);
    if (schedule === null) return await night();
    return times?.keptBy === "process"
      ? await stay(times.nextTime, schedule, night, context)
      : await schedule.during(night);
  },
});

type DoNight = () => Promise<Outcome>;

/** When it is to be done: this process knows its times, those of another program may be beyond it. */
type Times =
  & Pick<ScheduleOptions, "cron">
  & (
    | { readonly keptBy: "process"; readonly nextTime: NextTime }
    | { readonly keptBy: "elsewhere"; readonly nextTime: NextTime | null }
  );

/** @returns null where it is done once, and nobody is told when again. */
async function readTimes(
  { every: pattern, schedule, timeZone }: NightOptions,
  { say }: Context,
): Promise<Times | null> {
  if (pattern !== undefined && schedule !== undefined) {
    throw new UsageError(
      "--every stays and --schedule does not: give one of them",
    );
  }
  if (pattern !== undefined) {
    const nextTime = await asUsage(() => readPattern(pattern, timeZone));
    return { keptBy: "process", cron: pattern, nextTime };
  }
  if (schedule === undefined) return null;
  let nextTime: NextTime | null = null;
  try {
    nextTime = readTimesElsewhere(schedule, timeZone);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // Who started this has understood them.
    say(`The dashboard will show no next time: ${error.message}`);
  }
  return { keptBy: "elsewhere", cron: schedule, nextTime };
}

/** A night at each of the times. */
async function stay(
  next: NextTime,
  schedule: KeptSchedule,
  night: DoNight,
  { signal, say }: Context,
): Promise<Outcome> {
  const tellNight = async () => say((await schedule.during(night)).text);
  try {
    await every(tellNight, { next, signal, say, onNext: schedule.next });
  } finally {
    await schedule.next(null);
  }
  return { exitCode: 0, json: {}, text: "No further time will come" };
}

async function keep(
  times: Times,
  { home, name, timeZone, datasets }: NightOptions,
  { open, say }: Context,
): Promise<KeptSchedule> {
  return await asUsage(() =>
    keepSchedule(open(home), {
      ...times,
      name,
      timeZone,
      datasets: openDatasets(datasets, { open }).map(({ location }) =>
        location
      ),
    }, say)
  );
}

async function once(
  options: NightOptions,
  config: DispatchConfig | undefined,
  context: Context,
): Promise<Outcome> {
  const end = await reevaluateOnce(options, config, context);
  const alarms = end.comparisons.filter(({ isAlarm }) => isAlarm);
  let webhook: "sent" | "failed" | null = null;
  if (options.webhook !== undefined && alarms.length > 0) {
    const problem = await postWebhook(webhookMessage(alarms), {
      url: options.webhook,
      token: context.readVariable(WEBHOOK_TOKEN_VARIABLE),
      signal: context.signal,
    });
    if (problem !== null) context.say(`The webhook failed: ${problem}`);
    webhook = problem === null ? "sent" : "failed";
  }
  return {
    exitCode: alarms.length > 0 ? 4 : isWhole(end) ? 0 : 3,
    json: { ...nightJson(end), webhook },
    text: nightText(end),
  };
}

function isWhole({ evaluated, problems }: Night): boolean {
  return problems.length === 0 &&
    evaluated.every(({ summary: { coverage } }) =>
      coverage.done === coverage.expected
    );
}
