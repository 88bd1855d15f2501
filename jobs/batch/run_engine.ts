/**
 * The engine that a run freezes: found out here where workers run on this machine, told by the options
 * where they run elsewhere or are started by somebody else.
 * @module
 */
import { chooseEngine, namedEngine } from "../../shared/engine/choose.ts";
import type { DispatchConfig } from "../../shared/dispatch/dispatch_config.ts";
import type { EngineRef, RunEngine } from "../../shared/runs/records.ts";
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

/** Each result says which version computed it. */
const OPEN_VERSION = "as its workers have it";

/**
 * For workers that somebody else starts, on whatever machines: what was asked for, untried. Left open,
 * the engine is ONNX Runtime, the device one that every machine has, and threads are the worker's.
 *
 * @throws {RangeError} when engine, device and threads do not go together.
 */
export function askedEngine(asked: Asked): RunEngine {
  const { name, device } = settle(asked, { onnx: "cpu", tfjs: "wasm" });
  return {
    name,
    device,
    version: OPEN_VERSION,
    ...(asked.threads === "auto" ? {} : { threads: asked.threads }),
  };
}

/** Engine and device as asked for; a device that is left open is the standard one of the engine. */
function settle(
  { engine, device, threads }: Asked,
  standard: Readonly<Record<string, string>>,
) {
  const { name } = namedEngine({ engine, device });
  const chosen = device === "auto" ? standard[name]! : device;
  return namedEngine({
    engine: name,
    device: chosen,
    ...(threads === "auto" ? {} : { threads }),
  });
}

/**
 * For workers elsewhere: with a GPU each they get ONNX Runtime on CUDA, without one on the CPU.
 *
 * @throws {UsageError} when options and configuration contradict each other.
 * @throws {RangeError} when engine, device and threads do not go together.
 */
export function remoteEngine(
  asked: Asked,
  config: DispatchConfig,
): EngineRef {
  const hasGpu = config.gpus > 0;
  const { name, device: chosen } = settle(
    asked,
    hasGpu
      ? { onnx: "cuda", tfjs: "tensorflow" }
      : { onnx: "cpu", tfjs: "wasm" },
  );
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
    name,
    device: chosen,
    version: OPEN_VERSION,
    threads: asked.threads === "auto" ? standardThreads : asked.threads,
  };
}

function coresOf(cpu: string): number {
  return cpu.endsWith("m") ? Number(cpu.slice(0, -1)) / 1000 : Number(cpu);
}
