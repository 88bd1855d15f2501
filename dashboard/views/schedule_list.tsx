/** @module The list of schedules. */
import type { Schedule } from "../../shared/runs/home/records.ts";
import {
  type Schedules,
  type ScheduleState,
  scheduleState,
} from "../submit/schedules.ts";
import { Empty } from "./message.tsx";
import { Name } from "./name.tsx";
import { readable } from "./names.ts";
import { timeText } from "./numbers.ts";

const STATES: Readonly<
  Record<ScheduleState, { readonly text: string; readonly tone: string }>
> = {
  waiting: { text: "Waiting", tone: "good" },
  running: { text: "Running", tone: "warn" },
  missed: { text: "Missed", tone: "bad" },
  overdue: { text: "Overdue", tone: "bad" },
  stopped: { text: "Stopped", tone: "muted" },
  unknown: { text: "Next time not known", tone: "muted" },
};

/** What to do about it. */
const ADVICE: Readonly<
  Partial<Record<ScheduleState, Record<Schedule["keptBy"], string>>>
> = {
  missed: {
    process: "Nothing began: its process is not there any more. Start it again",
    elsewhere:
      "Nothing began: look whether its CronJob or EventBridge schedule is switched off, or waits for a machine",
  },
  overdue: {
    process:
      "It has not ended by its next time: look whether its process is there",
    elsewhere:
      "It has not ended by its next time: look for its job, which may have been killed",
  },
};

/** Exit codes of `uptake reevaluate`. */
const ENDS: Readonly<
  Record<number, { readonly text: string; readonly tone: string }>
> = {
  0: { text: "Ended well", tone: "good" },
  3: { text: "Cases or datasets failed", tone: "warn" },
  4: { text: "A checkpoint is worse", tone: "bad" },
};

export function ScheduleList({ schedules, home, now }: {
  schedules: Schedules;
  home: string;
  now: Date;
}) {
  const { items, problems } = schedules;
  return (
    <>
      {items.length === 0
        ? (
          <Empty title="Nothing is done by the clock yet">
            <p>Every checkpoint is evaluated anew each night by</p>
            <pre>{`uptake reevaluate --home ${home} --datasets <dataset> --every "0 2 * * *"`}</pre>
            <p>
              Where a CronJob or EventBridge starts it instead, give it the same
              times with{" "}
              <code>--schedule</code>: it appears here after its first night.
            </p>
          </Empty>
        )
        : (
          <div class="table" tabindex={0} role="region" aria-label="Schedules">
            <table>
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col">State</th>
                  <th scope="col">Next (UTC)</th>
                  <th scope="col">Last began (UTC)</th>
                  <th scope="col">Last ended (UTC)</th>
                  <th scope="col">Datasets</th>
                </tr>
              </thead>
              <tbody>
                {items.map((item) => (
                  <ScheduleLine key={item.name} schedule={item} now={now} />
                ))}
              </tbody>
            </table>
          </div>
        )}
      {problems.map((problem) => <p key={problem} class="warn">{problem}</p>)}
    </>
  );
}

function ScheduleLine({ schedule, now }: { schedule: Schedule; now: Date }) {
  const { name, keptBy, cron, timeZone, datasets, nextAt } = schedule;
  const { lastStartedAt, lastEndedAt, lastExitCode } = schedule;
  const state = scheduleState(schedule, now);
  const { text, tone } = STATES[state];
  const advice = ADVICE[state]?.[keptBy];
  const end = lastExitCode === null
    ? null
    : ENDS[lastExitCode] ?? { text: `Failed (${lastExitCode})`, tone: "bad" };
  return (
    <tr>
      <th scope="row" class="name">
        <Name>{name}</Name>
        <span class="below">
          <code>{cron}</code> {timeZone}
        </span>
        {keptBy === "elsewhere" && (
          <span class="below">Started by another program</span>
        )}
      </th>
      <td>
        <span class={`badge ${tone}`}>{text}</span>
        {advice !== undefined && <span class="below">{advice}</span>}
      </td>
      <td>
        {timeText(nextAt)}
        {(state === "missed" || state === "overdue") && (
          <span class="below bad">Was due</span>
        )}
      </td>
      <td>{timeText(lastStartedAt)}</td>
      <td>
        {timeText(lastEndedAt)}
        {end !== null && <span class={`below ${end.tone}`}>{end.text}</span>}
      </td>
      <td class="name">
        {datasets.map((location) => (
          <span key={location} class="below">
            <Name>{readable(location)}</Name>
          </span>
        ))}
      </td>
    </tr>
  );
}
