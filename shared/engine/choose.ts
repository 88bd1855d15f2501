/**
 * Which engines there are, on what they run, and which one a machine gets.
 * @module
 */
import type { Engine } from "./engine.ts";
import { createOnnxEngine } from "./onnx/engine.ts";
import { loadOnnxRuntime, proveCuda, runtimeVersion } from "./onnx/runtime.ts";
import { loadTfjs, requestAdapter } from "./tfjs/backends.ts";
import { createTfjsEngine } from "./tfjs/engine.ts";

export interface EngineChoice {
  /** `auto` or one of {@linkcode ENGINE_NAMES}. @default auto */
  readonly engine?: string;
  /** `auto` or one of {@linkcode DEVICE_NAMES}. @default auto */
  readonly device?: string;
  /** CPU threads, for `onnx` alone. @default what the engine takes by itself */
  readonly threads?: number;
}

interface Device {
  /** Whether it takes a number of threads. */
  readonly threaded: boolean;
  create(threads: number | undefined): Promise<Engine>;
  /** What is there; throws, saying what is missing, where it cannot be used. */
  inspect(): Promise<{ version: string; detail: string }>;
}

function onnxDevice(device: "cpu" | "cuda"): Device {
  return {
    threaded: true,
    create: (threads) =>
      createOnnxEngine({
        device,
        ...(threads === undefined ? {} : { threads }),
      }),
    async inspect() {
      const ort = await loadOnnxRuntime();
      if (device === "cuda") await proveCuda(ort);
      const cores = navigator.hardwareConcurrency;
      return {
        version: runtimeVersion(ort),
        detail: device === "cuda"
          ? "the CUDA provider works"
          : `${cores} thread${cores === 1 ? "" : "s"}`,
      };
    },
  };
}

function tfjsDevice(device: "wasm" | "tensorflow", detail: string): Device {
  return {
    threaded: false,
    create: () => createTfjsEngine({ device }),
    async inspect() {
      const { version } = await loadTfjs(device);
      return { version, detail };
    },
  };
}

const WEBGPU: Device = {
  threaded: false,
  create: () => createTfjsEngine({ device: "webgpu" }),
  async inspect() {
    const { info } = await requestAdapter();
    const { version } = await loadTfjs("webgpu");
    const name = info.description || info.vendor || "a graphics adapter";
    return {
      version,
      detail: info.isFallbackAdapter
        ? `${name}: renders on the CPU, slow`
        : name,
    };
  },
};

/** Every engine and its devices; a device belongs to one engine. */
const ENGINES: Readonly<Record<string, Readonly<Record<string, Device>>>> =
  Object.freeze({
    onnx: Object.freeze({ cpu: onnxDevice("cpu"), cuda: onnxDevice("cuda") }),
    tfjs: Object.freeze({
      wasm: tfjsDevice("wasm", "1 thread, at most 4 GB"),
      webgpu: WEBGPU,
      tensorflow: tfjsDevice("tensorflow", "TensorFlow found a GPU"),
    }),
  });

/** Names of all engines. */
export const ENGINE_NAMES: readonly string[] = Object.freeze(
  Object.keys(ENGINES),
);

/** Names of all devices. */
export const DEVICE_NAMES: readonly string[] = Object.freeze(
  Object.values(ENGINES).flatMap((devices) => Object.keys(devices)),
);

function checkName(
  what: string,
  name: string,
  names: readonly string[],
): void {
  if (name !== "auto" && !names.includes(name)) {
    throw new RangeError(
      `Cannot use ${what} "${name}": it is one of auto, ${names.join(", ")}`,
    );
  }
}

/** The engine that a name, or else a device, stands for. */
function engineOf(engine: string, device: string): string {
  if (engine !== "auto") return engine;
  const owner = ENGINE_NAMES.find((name) => device in ENGINES[name]!);
  return owner ?? "onnx";
}

