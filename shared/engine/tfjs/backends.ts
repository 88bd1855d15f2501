/**
 * Loads TensorFlow.js with one of its backends; nothing is loaded before it is asked for.
 * @module
 */
import util from "node:util";
import type * as tfjs from "@tensorflow/tfjs";
import { CaseError } from "../../case_error.ts";
import { engineFailure, reasonOf } from "../failure.ts";

export type TfjsDevice = "wasm" | "webgpu" | "tensorflow";

/** TensorFlow.js on one backend. */
export interface TfjsBackend {
  readonly tf: typeof tfjs;
  /** The runtime and its version. */
  readonly version: string;
  /** CPU threads it computes on. */
  readonly threads: number;
  /** Throws what the device reported since it was last asked; some devices report late. */
  check(): void;
}

function noReport(): void {}

interface Heap {
  _malloc(bytes: number): number;
}

function isHeap(module: object): module is Heap {
  return "_malloc" in module;
}

/** What 32-bit addresses reach; a larger size would be taken modulo this. */
const HEAP_BYTES = 2 ** 32;

/** Where the heap is full, its allocator returns 0, and the backend would go on and write there. */
function refuseNullPointers(heap: Heap): void {
  // The first call of the function puts another in its place.
  heap._malloc(0);
  const allocate = heap._malloc;
  heap._malloc = (bytes) => {
    const address = bytes < HEAP_BYTES ? allocate(bytes) : 0;
    if (address === 0 && bytes > 0) {
      throw new RangeError(
        `out of memory: WebAssembly has no ${bytes} bytes left of its 4 GB`,
      );
    }
    return address;
  };
}

async function loadWasm(): Promise<TfjsBackend> {
  const tf = await import("@tensorflow/tfjs");
  const { BackendWasm, version_wasm } = await import(
    "@tensorflow/tfjs-backend-wasm"
  );
  await tf.setBackend("wasm");
  const backend = tf.backend();
  if (backend instanceof BackendWasm && isHeap(backend.wasm)) {
    refuseNullPointers(backend.wasm);
  }
  return {
    tf,
    version: `@tensorflow/tfjs-backend-wasm ${version_wasm}`,
    threads: 1,
    check: noReport,
  };
}

/** The limits that TensorFlow.js' shaders and buffers profit from; the default device is much smaller. */
const LIMITS = [
  "maxBufferSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
  "maxStorageBufferBindingSize",
] as const;

/**
 * The adapter that Deno offers.
 *
 * @throws {CaseError} kind `engine` where there is none.
 */
export async function requestAdapter(): Promise<GPUAdapter> {
  // Absent where Deno was started with WebGPU switched off.
  const gpu: GPU | undefined = navigator.gpu;
  const adapter = await gpu?.requestAdapter();
  if (!adapter) {
    throw new CaseError(
      "engine",
      "TensorFlow.js cannot use WebGPU: Deno finds no graphics adapter here",
    );
  }
  return adapter;
}

async function loadWebgpu(): Promise<TfjsBackend> {
  const adapter = await requestAdapter();
  const tf = await import("@tensorflow/tfjs");
  const { WebGPUBackend } = await import("@tensorflow/tfjs-backend-webgpu");
  const requiredLimits = Object.fromEntries(
    LIMITS.map((limit) => [limit, adapter.limits[limit]]),
  );
  // The package's own device asks for features that Deno does not know.
  const device = await adapter.requestDevice({ requiredLimits });
  const reports: string[] = [];
  device.addEventListener("uncapturederror", (event) => {
    event.preventDefault();
    reports.push(
      event instanceof GPUUncapturedErrorEvent
        ? event.error.message
        : event.type,
    );
  });
  tf.removeBackend("webgpu");
  tf.registerBackend("webgpu", () => new WebGPUBackend(device, adapter.info));
  await tf.setBackend("webgpu");
  return {
    tf,
    version: `@tensorflow/tfjs-backend-webgpu ${tf.version["tfjs-core"]}`,
    threads: 1,
    check() {
      const report = reports.splice(0)[0];
      if (report !== undefined) throw new Error(report);
    },
  };
}

function isNullOrUndefined(value: unknown): boolean {
  return value === null || value === undefined;
}

async function loadTensorflow(): Promise<TfjsBackend> {
  // Deno's node:util lacks this function, which tfjs-node 4.22 calls.
  Object.assign(util, { isNullOrUndefined });
  const tf = await import("@tensorflow/tfjs-node-gpu").catch((error) => {
    const reason = reasonOf(error);
    // What it says itself is long and names paths.
    const missing = reason.includes("tfjs_binding.node")
      ? "its native library is not there; the install script of @tensorflow/tfjs-node-gpu fetches it"
      : reason;
    throw new CaseError(
      "engine",
      `TensorFlow.js cannot use TensorFlow: ${missing}`,
      { cause: error },
    );
  });
  await tf.setBackend("tensorflow");
  const backend = tf.backend();
  if (!("isUsingGpuDevice" in backend) || !backend.isUsingGpuDevice) {
    throw new CaseError(
      "engine",
      "TensorFlow.js cannot use TensorFlow: the library found no GPU and would compute on the CPU",
    );
  }
  return {
    tf,
    version: `@tensorflow/tfjs-node-gpu ${tf.version["tfjs-node"]}`,
    threads: navigator.hardwareConcurrency,
    check: noReport,
  };
}

const LOADERS: Readonly<Record<TfjsDevice, () => Promise<TfjsBackend>>> = Object
  .freeze({
    wasm: loadWasm,
    webgpu: loadWebgpu,
    tensorflow: loadTensorflow,
  });

let turn: Promise<unknown> = Promise.resolve();

/**
 * Does a task when all earlier ones are done: TensorFlow.js has one current backend per process, so
 * whoever sets it needs it for himself for a while.
 */
export function inTurn<T>(task: () => Promise<T>): Promise<T> {
  const result = turn.then(task);
  turn = result.catch(() => {});
  return result;
}

const loaded = new Map<TfjsDevice, Promise<TfjsBackend>>();

/**
 * TensorFlow.js with a backend, loaded once per process; after a failure the next call tries again.
 *
 * @throws {CaseError} kind `engine` saying what is missing.
 */
export async function loadTfjs(device: TfjsDevice): Promise<TfjsBackend> {
  const loading = loaded.get(device) ?? inTurn(LOADERS[device]);
  loaded.set(device, loading);
  try {
    return await loading;
  } catch (error) {
    loaded.delete(device);
    throw engineFailure(`TensorFlow.js cannot use ${device}`, error);
  }
}
