/**
 * What executes a network. The rest of Uptake knows engines only through this page.
 * @module
 */
import type { Graph, Shape, Weights } from "../network/graph.ts";

/** A network compiled for one input shape. */
export interface CompiledNetwork {
  /** [batch, channels, D, H, W] */
  readonly inputShape: Shape;
  /** [batch, classes, D, H, W] */
  readonly outputShape: Shape;
  /**
   * Runs one batch. `input` holds exactly `inputShape` values and is not kept; the returned logits
   * belong to the caller until the next call of `run`, which may reuse their memory.
   *
   * @throws {CaseError} kind `engine`, or `outOfMemory`.
   */
  run(input: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>>;
  /** Frees what the engine holds; `run` must not be called afterwards. */
  dispose(): Promise<void>;
}

export interface Engine {
  /** `onnx` or `tfjs`. */
  readonly name: string;
  /** What it runs on: `cpu`, `cuda`, `wasm`, `webgpu`, `tensorflow`. */
  readonly device: string;
  /** The runtime and its version, for provenance: `onnxruntime-node 1.30.0`. */
  readonly version: string;
  /** CPU threads it uses. */
  readonly threads: number;
  /**
   * @throws {CaseError} kind `model` when weights do not fit the graph, `engine` or `outOfMemory`
   *   when the runtime refuses.
   * @throws {RangeError} when a spatial size is no multiple of `graph.sizeMultiple`.
   */
  compile(
    graph: Graph,
    weights: Weights,
    inputShape: Shape,
  ): Promise<CompiledNetwork>;
}
