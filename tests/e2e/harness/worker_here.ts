/**
 * A worker in this process, whose store gives up and tries again quickly.
 * @module
 */
import { runCommandLine } from "../../../jobs/cli/command_line.ts";
import { VERBS } from "../../../jobs/commands/verbs.ts";
import { parseLocation } from "../../../shared/storage/location.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { openStore } from "../../../shared/storage/open_store.ts";
import {
  readS3Settings,
  type S3Settings,
} from "../../../shared/storage/s3_settings.ts";
import { S3Store } from "../../../shared/storage/s3_store.ts";
import { fakeContext } from "../../support/command_line.ts";
import type { History } from "./history.ts";
import type { Scene } from "./scene.ts";

const QUICK: Partial<S3Settings> = {
  retry: { attempts: 8, minDelayMs: 5, maxDelayMs: 100 },
  idleTimeoutMs: 400,
};

export interface WorkerHere {
  readonly history: History;
  readonly args?: readonly string[];
  /** In front of the scene's server. */
  readonly endpoint?: string;
  readonly settings?: Partial<S3Settings>;
  /** Stands between the worker and a store. */
  readonly wrap?: (store: ObjectStore) => ObjectStore;
}

/** Runs `uptake work` on a scene's run and tells its exit code. */
export async function workHere(
  { place, location }: Scene,
  { history, args = [], endpoint, settings = {}, wrap = same }: WorkerHere,
): Promise<{ code: number; err: string }> {
  const open = (location: string) => {
    const parsed = parseLocation(location, place.cwd);
    if (parsed.kind === "file") return wrap(openStore(location));
    const { bucket, prefix } = parsed;
    const plain = readS3Settings((name) => place.env[name]);
    return wrap(
      new S3Store(bucket, prefix, {
        ...plain,
        ...QUICK,
        ...(endpoint !== undefined && { endpoint }),
        ...settings,
      }),
    );
  };
  const err: string[] = [];
  const context = fakeContext(place.cwd, {
    open,
    say: (line) => history.add(`the worker here says: ${line}`),
  });
  const code = await runCommandLine(
    VERBS,
    ["work", "--run", location, ...args],
    context,
    { out: () => {}, err: (text) => err.push(text) },
  );
  history.add(`the worker here ends with ${code} ${err.join("; ")}`);
  return { code, err: err.join("\n") };
}

function same(store: ObjectStore): ObjectStore {
  return store;
}
