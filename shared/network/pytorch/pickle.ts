/**
 * A reader of the pickles that `torch.save` writes for state dicts (protocols 2 to 4). It knows the
 * opcodes those use and refuses every other one; which Python names it accepts stands in objects.ts.
 * It builds plain data: nothing is ever executed or imported.
 *
 * Source: the opcode table of Python's `pickletools`.
 * @module
 */
import {
  callResult,
  nameFor,
  type PickleValue,
  refusePickle,
  storageFor,
} from "./objects.ts";
import { opcodeName } from "./opcode_names.ts";

/** Bounds the memory a pickle can ask for; a full-size network with optimiser state takes 20,000. */
const MAX_OPCODES = 500_000;

/**
 * Reads one pickle.
 *
 * @throws {CaseError} kind `model`, naming the opcode or the Python name that is refused, or where
 *   the bytes end too early.
 */
export function readPickle(bytes: Uint8Array): PickleValue {
  return new PickleReader(bytes).read();
}

class PickleReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #memo = new Map<number, PickleValue>();
  #at = 0;
  #stack: PickleValue[] = [];
  /** The stacks below the open marks, the outermost first. */
  readonly #outer: PickleValue[][] = [];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  read(): PickleValue {
    for (let count = 0; count < MAX_OPCODES; count++) {
      const at = this.#at;
      const opcode = this.#uint8();
      if (opcode === 0x2e) return this.#pop(); // STOP
      this.#execute(opcode, at);
    }
    refusePickle(`has more than ${MAX_OPCODES} opcodes`);
  }

  #execute(opcode: number, at: number): void {
    switch (opcode) {
      case 0x80: // PROTO
        return this.#checkProtocol(this.#uint8());
      case 0x95: // FRAME: says only how much to buffer
        this.#take(8);
        return;
      case 0x4e: // NONE
        return this.#push(null);
      case 0x88: // NEWTRUE
        return this.#push(true);
      case 0x89: // NEWFALSE
        return this.#push(false);
      case 0x4a: // BININT
        return this.#push(this.#view.getInt32(this.#take(4), true));
      case 0x4b: // BININT1
        return this.#push(this.#uint8());
      case 0x4d: // BININT2
        return this.#push(this.#view.getUint16(this.#take(2), true));
      case 0x8a: // LONG1
        return this.#push(this.#long(this.#uint8()));
      case 0x47: // BINFLOAT: the one big-endian number
        return this.#push(this.#view.getFloat64(this.#take(8), false));
      case 0x58: // BINUNICODE
        return this.#push(this.#text(this.#uint32()));
      case 0x8c: // SHORT_BINUNICODE
        return this.#push(this.#text(this.#uint8()));
      case 0x7d: // EMPTY_DICT
        return this.#push(new Map());
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        return this.#push([]);
      case 0x28: // MARK
        this.#outer.push(this.#stack);
        this.#stack = [];
        return;
      case 0x74: // TUPLE
        return this.#push(this.#popGroup());
      case 0x85: // TUPLE1
        return this.#push([this.#pop()]);
      case 0x86: // TUPLE2
        return this.#push(this.#popMany(2));
      case 0x87: // TUPLE3
        return this.#push(this.#popMany(3));
      case 0x61: // APPEND
        return this.#append([this.#pop()]);
      case 0x65: // APPENDS
        return this.#append(this.#popGroup());
      case 0x73: // SETITEM
        return this.#setItems(this.#popMany(2));
      case 0x75: // SETITEMS
        return this.#setItems(this.#popGroup());
      case 0x71: // BINPUT
        return this.#memoize(this.#uint8());
      case 0x72: // LONG_BINPUT
        return this.#memoize(this.#uint32());
      case 0x94: // MEMOIZE
        return this.#memoize(this.#memo.size);
      case 0x68: // BINGET
        return this.#recall(this.#uint8());
      case 0x6a: // LONG_BINGET
        return this.#recall(this.#uint32());
      case 0x63: // GLOBAL
        return this.#push(nameFor(this.#line(), this.#line()));
      case 0x93: // STACK_GLOBAL
        return this.#pushStackName();
      case 0x51: // BINPERSID
        return this.#push(storageFor(this.#pop()));
      case 0x52: { // REDUCE
        const args = this.#pop();
        return this.#push(callResult(this.#pop(), args));
      }
      case 0x62: // BUILD
        return this.#ignoreAttributes();
      default:
        refusePickle(
          `uses opcode ${
            opcodeName(opcode)
          } at byte ${at}, which state dicts do not need`,
        );
    }
  }

  #checkProtocol(protocol: number): void {
    if (protocol < 2 || protocol > 4) {
      refusePickle(`has protocol ${protocol}, and 2 to 4 can be read`);
    }
  }

  /** Moves on by `length` bytes and returns where they start. */
  #take(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) {
      refusePickle(
        `is cut short: byte ${at} of ${this.#bytes.length} starts a value of ${length} bytes`,
      );
    }
    this.#at += length;
    return at;
  }

  #uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  #uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** A little-endian two's complement integer. */
  #long(length: number): number {
    const at = this.#take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) {
      value = value << 8n | BigInt(this.#bytes[at + i]!);
    }
    const integer = Number(BigInt.asIntN(8 * length, value));
    if (!Number.isSafeInteger(integer)) {
      refusePickle(`holds an integer beyond 2^53 at byte ${at}`);
    }
    return integer;
  }

  #text(length: number): string {
    const at = this.#take(length);
    try {
      return this.#utf8.decode(this.#bytes.subarray(at, at + length));
    } catch (cause) {
      refusePickle(`has text that is not UTF-8 at byte ${at}`, cause);
    }
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) {
      refusePickle(`is cut short: the name at byte ${this.#at} has no end`);
    }
    const line = this.#text(end - this.#at);
    this.#at = end + 1;
    return line;
  }

  #push(value: PickleValue): void {
    this.#stack.push(value);
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined) refusePickle("takes a value that is not there");
    return value;
  }

  /** The topmost `count` values, the deepest first. */
  #popMany(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.#pop()).reverse();
  }

  /** Everything above the last mark, which goes. */
  #popGroup(): PickleValue[] {
    const group = this.#stack;
    const outer = this.#outer.pop();
    if (outer === undefined) refusePickle("ends a group that it never began");
    this.#stack = outer;
    return group;
  }

  #append(items: readonly PickleValue[]): void {
    const list = this.#stack.at(-1);
    if (!Array.isArray(list)) refusePickle("appends to what is no list");
    for (const item of items) list.push(item);
  }

  #setItems(items: readonly PickleValue[]): void {
    const dict = this.#stack.at(-1);
    if (!(dict instanceof Map)) refusePickle("sets items of what is no dict");
    if (items.length % 2 !== 0) refusePickle("sets a key without a value");
    for (let i = 0; i < items.length; i += 2) {
      dict.set(items[i]!, items[i + 1]!);
    }
  }

  #memoize(index: number): void {
    const value = this.#pop();
    this.#memo.set(index, value);
    this.#push(value);
  }

  #recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) {
      refusePickle(`recalls value ${index}, which it never remembered`);
    }
    this.#push(value);
  }

  #pushStackName(): void {
    const [module, name] = this.#popMany(2);
    if (typeof module !== "string" || typeof name !== "string") {
      refusePickle("names a Python object by what is no text");
    }
    this.#push(nameFor(module, name));
  }

  /** Drops the attributes of an ordered dict: PyTorch's `_metadata`, which holds no weights. */
  #ignoreAttributes(): void {
    this.#pop();
    if (!(this.#stack.at(-1) instanceof Map)) {
      refusePickle("sets attributes of what is no ordered dict");
    }
  }
}
