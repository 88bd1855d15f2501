/**
 * The engine that a run freezes: found out here where workers run on this machine, told by the options
 * where they run elsewhere.
 * @module
 */
import { chooseEngine } from "../../shared/engine/choose.ts";
import type { DispatchConfig } from "../../shared/dispatch/dispatch_config.ts";
import type { EngineRef } from "../../shared/runs/records.ts";
import type { GivenSegmentOptions } from "../cli/segment_options.ts";
import { UsageError } from "../cli/usage_error.ts";

type Asked = Pick<GivenSegmentOptions, "engine" | "device" | "threads">;

/**
 * For workers of this machine. Threads left open are the cores, shared among the workers: together
 * they then compute on every core once.
 *
 * @throws what {@linkcode chooseEngine} throws.
 */
export async function localEngine(
  { engine, device, threads }: Asked,
  workers: number,
): Promise<EngineRef> {
  const choose = (count?: number) =>
    chooseEngine({
      engine,
      device,
      ...(count === undefined ? {} : { threads: count }),
    });
  let chosen = await choose(threads === "auto" ? undefined : threads);
  const share = Math.max(1, Math.floor(chosen.threads / Math.max(1, workers)));
  const isShared = threads === "auto" && share < chosen.threads;
  if (isShared) chosen = await choose(share);
  const { name, version } = chosen;
  return { name, device: chosen.device, version, threads: chosen.threads };
}

/**
 * For workers elsewhere: with a GPU each they get ONNX Runtime on CUDA, without one on the CPU.
 *
 * @throws {UsageError} when options and configuration contradict each other.
 */
export function remoteEngine(
  { engine, device, threads }: Asked,
  config: DispatchConfig,
): EngineRef {
  const hasGpu = config.gpus > 0;
  const isTfjs = engine === "tfjs" ||
    (engine === "auto" && device === "tensorflow");
  const standard = isTfjs
    ? hasGpu ? "tensorflow" : "wasm"
    : hasGpu
    ? "cuda"
    : "cpu";
  const chosen = device === "auto" ? standard : device;
  const needsGpu = chosen === "cuda" || chosen === "tensorflow";
  if (needsGpu && !hasGpu) {
    throw new UsageError(
      `Device ${chosen} needs a GPU: the dispatch configuration gives each worker none (gpus: 0)`,
    );
  }
  const cores = config.dispatch === "kubernetes"
    ? coresOf(config.cpu)
    : config.vcpus;
  const standardThreads = chosen === "cpu" ? Math.max(1, Math.floor(cores)) : 1;
  return {
    name: isTfjs ? "tfjs" : "onnx",
    device: chosen,
    // Each result says which version computed it.
    version: "as its workers have it",
    threads: threads === "auto" ? standardThreads : threads,
  };
}

function coresOf(cpu: string): number {
  return cpu.endsWith("m") ? Number(cpu.slice(0, -1)) / 1000 : Number(cpu);
}
