/**
 * Where the computing of a worker happens: one thread runs the network, another does everything
 * around it, and the caller's thread is free to move bytes, renew claims and hear signals. So the
 * next case is prepared and the last one measured while the network is busy.
 * @module
 */
import { proxy, transfer } from "comlink";
import type { EngineRef } from "../../shared/runs/records.ts";
import type { CaseSettings, CaseWork } from "./case_work.ts";
import type { NetworkSettings, NetworkWork } from "./network_work.ts";
import type { CaseThread } from "./threads/case_thread.ts";
import type { NetworkThread } from "./threads/network_thread.ts";
import { openThread } from "../../shared/thread.ts";

/** Arrays that are given to it or come from it change hands: the giver cannot use them afterwards. */
export interface Compute {
  readonly engine: EngineRef;
  readonly cases: {
    readonly prepare: CaseWork["prepare"];
    readonly finish: CaseWork["finish"];
    drop(caseId: string): Promise<void>;
  };
  /** @throws the signal's reason, at the next window once it is aborted. */
  segment(
    signal: AbortSignal,
    ...args: Parameters<NetworkWork["segment"]>
  ): ReturnType<NetworkWork["segment"]>;
  close(): Promise<void>;
}

/**
 * Starts both threads.
 *
 * @throws {CaseError} kind `engine`, `outOfMemory` or `model` when the network cannot run here.
 */
export async function openCompute(
  caseSettings: CaseSettings,
  networkSettings: NetworkSettings,
): Promise<Compute> {
  const module = (name: string) =>
    new URL(`./threads/${name}_thread.ts`, import.meta.url);
  const cases = openThread<CaseThread>(module("case"), "case");
  const network = openThread<NetworkThread>(module("network"), "network");
  const terminate = () => {
    cases.close();
    network.close();
  };
  let engine: EngineRef;
  try {
    const files = networkSettings.checkpoints.map(({ buffer }) => buffer);
    [engine] = await Promise.all([
      network.call(network.remote.open(transfer(networkSettings, files))),
      cases.call(cases.remote.open(caseSettings)),
    ]);
  } catch (error) {
    terminate();
    throw error;
  }
  return {
    engine,
    cases: {
      prepare: (item, files) => {
        const buffers = files.images.map(({ buffer }) => buffer);
        if (files.label !== undefined) buffers.push(files.label.buffer);
        return cases.call(cases.remote.prepare(item, transfer(files, buffers)));
      },
      finish: (item, { mask, probabilities }) => {
        const found = { mask, probabilities };
        const buffers: ArrayBuffer[] = [mask.buffer];
        if (probabilities !== undefined) buffers.push(probabilities.buffer);
        return cases.call(cases.remote.finish(item, transfer(found, buffers)));
      },
      drop: (caseId) => cases.call(cases.remote.drop(caseId)),
    },
    async segment(signal, caseId, prepared, onWindow) {
      signal.throwIfAborted();
      const stop = () => void network.remote.stop();
      signal.addEventListener("abort", stop);
      try {
        const buffers = prepared.channels.map(({ buffer }) => buffer);
        return await network.call(
          network.remote.segment(
            caseId,
            transfer(prepared, buffers),
            proxy(onWindow),
          ),
        );
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      } finally {
        signal.removeEventListener("abort", stop);
      }
    },
    async close() {
      try {
        await network.call(network.remote.close());
      } finally {
        terminate();
      }
    },
  };
}
