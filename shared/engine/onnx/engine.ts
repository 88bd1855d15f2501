/**
 * ONNX Runtime as an engine: on all CPU threads, or on an NVIDIA GPU.
 * @module
 */
import type * as Ort from "onnxruntime-node";
import type { Graph, Shape, Weights } from "../../network/graph.ts";
import { elementCount } from "../../network/graph.ts";
import { inferShapes } from "../../network/shapes.ts";
import type { CompiledNetwork, Engine } from "../engine.ts";
import { checkRun } from "../check_run.ts";
import { engineFailure } from "../failure.ts";
import {
  cudaOnly,
  loadOnnxRuntime,
  type OnnxRuntime,
  proveCuda,
  runtimeVersion,
  type SessionOptions,
} from "./runtime.ts";
import { INPUT, OUTPUT, serialiseOnnx } from "./serialise.ts";

export interface OnnxEngineOptions {
  /** `cuda` fails where CUDA does not work; it never falls back to the CPU. */
  readonly device: "cpu" | "cuda";
  /** CPU threads. @default one per logical core (1 with `cuda`) */
  readonly threads?: number;
}

/**
 * Two sessions options pay here: without ONNX Runtime's memory pattern a second run does not
 * allocate its plan beside the first run's arena (full-size MA3DSeg at 96^3: 1.9 instead of 2.5 GB),
 * and inter-operator threads are of no use to a network that is nearly a chain.
 */
function sessionOptions(
  device: OnnxEngineOptions["device"],
  threads: number,
): SessionOptions {
  return {
    ...(device === "cuda" ? cudaOnly() : { executionProviders: ["cpu"] }),
    graphOptimizationLevel: "all",
    executionMode: "sequential",
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    enableMemPattern: false,
  };
}

/** Waiting threads spin: thousands of them stop a machine. */
const MAX_THREADS_PER_CORE = 4;

class OnnxNetwork implements CompiledNetwork {
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly #ort: OnnxRuntime;
  readonly #session: Ort.InferenceSession;
  readonly #logits: Float32Array<ArrayBuffer>;
  #disposed = false;

  constructor(
    ort: OnnxRuntime,
    session: Ort.InferenceSession,
    inputShape: Shape,
    outputShape: Shape,
  ) {
    this.#ort = ort;
    this.#session = session;
    this.inputShape = inputShape;
    this.outputShape = outputShape;
    this.#logits = new Float32Array(elementCount(outputShape));
  }

  /** Input and output share the typed arrays' memory with ONNX Runtime: nothing is copied. */
  async run(
    input: Float32Array<ArrayBuffer>,
  ): Promise<Float32Array<ArrayBuffer>> {
    checkRun(input, this.inputShape, this.#disposed);
    const { Tensor } = this.#ort;
    const feeds = {
      [INPUT]: new Tensor("float32", input, this.inputShape),
    };
    const fetches = {
      [OUTPUT]: new Tensor("float32", this.#logits, this.outputShape),
    };
    try {
      await this.#session.run(feeds, fetches);
    } catch (error) {
      throw engineFailure("ONNX Runtime cannot run the network", error);
    }
    return this.#logits;
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#session.release();
  }
}

async function compile(
  ort: OnnxRuntime,
  options: SessionOptions,
  graph: Graph,
  weights: Weights,
  inputShape: Shape,
): Promise<CompiledNetwork> {
  const model = serialiseOnnx(graph, weights, { inputShape });
  const outputShape = inferShapes(graph, inputShape).get(graph.output)!;
  try {
    const session = await ort.InferenceSession.create(model, options);
    return new OnnxNetwork(ort, session, inputShape, outputShape);
  } catch (error) {
    throw engineFailure("ONNX Runtime cannot load the network", error);
  } finally {
    // Frees a copy of all weights at once, not whenever garbage is next collected.
    model.buffer.transfer(0);
  }
}

/**
 * An engine on ONNX Runtime (onnxruntime-node).
 *
 * `run` of a compiled network computes on the calling thread and the session's own threads: it blocks
 * the event loop from its first tick until the logits are there, so timers and signals are seen
 * between windows, and two networks of one process take turns.
 *
 * @throws {CaseError} kind `engine` when the runtime does not load, or CUDA does not work.
 * @throws {RangeError} when `threads` is no positive integer, or far more than the machine has cores.
 */
export async function createOnnxEngine(
  options: OnnxEngineOptions,
): Promise<Engine> {
  const { device } = options;
  const cores = navigator.hardwareConcurrency;
  const threads = options.threads ?? (device === "cuda" ? 1 : cores);
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RangeError(
      `Cannot use ${threads} threads: it takes a positive integer`,
    );
  }
  if (threads > MAX_THREADS_PER_CORE * cores) {
    throw new RangeError(
      `Cannot use ${threads} threads: this machine has ${cores} cores, ${
        MAX_THREADS_PER_CORE * cores
      } threads are allowed`,
    );
  }
  const ort = await loadOnnxRuntime();
  if (device === "cuda") await proveCuda(ort);
  const session = sessionOptions(device, threads);
  return {
    name: "onnx",
    device,
    version: runtimeVersion(ort),
    threads,
    compile: (graph, weights, inputShape) =>
      compile(ort, session, graph, weights, inputShape),
  };
}
