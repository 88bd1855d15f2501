/**
 * Records of a home that only the dashboard makes, and of which no line of the audit log tells: somebody removed
 * the line, or made them in another way.
 * @module
 */
import { REVIEWS } from "../../shared/runs/reviews.ts";
import { runFolder } from "../../shared/runs/home/keys.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import type { AuditEntry } from "./entry.ts";

const TOKENS = "tokens/";
/** By so much a review may be older than the line that tells of it, with the clocks of several machines. */
const LATE_MS = 3_600_000;

export interface UnloggedSearch {
  /** Takes a line of the log. */
  read(entry: AuditEntry): void;
  /** Once all lines are read: sentences, none where every record has its line. */
  problems(): Promise<string[]>;
}

/** To be called before the log is read: what is made meanwhile is no problem. */
export async function searchUnlogged(
  home: ObjectStore,
): Promise<UnloggedSearch> {
  const before = await tokensOf(home);
  const made = new Set<string>();
  const revoked = new Set<string>();
  let firstMs = Infinity;
  return {
    read({ at, method, details }) {
      firstMs = Math.min(firstMs, Date.parse(at));
      if (details?.token === undefined) return;
      if (method === "--create-token") made.add(details.token);
      if (method === "--revoke-token") revoked.add(details.token);
    },
    async problems() {
      const now = await tokensOf(home);
      const isGone = (id: string) =>
        !before.has(id) && !now.has(id) && !revoked.has(id);
      return [
        ...[...before].filter((id) => !made.has(id)).map((id) =>
          `Token ${id} is there, and no line tells who made it`
        ),
        ...[...made].filter(isGone).map((id) =>
          `Token ${id} is gone, and no line tells who revoked it`
        ),
        ...await reviewsBefore(home, firstMs - LATE_MS),
      ];
    },
  };
}

async function tokensOf(home: ObjectStore): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const { key } of home.list(TOKENS)) {
    const id = /^tokens\/([0-9a-f]{16})\.json$/.exec(key)?.[1];
    if (id !== undefined) ids.add(id);
  }
  return ids;
}

async function reviewsBefore(
  home: ObjectStore,
  timeMs: number,
): Promise<string[]> {
  const problems: string[] = [];
  for await (const runId of home.folders("runs/")) {
    let count = 0;
    for await (const { key } of home.list(`${runFolder(runId)}/${REVIEWS}`)) {
      if (reviewedAtMs(key) < timeMs) count++;
    }
    if (count > 0) {
      problems.push(
        `Run ${runId} has ${count} ${
          count === 1 ? "review" : "reviews"
        } from before the first line`,
      );
    }
  }
  return problems;
}

/** By the name of its file; NaN for the name of anything else. */
function reviewedAtMs(key: string): number {
  const time = key.slice(key.lastIndexOf("/") + 1).replace(
    /^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\d\.\d{3}Z)-.*$/,
    "$1-$2-$3:$4:$5",
  );
  return Date.parse(time);
}
