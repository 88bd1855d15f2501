/**
 * All that the dashboard uses of the outside world, as plain arguments; `main.ts` makes it, tests fake it.
 * @module
 */
import type { Indexer } from "../shared/catalog/indexer.ts";
import type { Catalog } from "../shared/catalog/open_catalog.ts";
import type { Clock } from "../shared/dispatch/clock.ts";
import type { ObjectStore } from "../shared/storage/object_store.ts";
import type { Assets } from "./assets.ts";
import type { AuditLog } from "./audit/audit_log.ts";
import type { Auth } from "./auth/auth.ts";
import type { Freshness } from "./freshness.ts";
import type { Starts } from "./progress/starts.ts";
import type { Operations } from "../shared/dispatch/operations.ts";

export interface DashboardDeps {
  /** Where checkpoints, runs, tokens and the audit log are. */
  readonly home: ObjectStore;
  /** Opens the store that a record names. */
  open(location: string): ObjectStore;
  /** Under which locations files that records name are read, besides the home; null: wherever records say. */
  readonly readableRoots: readonly string[] | null;
  /** The index that pages read; it may lag behind the records. */
  readonly catalog: Catalog;
  /** Brings the index up to date: after a change, only the run that changed. */
  readonly indexer: Indexer;
  readonly freshness: Freshness;
  readonly starts: Starts;
  readonly auth: Auth;
  readonly audit: AuditLog;
  readonly assets: Assets;
  /** Planning, starting and registering, where whoever started the dashboard brought it along. */
  readonly operations?: Operations;
  /** Where browsers may reach it; the first is the one to tell people. */
  readonly origins: readonly string[];
  /** Whether the last address in `X-Forwarded-For` is whom a request comes from: a proxy stands in front. */
  readonly trustsProxy: boolean;
  /** What time it is. */
  readonly now: () => Date;
  readonly clock: Clock;
  /** A signal that is aborted once an answer has waited long enough for the index. */
  patience(): AbortSignal;
  /** Aborted when the dashboard is to end: streams of events end with it. */
  readonly signal: AbortSignal;
  /** One line for whoever runs the dashboard. */
  log(line: string): void;
}
