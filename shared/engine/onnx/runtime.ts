/**
 * The one door to `onnxruntime-node`, which is loaded when an engine is first made.
 * @module
 */
import type * as Ort from "onnxruntime-node";
import { engineFailure, reasonOf } from "../failure.ts";
import { CaseError } from "../../case_error.ts";
import { encodeModel, FLOAT32, type OnnxValueInfo } from "./schema.ts";

export type OnnxRuntime = typeof Ort;
export type SessionOptions = Ort.InferenceSession.SessionOptions;

/**
 * Loads ONNX Runtime; it keeps silent, because what it would log it also throws.
 *
 * @throws {CaseError} kind `engine` when its native library does not load.
 */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  try {
    const ort = await import("onnxruntime-node");
    ort.env.logLevel = "fatal";
    return ort;
  } catch (error) {
    throw engineFailure("ONNX Runtime cannot be loaded", error);
  }
}

/** `onnxruntime-node 1.30.0` */
export function runtimeVersion(ort: OnnxRuntime): string {
  const { node, common } = ort.env.versions;
  return `onnxruntime-node ${node ?? common}`;
}

/**
 * Session options that bind a session to the CUDA provider. ONNX Runtime quietly gives the nodes that
 * a provider lacks to its CPU provider; with the second option it refuses such a session instead, so a
 * session that exists runs on CUDA alone.
 */
export function cudaOnly(): SessionOptions {
  return {
    executionProviders: ["cuda"],
    extra: { session: { disable_cpu_ep_fallback: "1" } },
  };
}

function scalar(name: string): OnnxValueInfo {
  const shape = { dim: [{ dimValue: 1 }] };
  return { name, type: { tensorType: { elemType: FLOAT32, shape } } };
}

/** A model of one Relu: the least that proves that a provider works. */
function tinyModel(): Uint8Array<ArrayBuffer> {
  return encodeModel({
    irVersion: 9,
    producerName: "uptake",
    opsetImport: [{ domain: "", version: 20 }],
    metadataProps: [],
    graph: {
      name: "probe",
      node: [{
        name: "relu",
        opType: "Relu",
        input: ["x"],
        output: ["y"],
        attribute: [],
      }],
      initializer: [],
      input: [scalar("x")],
      output: [scalar("y")],
    },
  });
}

/**
 * Computes one value with the CUDA provider.
 *
 * @throws {CaseError} kind `engine` saying what is missing.
 */
export async function proveCuda(ort: OnnxRuntime): Promise<void> {
  try {
    const session = await ort.InferenceSession.create(tinyModel(), cudaOnly());
    const x = new ort.Tensor("float32", new Float32Array([2]), [1]);
    const { y } = await session.run({ x });
    await session.release();
    if (y?.data[0] !== 2) throw new Error(`Relu of 2 is ${y?.data[0]}`);
  } catch (error) {
    throw new CaseError(
      "engine",
      `ONNX Runtime cannot use CUDA: ${reasonOf(error)}. ` +
        "Its CUDA provider is not part of the npm package: it needs the package's install script with " +
        "ONNXRUNTIME_NODE_INSTALL=cuda12, CUDA 12, cuDNN 9 and an NVIDIA GPU; device cpu needs nothing",
      { cause: error },
    );
  }
}
