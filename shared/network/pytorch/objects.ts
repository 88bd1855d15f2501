/**
 * The few Python objects that state dicts are made of, as plain data: which names a pickle may
 * mention, and what calling them gives. Nothing is executed or imported.
 * @module
 */
import { CaseError } from "../../case_error.ts";
import type { Shape } from "../graph.ts";
import { quote } from "../quote.ts";
import { STORAGE_TYPES, type StorageType } from "./storage.ts";

/** A storage: a file of its own in the archive that holds the values of one or more tensors. */
export class PickledStorage {
  constructor(
    readonly type: StorageType,
    /** Name of the file under `data/`. */
    readonly key: string,
    /** Number of values. */
    readonly length: number,
  ) {}
}

/** A tensor: a strided window on a storage; offset and strides count values. */
export class PickledTensor {
  constructor(
    readonly storage: PickledStorage,
    readonly offset: number,
    readonly shape: Shape,
    readonly strides: readonly number[],
  ) {}
}

/** A Python name from the allow-list, as `module name`. */
export class PickledName {
  constructor(readonly name: string) {}
}

/** Lists and tuples are arrays, dicts are maps. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | PickledTensor
  | PickledStorage
  | PickledName;

const ORDERED_DICT = "collections OrderedDict";
const REBUILD_TENSOR = "torch._utils _rebuild_tensor_v2";
const REBUILD_PARAMETER = "torch._utils _rebuild_parameter";

/** PyTorch itself has no more dimensions than this. */
const MAX_DIMENSIONS = 64;

/** Refuses a pickle; `problem` continues "the checkpoint's pickle ...". */
export function refusePickle(problem: string, cause?: unknown): never {
  throw new CaseError("model", `the checkpoint's pickle ${problem}`, { cause });
}

/**
 * A Python name that the pickle mentions.
 *
 * @throws {CaseError} kind `model` naming it when it is not on the allow-list.
 */
export function nameFor(module: string, name: string): PickledName {
  const full = `${module} ${name}`;
  const known = STORAGE_TYPES.has(full) || full === ORDERED_DICT ||
    full === REBUILD_TENSOR || full === REBUILD_PARAMETER;
  if (!known) {
    refusePickle(
      `names the Python object ${
        quote(`${module}.${name}`)
      }, which is no part of a state dict (save model.state_dict() alone)`,
    );
  }
  return new PickledName(full);
}

/** What a persistent id stands for: ("storage", type, key, location, length). */
export function storageFor(id: PickleValue): PickledStorage {
  const [kind, type, key, , length] = Array.isArray(id) ? id : [];
  const storageType = type instanceof PickledName
    ? STORAGE_TYPES.get(type.name)
    : undefined;
  if (
    kind !== "storage" || storageType === undefined ||
    typeof key !== "string" || !isCount(length)
  ) {
    refusePickle("refers to something that is no storage");
  }
  return new PickledStorage(storageType, key, length);
}

/** The result of calling a name of the allow-list. */
export function callResult(
  callee: PickleValue,
  args: PickleValue,
): PickleValue {
  if (!(callee instanceof PickledName)) {
    refusePickle("calls what is no function");
  }
  if (!Array.isArray(args)) {
    refusePickle(`calls ${callee.name} without arguments`);
  }
  switch (callee.name) {
    case ORDERED_DICT:
      if (args.length > 0) refusePickle(`calls ${callee.name} with arguments`);
      return new Map();
    case REBUILD_TENSOR:
      return rebuildTensor(args);
    case REBUILD_PARAMETER:
      if (!(args[0] instanceof PickledTensor)) {
        refusePickle("makes a parameter of what is no tensor");
      }
      return args[0];
    default:
      refusePickle(`calls ${callee.name}`);
  }
}

function rebuildTensor(args: readonly PickleValue[]): PickledTensor {
  const [storage, offset, shape, strides] = args;
  if (
    !(storage instanceof PickledStorage) || !isCount(offset) ||
    !isCounts(shape) || !isCounts(strides) ||
    shape.length !== strides.length || shape.length > MAX_DIMENSIONS
  ) {
    refusePickle("describes a tensor in a way that makes no sense");
  }
  const empty = shape.includes(0);
  const last = shape.reduce(
    (sum, size, axis) => sum + (size - 1) * strides[axis]!,
    offset,
  );
  if (!empty && last >= storage.length) {
    refusePickle(
      `describes a tensor of shape [${
        shape.join(", ")
      }] that reaches beyond its storage of ${storage.length} values`,
    );
  }
  // Copies, because the pickle may go on to change its lists.
  return new PickledTensor(storage, offset, [...shape], [...strides]);
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isCounts(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && value.every(isCount);
}
