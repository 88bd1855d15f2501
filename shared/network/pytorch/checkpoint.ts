/**
 * PyTorch checkpoints (`torch.save(model.state_dict(), ...)`) as tensors by name.
 * @module
 */
import { CaseError } from "../../case_error.ts";
import { elementCount, type Shape, type Weights } from "../graph.ts";
import { quote } from "../quote.ts";
import { openPytorchArchive, type PytorchArchive } from "./archive.ts";
import {
  type PickledStorage,
  PickledTensor,
  type PickleValue,
} from "./objects.ts";
import { readPickle } from "./pickle.ts";

/** Under which keys training programs nest the state dict. */
const STATE_DICT_KEYS = [
  "state_dict",
  "model_state_dict",
  "model",
  "network_weights",
];

/** What `torch.compile` and `DataParallel` put before every name, in either order. */
const WRAPPER_PREFIXES = ["_orig_mod.", "module.", "_orig_mod."];

/**
 * Reads the tensors of a state dict, or of one nested under `state_dict`, `model_state_dict`,
 * `model` or `network_weights`; a `module.` before every name goes. Values become 32-bit floats,
 * row-major. Takes as much memory again as the file for contiguous 32-bit floats, and never more than
 * ten times the file's size (1-byte values in odd strides).
 *
 * @throws {CaseError} kind `model` saying what is wrong with the file. Pickled code is never run.
 */
export function readPytorchCheckpoint(bytes: Uint8Array): Weights {
  const archive = openPytorchArchive(bytes);
  const tensors = withoutPrefixes(tensorsOf(readPickle(archive.pickle)));
  checkTotal(tensors, bytes.length);
  const values = storageValues(
    archive,
    [...tensors.values()].map(({ storage }) => storage),
  );
  return new Map(
    [...tensors].map(([name, tensor]) => [
      name,
      {
        shape: tensor.shape,
        data: gather(tensor, values.get(tensor.storage.key)!),
      },
    ]),
  );
}

function isTensor(
  entry: [string, PickleValue],
): entry is [string, PickledTensor] {
  return entry[1] instanceof PickledTensor;
}

/** The tensors of the first dict that has any: the outermost, or one under a known key. */
function tensorsOf(root: PickleValue): Map<string, PickledTensor> {
  const entries = textEntries(root);
  const nested = new Map(entries);
  const candidates = [
    entries,
    ...STATE_DICT_KEYS.map((key) => textEntries(nested.get(key) ?? null)),
  ];
  for (const candidate of candidates) {
    const tensors = candidate.filter(isTensor);
    if (tensors.length > 0) return new Map(tensors);
  }
  const keys = entries.slice(0, 10).map(([key]) => quote(key));
  throw new CaseError(
    "model",
    `the checkpoint holds no state dict (${
      keys.length === 0 ? "it is empty" : `its keys are ${keys.join(", ")}`
    })`,
  );
}

/** Entries of a dict under text keys; none for anything else. */
function textEntries(value: PickleValue): [string, PickleValue][] {
  return value instanceof Map
    ? [...value].filter((entry): entry is [string, PickleValue] =>
      typeof entry[0] === "string"
    )
    : [];
}

function withoutPrefixes(
  tensors: Map<string, PickledTensor>,
): Map<string, PickledTensor> {
  return WRAPPER_PREFIXES.reduce(
    (named, prefix) =>
      [...named.keys()].every((name) => name.startsWith(prefix))
        ? new Map([...named].map(([name, t]) => [name.slice(prefix.length), t]))
        : named,
    tensors,
  );
}

/** Refuses tensors that repeat their storage so often that they would fill the memory. */
function checkTotal(
  tensors: ReadonlyMap<string, PickledTensor>,
  fileBytes: number,
): void {
  let total = 0;
  for (const [name, { shape }] of tensors) {
    total += elementCount(shape);
    if (!(total <= fileBytes)) { // also when the count overflows
      throw new CaseError(
        "model",
        `the checkpoint's tensors hold more values than the file has bytes (at ${
          quote(name)
        })`,
      );
    }
  }
}

function storageValues(
  archive: PytorchArchive,
  storages: readonly PickledStorage[],
): Map<string, Float32Array<ArrayBuffer>> {
  const byKey = new Map(storages.map((storage) => [storage.key, storage]));
  for (const { key, type, length } of storages) {
    const other = byKey.get(key)!;
    if (other.type !== type || other.length !== length) {
      throw new CaseError(
        "model",
        `the checkpoint describes its storage ${quote(key)} in two ways`,
      );
    }
  }
  const files = archive.storages(new Set(byKey.keys()));
  return new Map([...byKey].map(([key, { type, length }]) => {
    const file = files.get(key)!;
    const wanted = length * type.itemBytes;
    if (file.length !== wanted) {
      throw new CaseError(
        "model",
        `the checkpoint's storage ${
          quote(key)
        } has ${file.length} bytes where ${wanted} are described`,
      );
    }
    return [key, type.toFloat32(file)];
  }));
}

/** A tensor's values in row-major order; the storage itself where that is the same. */
function gather(
  { offset, shape, strides }: PickledTensor,
  values: Float32Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  const count = elementCount(shape);
  if (isContiguous(shape, strides)) {
    return count === values.length
      ? values
      : values.slice(offset, offset + count);
  }
  const result = new Float32Array(count);
  const index = shape.map(() => 0);
  let at = offset;
  for (let i = 0; i < count; i++) {
    result[i] = values[at]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      at -= shape[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}

function isContiguous(shape: Shape, strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}
