/**
 * The messages of onnx.proto (ONNX IR, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) that a
 * float network needs, with their field numbers, and their encoder.
 * @module
 */
import protobuf from "protobufjs";

/** `AttributeProto.AttributeType` */
export const ATTRIBUTE = { float: 1, int: 2, ints: 7 } as const;

/** `TensorProto.DataType` */
export const FLOAT32 = 1;

export interface OnnxAttribute {
  readonly name: string;
  readonly type: number;
  readonly f?: number;
  readonly i?: number;
  readonly ints?: readonly number[];
}

export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly OnnxAttribute[];
}

export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  /** Little-endian values. */
  readonly rawData: Uint8Array;
}

/** A size, or the name of a size that only the caller will know. */
export type OnnxDimension = { readonly dimValue: number } | {
  readonly dimParam: string;
};

export interface OnnxValueInfo {
  readonly name: string;
  readonly type: {
    readonly tensorType: {
      readonly elemType: number;
      readonly shape: { readonly dim: readonly OnnxDimension[] };
    };
  };
}

export interface OnnxModel {
  readonly irVersion: number;
  readonly producerName: string;
  readonly opsetImport: readonly {
    readonly domain: string;
    readonly version: number;
  }[];
  readonly graph: {
    readonly name: string;
    readonly node: readonly OnnxNode[];
    readonly initializer: readonly OnnxTensor[];
    readonly input: readonly OnnxValueInfo[];
    readonly output: readonly OnnxValueInfo[];
  };
  readonly metadataProps: readonly {
    readonly key: string;
    readonly value: string;
  }[];
}

type Field = { id: number; type: string; rule?: "repeated" };

function one(id: number, type: string): Field {
  return { id, type };
}

function many(id: number, type: string): Field {
  return { id, type, rule: "repeated" };
}

const MODEL = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: one(1, "int64"),
        producerName: one(2, "string"),
        graph: one(7, "GraphProto"),
        opsetImport: many(8, "OperatorSetIdProto"),
        metadataProps: many(14, "StringStringEntryProto"),
      },
    },
    OperatorSetIdProto: {
      fields: { domain: one(1, "string"), version: one(2, "int64") },
    },
    StringStringEntryProto: {
      fields: { key: one(1, "string"), value: one(2, "string") },
    },
    GraphProto: {
      fields: {
        node: many(1, "NodeProto"),
        name: one(2, "string"),
        initializer: many(5, "TensorProto"),
        input: many(11, "ValueInfoProto"),
        output: many(12, "ValueInfoProto"),
      },
    },
    NodeProto: {
      fields: {
        input: many(1, "string"),
        output: many(2, "string"),
        name: one(3, "string"),
        opType: one(4, "string"),
        attribute: many(5, "AttributeProto"),
      },
    },
    AttributeProto: {
      fields: {
        name: one(1, "string"),
        f: one(2, "float"),
        i: one(3, "int64"),
        ints: many(8, "int64"),
        type: one(20, "int32"),
      },
    },
    TensorProto: {
      fields: {
        dims: many(1, "int64"),
        dataType: one(2, "int32"),
        name: one(8, "string"),
        rawData: one(9, "bytes"),
      },
    },
    ValueInfoProto: {
      fields: { name: one(1, "string"), type: one(2, "TypeProto") },
    },
    TypeProto: { fields: { tensorType: one(1, "TensorTypeProto") } },
    TensorTypeProto: {
      fields: { elemType: one(1, "int32"), shape: one(2, "TensorShapeProto") },
    },
    TensorShapeProto: { fields: { dim: many(1, "DimensionProto") } },
    DimensionProto: {
      fields: { dimValue: one(1, "int64"), dimParam: one(2, "string") },
    },
  },
}).lookupType("ModelProto");

/** Room for a network's nodes beside its weights; the writer grows where it is not enough. */
const BYTES_BESIDE_WEIGHTS = 1 << 18;

/** The bytes of an `.onnx` file. The weights are copied once. */
export function encodeModel(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const { initializer } = model.graph;
  const weightBytes = initializer.reduce((n, t) => n + t.rawData.length, 0);
  const room = new Uint8Array(weightBytes + BYTES_BESIDE_WEIGHTS);
  const writer = new protobuf.Writer();
  writer.buf = room;
  const bytes = MODEL.encode(model, writer).finish(true);
  return bytes.buffer === room.buffer
    ? room.subarray(0, bytes.length)
    : new Uint8Array(bytes);
}