async function works(device: Device): Promise<boolean> {
  try {
    await device.inspect();
    return true;
  } catch {
    return false;
  }
}

/**
 * The device that `auto` stands for. ONNX Runtime takes CUDA where one value computed with it proves
 * that it works, else the CPU; without the CUDA provider's library the proof fails within a
 * millisecond. TensorFlow.js takes a real graphics adapter, else wasm; `tensorflow` is never taken
 * unasked, because only loading it, slowly, tells whether it is there.
 */
async function autoDevice(engine: string): Promise<string> {
  const devices = ENGINES[engine]!;
  if (engine === "onnx") return await works(devices.cuda!) ? "cuda" : "cpu";
  const adapter = await requestAdapter().catch(() => null);
  return adapter === null || adapter.info.isFallbackAdapter ? "wasm" : "webgpu";
}

/** What a choice names, without a look at what this machine has. */
export interface NamedEngine {
  readonly name: string;
  /** May be `auto`. */
  readonly device: string;
}

/**
 * The engine that a choice stands for, and its device as far as it is named.
 *
 * @throws {RangeError} naming the allowed values, when engine, device and threads do not go together.
 */
export function namedEngine(
  { engine = "auto", device = "auto", threads }: EngineChoice = {},
): NamedEngine {
  checkName("engine", engine, ENGINE_NAMES);
  checkName("device", device, DEVICE_NAMES);
  const name = engineOf(engine, device);
  const devices = ENGINES[name]!;
  if (device !== "auto" && !(device in devices)) {
    throw new RangeError(
      `Cannot run engine "${name}" on device "${device}": it runs on ${
        Object.keys(devices).join(", ")
      }`,
    );
  }
  if (threads !== undefined && devices[device]?.threaded === false) {
    throw new RangeError(
      `Cannot set threads for engine "${name}" on device "${device}": only engine "onnx" takes them`,
    );
  }
  return { name, device };
}

/**
 * Makes the engine that the options name, or for `auto` the best that works here.
 *
 * @throws {RangeError} naming the allowed values, when engine, device and threads do not go together.
 * @throws {CaseError} kind `engine`, when a named device cannot be used here; nothing else is taken in
 *   its place.
 */
export async function chooseEngine(choice: EngineChoice = {}): Promise<Engine> {
  const { name, device } = namedEngine(choice);
  const chosen = device === "auto" ? await autoDevice(name) : device;
  const { threads } = choice;
  namedEngine({ ...choice, engine: name, device: chosen });
  return await ENGINES[name]![chosen]!.create(threads);
}

/**
 * The choice that gets an engine like this one again, or an error where it cannot be had. Threads that
 * are left open are as many as the engine takes by itself.
 */
export function engineChoice(
  { name, device, threads }:
    & Pick<Engine, "name" | "device">
    & { readonly threads?: number | undefined },
): EngineChoice {
  const { threaded } = ENGINES[name]?.[device] ?? { threaded: false };
  return {
    engine: name,
    device,
    ...(threaded && threads !== undefined && { threads }),
  };
}

/** Whether one device of one engine can be used on this machine. */
export interface EngineReport {
  readonly engine: string;
  readonly device: string;
  readonly available: boolean;
  readonly version?: string;
  /** What it is, or why it cannot be used. */
  readonly detail: string;
}

async function report(
  engine: string,
  device: string,
  { inspect }: Device,
): Promise<EngineReport> {
  try {
    return { engine, device, available: true, ...await inspect() };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { engine, device, available: false, detail };
  }
}

/** What this machine has of every engine and device; loads each runtime, so it takes seconds. */
export async function describeEngines(): Promise<EngineReport[]> {
  const reports: EngineReport[] = [];
  for (const [engine, devices] of Object.entries(ENGINES)) {
    for (const [name, device] of Object.entries(devices)) {
      reports.push(await report(engine, name, device));
    }
  }
  return reports;
}
