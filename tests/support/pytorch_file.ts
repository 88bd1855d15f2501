/**
 * Makes PyTorch zip checkpoints by hand, opcode by opcode, for tests of well-formed and of evil ones.
 * @module
 */
import { zipSync } from "fflate";
import type { Weights } from "../../shared/network/graph.ts";

/** Pickle opcodes and their arguments. */
export type Opcodes = readonly number[];

const utf8 = new TextEncoder();

export const MARK: Opcodes = [0x28];
export const REDUCE: Opcodes = [0x52];
export const NONE: Opcodes = [0x4e];
export const FALSE: Opcodes = [0x89];

export function uint32(value: number): number[] {
  return [...new Uint8Array(new Uint32Array([value]).buffer)];
}

export function text(value: string): Opcodes {
  const bytes = utf8.encode(value);
  return [0x58, ...uint32(bytes.length), ...bytes];
}

export function int(value: number): Opcodes {
  return [0x4a, ...uint32(value)];
}

export function global(module: string, name: string): Opcodes {
  return [0x63, ...utf8.encode(`${module}\n${name}\n`)];
}

export function tuple(...items: readonly Opcodes[]): Opcodes {
  return [...MARK, ...items.flat(), 0x74];
}

export function dict(
  ...entries: readonly (readonly [string, Opcodes])[]
): Opcodes {
  const items = entries.flatMap(([key, value]) => [...text(key), ...value]);
  return [0x7d, ...MARK, ...items, 0x75];
}

export function call(callee: Opcodes, args: Opcodes): Opcodes {
  return [...callee, ...args, ...REDUCE];
}

/** A pickle of protocol 2. */
export function pickle(...opcodes: readonly Opcodes[]): Uint8Array {
  return new Uint8Array([0x80, 2, ...opcodes.flat(), 0x2e]);
}

export interface TensorSpec {
  readonly shape: readonly number[];
  /** @default row-major */
  readonly strides?: readonly number[];
  /** @default 0 */
  readonly offset?: number;
  /** @default "0" */
  readonly key?: string;
  /** Values in the storage. @default as many as the shape has */
  readonly length?: number;
  /** @default "FloatStorage" */
  readonly storage?: string;
}

export function tensor(spec: TensorSpec): Opcodes {
  const { shape, offset = 0, key = "0", storage = "FloatStorage" } = spec;
  const strides = spec.strides ??
    shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const length = spec.length ?? shape.reduce((a, b) => a * b, 1);
  const storageId = tuple(
    text("storage"),
    global("torch", storage),
    text(key),
    text("cpu"),
    int(length),
  );
  return call(
    global("torch._utils", "_rebuild_tensor_v2"),
    tuple(
      [...storageId, 0x51],
      int(offset),
      tuple(...shape.map(int)),
      tuple(...strides.map(int)),
      FALSE,
      call(global("collections", "OrderedDict"), tuple()),
    ),
  );
}

/** A checkpoint file; further files stand beside `data.pkl`. */
export function pytorchFile(
  pickled: Uint8Array,
  storages: Readonly<Record<string, ArrayBufferView>> = {},
  further: Readonly<Record<string, Uint8Array>> = {},
): Uint8Array<ArrayBuffer> {
  const files: Record<string, Uint8Array> = { "model/data.pkl": pickled };
  for (
    const [key, { buffer, byteOffset, byteLength }] of Object.entries(storages)
  ) {
    files[`model/data/${key}`] = new Uint8Array(buffer, byteOffset, byteLength);
  }
  for (const [name, bytes] of Object.entries(further)) {
    files[`model/${name}`] = bytes;
  }
  return new Uint8Array(zipSync(files, { level: 0, mtime: "2000-01-01" }));
}

/** Weights as PyTorch saves a state dict. */
export function stateDictFile(weights: Weights): Uint8Array<ArrayBuffer> {
  const parameters = [...weights];
  const entries = parameters.map(([name, { shape }], i) =>
    [name, tensor({ shape, key: String(i) })] as const
  );
  return pytorchFile(
    pickle(dict(...entries)),
    Object.fromEntries(parameters.map(([, { data }], i) => [String(i), data])),
  );
}
