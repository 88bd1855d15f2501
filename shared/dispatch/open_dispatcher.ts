/**
 * From a dispatcher's name to the dispatcher. Libraries of a scheduler are loaded only with it.
 * @module
 */
import type { ReadVariable } from "../storage/s3_settings.ts";
import type { DispatchConfig } from "./dispatch_config.ts";
import type { Dispatcher, DispatcherName } from "./dispatcher.ts";
import type { LocalOptions } from "./local/dispatcher.ts";

export interface DispatcherDeps {
  /** How workers start on this machine; the other dispatchers do not look at it. */
  readonly local: LocalOptions;
  readonly read: ReadVariable;
}

/**
 * Opens a dispatcher. Nothing is started or reached yet.
 *
 * @param config what `--dispatch-config` holds; `local` takes none
 * @throws {RangeError} when configuration and name do not fit each other, or no cluster is named.
 */
export async function createDispatcher(
  name: DispatcherName,
  config: DispatchConfig | undefined,
  { local, read }: DispatcherDeps,
): Promise<Dispatcher> {
  if (name === "local") {
    if (config !== undefined) throw misfit(name, config);
    const { createLocalDispatcher } = await import("./local/dispatcher.ts");
    return createLocalDispatcher(local);
  }
  if (config === undefined) {
    throw new RangeError(
      `Cannot dispatch to ${name} without a dispatch configuration: it names where workers run`,
    );
  }
  if (config.dispatch !== name) throw misfit(name, config);
  if (config.dispatch === "kubernetes") {
    const [{ kubernetesAccess }, { jobsApi }, { createKubernetesDispatcher }] =
      await Promise.all([
        import("./kubernetes/access.ts"),
        import("./kubernetes/api.ts"),
        import("./kubernetes/dispatcher.ts"),
      ]);
    const access = kubernetesAccess(config, read);
    return createKubernetesDispatcher(config, {
      api: jobsApi(access, config.namespace),
    });
  }
  const [{ createBatchClient }, { createAwsBatchDispatcher }] = await Promise
    .all([
      import("./aws_batch/client.ts"),
      import("./aws_batch/dispatcher.ts"),
    ]);
  return createAwsBatchDispatcher(config, {
    batch: createBatchClient({ region: config.region }),
  });
}

function misfit(name: DispatcherName, { dispatch }: DispatchConfig) {
  return new RangeError(
    `Cannot dispatch to ${name}: the dispatch configuration is for ${dispatch}`,
  );
}
