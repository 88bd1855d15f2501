/**
 * TensorFlow.js as an engine: it interprets the graph, so it needs no compiler and gives gradients.
 * @module
 */
import type * as tfjs from "@tensorflow/tfjs";
import {
  elementCount,
  type Graph,
  type Shape,
  type Weights,
} from "../../network/graph.ts";
import { inferShapes } from "../../network/shapes.ts";
import { checkWeights } from "../../network/weights.ts";
import type { CompiledNetwork, Engine } from "../engine.ts";
import { engineFailure } from "../failure.ts";
import { checkRun } from "../check_run.ts";
import {
  inTurn,
  loadTfjs,
  type TfjsBackend,
  type TfjsDevice,
} from "./backends.ts";
import { runGraph } from "./run_graph.ts";
import { arrangeWeights } from "./weights.ts";

export interface TfjsEngineOptions {
  readonly device: TfjsDevice;
}

/** Does a task while a backend is the current one. */
function withBackend<T>(
  { tf }: TfjsBackend,
  device: TfjsDevice,
  task: () => T | Promise<T>,
): Promise<T> {
  return inTurn(async () => {
    await tf.setBackend(device);
    return await task();
  });
}

/** [N, C, D, H, W] to [N, D, H, W, C]. */
function channelsLast(
  tf: typeof tfjs,
  input: Float32Array,
  shape: Shape,
): tfjs.Tensor {
  const [n = 1, c = 1, ...sizes] = shape;
  const x = tf.tensor3d(input, [n, c, elementCount(sizes)]);
  return tf.reshape(tf.transpose(x, [0, 2, 1]), [n, ...sizes, c]);
}

/** [N, D, H, W, C] to [N, C, D * H * W]. */
function channelsFirst(tf: typeof tfjs, x: tfjs.Tensor): tfjs.Tensor {
  const [n = 1, ...rest] = x.shape;
  const c = rest.pop()!;
  return tf.transpose(tf.reshape(x, [n, elementCount(rest), c]), [0, 2, 1]);
}

class TfjsNetwork implements CompiledNetwork {
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly #backend: TfjsBackend;
  readonly #device: TfjsDevice;
  readonly #graph: Graph;
  readonly #weights: ReadonlyMap<string, tfjs.Tensor>;
  readonly #logits: Float32Array<ArrayBuffer>;
  #disposed = false;

  constructor(
    backend: TfjsBackend,
    device: TfjsDevice,
    graph: Graph,
    weights: ReadonlyMap<string, tfjs.Tensor>,
    inputShape: Shape,
    outputShape: Shape,
  ) {
    this.#backend = backend;
    this.#device = device;
    this.#graph = graph;
    this.#weights = weights;
    this.inputShape = inputShape;
    this.outputShape = outputShape;
    this.#logits = new Float32Array(elementCount(outputShape));
  }

  async run(
    input: Float32Array<ArrayBuffer>,
  ): Promise<Float32Array<ArrayBuffer>> {
    checkRun(input, this.inputShape, this.#disposed);
    const { tf } = this.#backend;
    try {
      await withBackend(this.#backend, this.#device, async () => {
        const output = tf.tidy(() => {
          const x = channelsLast(tf, input, this.inputShape);
          return channelsFirst(
            tf,
            runGraph(tf, this.#graph, this.#weights, x),
          );
        });
        this.#logits.set(await output.data<"float32">());
        output.dispose();
        this.#backend.check();
      });
    } catch (error) {
      throw engineFailure("TensorFlow.js cannot run the network", error);
    }
    return this.#logits;
  }

  dispose(): Promise<void> {
    if (this.#disposed) return Promise.resolve();
    this.#disposed = true;
    return withBackend(this.#backend, this.#device, () => {
      this.#backend.tf.dispose([...this.#weights.values()]);
    });
  }
}

async function compile(
  backend: TfjsBackend,
  device: TfjsDevice,
  graph: Graph,
  weights: Weights,
  inputShape: Shape,
): Promise<CompiledNetwork> {
  checkWeights(graph, weights);
  const outputShape = inferShapes(graph, inputShape).get(graph.output)!;
  const { tf } = backend;
  try {
    const arranged = await withBackend(backend, device, () =>
      tf.tidy(() => {
        const tensors = new Map<string, tfjs.Tensor>();
        for (const [name, { shape, data }] of weights) {
          tensors.set(name, tf.tensor(data, [...shape]));
        }
        return Object.fromEntries(arrangeWeights(tf, graph, tensors));
      }));
    backend.check();
    const byName = new Map(Object.entries(arranged));
    return new TfjsNetwork(
      backend,
      device,
      graph,
      byName,
      inputShape,
      outputShape,
    );
  } catch (error) {
    throw engineFailure("TensorFlow.js cannot load the network", error);
  }
}

/**
 * An engine on TensorFlow.js. On `wasm` a run blocks the event loop and uses one thread and at most 4 GB;
 * on `webgpu` and `tensorflow` it waits for the GPU.
 *
 * @throws {CaseError} kind `engine` where the device's library or adapter is missing.
 */
export async function createTfjsEngine(
  { device }: TfjsEngineOptions,
): Promise<Engine> {
  const backend = await loadTfjs(device);
  return {
    name: "tfjs",
    device,
    version: backend.version,
    threads: backend.threads,
    compile: (graph, weights, inputShape) =>
      compile(backend, device, graph, weights, inputShape),
  };
}
