/** @module The thread that runs the network, and nothing else. */
import { transfer } from "comlink";
import type { EngineRef } from "../../../shared/runs/records.ts";
import {
  createNetworkWork,
  type NetworkSettings,
  type NetworkWork,
} from "../network_work.ts";
import { serve } from "../../../shared/thread.ts";

let work: NetworkWork | undefined;

function opened(): NetworkWork {
  if (work === undefined) throw new TypeError("The network thread is not open");
  return work;
}

const functions = {
  async open(settings: NetworkSettings): Promise<EngineRef> {
    work = await createNetworkWork(settings);
    return work.engine;
  },
  async segment(...args: Parameters<NetworkWork["segment"]>) {
    const found = await opened().segment(...args);
    const { mask, probabilities } = found;
    return transfer(
      found,
      [
        mask.buffer,
        ...probabilities === undefined ? [] : [probabilities.buffer],
      ],
    );
  },
  stop: () => opened().stop(),
  close: () => opened().close(),
};
export type NetworkThread = typeof functions;

serve(functions);
