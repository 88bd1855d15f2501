/**
 * What every run that is frozen in a night has in common.
 * @module
 */
import type { DispatchConfig } from "../../../shared/dispatch/dispatch_config.ts";
import type { Coordination, EngineRef } from "../../../shared/runs/records.ts";
import { localEngine, remoteEngine } from "../../batch/run_engine.ts";
import { asUsage } from "../../cli/usage_error.ts";
import type { NightOptions } from "./night_options.ts";

/** How long a worker's claim holds without being renewed. */
const TERM_SECONDS = 120;

export interface RunSettings {
  readonly given: NightOptions;
  readonly engine: EngineRef;
  readonly coordination: Coordination;
  readonly config: DispatchConfig | undefined;
}

/**
 * @param isConditional whether the home can create objects conditionally
 * @throws {UsageError} when engine, device, threads and dispatch configuration do not go together.
 * @throws {CaseError} kind `engine` when this machine lacks what was asked for.
 */
export async function openRunSettings(
  given: NightOptions,
  config: DispatchConfig | undefined,
  isConditional: boolean,
): Promise<RunSettings> {
  const engine = config === undefined
    ? await asUsage(() => localEngine(given, given.workers))
    : await asUsage(() => remoteEngine(given, config));
  const coordination: Coordination = isConditional
    ? { kind: "claims", termSeconds: TERM_SECONDS }
    : { kind: "shards", count: given.workers };
  return { given, engine, coordination, config };
}
