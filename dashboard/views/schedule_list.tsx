/** @module The list of schedules. */
import type { Schedule } from "../../shared/runs/home/records.ts";
import {
  type ScheduleListing,
  type Schedules,
  type ScheduleState,
  scheduleState,
} from "../submit/schedules.ts";
import { Choice, Filters, Search, SortHead } from "./list.tsx";
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

/** So many are seen at once. */
const FEW = 3;

export function ScheduleList({ total, schedules, listing, home, now }: {
  /** Of all that there are. */
  total: number;
  /** Those asked for. */
  schedules: Schedules;
  listing: ScheduleListing;
  home: string;
  now: Date;
}) {
  const { items, problems } = schedules;
  const { state, search } = listing;
  const isNarrowed = state !== undefined || search !== undefined;
  const head = { path: "/schedules", query: listing, sorting: listing };
  return (
    <>
      {(total > FEW || isNarrowed) && <ScheduleFilters listing={listing} />}
      {total === 0
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
        : items.length === 0
        ? (
          <Empty title="No schedule matches">
            <p>
              <a href="/schedules">Show all schedules</a>
            </p>
          </Empty>
        )
        : (
          <div class="table" tabindex={0} role="region" aria-label="Schedules">
            <table>
              <thead>
                <tr>
                  <SortHead
                    {...head}
                    by="name"
                    first="ascending"
                    number={false}
                  >
                    Name
                  </SortHead>
                  <th scope="col">State</th>
                  <SortHead
                    {...head}
                    by="nextAt"
                    first="ascending"
                    number={false}
                  >
                    Next (UTC)
                  </SortHead>
                  <SortHead {...head} by="lastStartedAt" number={false}>
                    Last began (UTC)
                  </SortHead>
                  <SortHead {...head} by="lastEndedAt" number={false}>
                    Last ended (UTC)
                  </SortHead>
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

function ScheduleFilters(
  { listing: { state, search, sort, direction } }: { listing: ScheduleListing },
) {
  return (
    <Filters path="/schedules" keep={{ sort, direction }}>
      <Search value={search} label="Search" placeholder="Name or dataset" />
      <Choice
        name="state"
        label="State"
        value={state}
        options={[
          { value: "", name: "All" },
          ...Object.entries(STATES).map(([value, { text }]) => ({
            value,
            name: text,
          })),
        ]}
      />
    </Filters>
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
