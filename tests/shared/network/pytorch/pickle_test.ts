import { expect } from "@std/expect";
import fc from "fast-check";
import { CaseError } from "../../../../shared/case_error.ts";
import {
  PickledTensor,
  type PickleValue,
} from "../../../../shared/network/pytorch/objects.ts";
import { readPickle } from "../../../../shared/network/pytorch/pickle.ts";
import {
  call,
  dict,
  global,
  int,
  MARK,
  NONE,
  type Opcodes,
  pickle,
  REDUCE,
  tensor,
  text,
  tuple,
} from "../../../support/pytorch_file.ts";

/** What a pickle that must be refused says. */
function problemOf(bytes: Uint8Array): string {
  try {
    readPickle(bytes);
  } catch (error) {
    if (error instanceof CaseError && error.kind === "model") {
      return error.problem;
    }
    throw error;
  }
  throw new Error("Expected the pickle to be refused");
}

Deno.test("readPickle() reads every plain value that state dicts hold", () => {
  const cases: [Opcodes, PickleValue][] = [
    [NONE, null],
    [[0x88], true],
    [[0x89], false],
    [[0x4b, 200], 200],
    [[0x4d, 0x34, 0x12], 0x1234],
    [int(-7), -7],
    [[0x8a, 0], 0],
    [[0x8a, 1, 0xff], -1],
    [[0x8a, 5, 0, 0, 0, 0, 1], 2 ** 32],
    [[0x47, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], 1.5],
    [text("größe"), "größe"],
    [[0x8c, 2, 0x61, 0x62], "ab"],
    [[0x5d, ...int(1), 0x61], [1]],
    [[0x5d, ...MARK, ...int(1), ...int(2), 0x65], [1, 2]],
    [[0x29], []],
    [[...int(1), 0x85], [1]],
    [[...int(1), ...int(2), 0x86], [1, 2]],
    [[...int(1), ...int(2), ...int(3), 0x87], [1, 2, 3]],
    [tuple(int(1), tuple(int(2)), NONE), [1, [2], null]],
    [dict(["a", int(1)], ["b", NONE]), new Map([["a", 1], ["b", null]])],
    [[0x7d, ...text("a"), ...int(1), 0x73], new Map([["a", 1]])],
    [call(global("collections", "OrderedDict"), tuple()), new Map()],
  ];
  for (const [opcodes, value] of cases) {
    expect(readPickle(pickle(opcodes))).toEqual(value);
  }
});

Deno.test("readPickle() remembers values by BINPUT, LONG_BINPUT and MEMOIZE", () => {
  const remembered = tuple(
    [...text("a"), 0x71, 0],
    [...text("b"), 0x72, 1, 0, 0, 0],
    [...text("c"), 0x94],
    [0x68, 0],
    [0x6a, 1, 0, 0, 0],
    [0x68, 2],
  );
  expect(readPickle(pickle(remembered))).toEqual([
    "a",
    "b",
    "c",
    "a",
    "b",
    "c",
  ]);
});

Deno.test("readPickle() reads protocol 4 with frames and STACK_GLOBAL", () => {
  const short = (value: string) => [
    0x8c,
    value.length,
    ...new TextEncoder().encode(value),
  ];
  const bytes = [
    ...[0x80, 4],
    ...[0x95, 44, 0, 0, 0, 0, 0, 0, 0],
    ...[...short("collections"), 0x94, ...short("OrderedDict"), 0x94, 0x93],
    ...[0x29, 0x52, 0x94],
    ...[...short("epoch"), 0x4b, 3, 0x73],
    0x2e,
  ];
  expect(readPickle(new Uint8Array(bytes))).toEqual(new Map([["epoch", 3]]));
});

Deno.test("readPickle() drops the attributes of an ordered dict", () => {
  const opcodes = [
    ...call(global("collections", "OrderedDict"), tuple()),
    ...dict(["_metadata", dict(["version", int(1)])]),
    0x62,
  ];
  expect(readPickle(pickle(opcodes))).toEqual(new Map());
});

Deno.test("readPickle() reads tensors and parameters", () => {
  const opcodes = tensor({ shape: [2, 3], offset: 4, length: 10, key: "7" });
  const parameter = call(
    global("torch._utils", "_rebuild_parameter"),
    tuple(opcodes, [0x88], NONE),
  );
  for (const value of [opcodes, parameter]) {
    const read = readPickle(pickle(value));
    expect(read).toBeInstanceOf(PickledTensor);
    expect(read).toMatchObject({
      offset: 4,
      shape: [2, 3],
      strides: [3, 1],
      storage: { key: "7", length: 10, type: { itemBytes: 4 } },
    });
  }
});

Deno.test("readPickle() refuses every Python name but those of state dicts, and names it", () => {
  for (
    const [module, name] of [
      ["os", "system"],
      ["posix", "system"],
      ["builtins", "eval"],
      ["builtins", "getattr"],
      ["torch", "load"],
      ["torch.hub", "load"],
      ["collections", "OrderedDict.fromkeys"],
      ["collections OrderedDict", ""],
      ["__main__", "Model"],
    ] as const
  ) {
    const opcodes = call(global(module, name), tuple(text("echo evil")));
    expect(problemOf(pickle(opcodes))).toContain(
      `names the Python object "${module}.${name}"`,
    );
    const onStack = [...text(module), ...text(name), 0x93];
    expect(problemOf(pickle(onStack))).toContain(`"${module}.${name}"`);
  }
});

Deno.test("readPickle() refuses opcodes that build objects, and names them", () => {
  const cases: [Opcodes, string][] = [
    [[0x81], "NEWOBJ (0x81) at byte 2"],
    [[0x92], "NEWOBJ_EX (0x92)"],
    [[0x69], "INST (0x69)"],
    [[0x6f], "OBJ (0x6f)"],
    [[0x82, 1], "EXT1 (0x82)"],
    [[0x8b], "LONG4 (0x8b)"],
    [[0x97], "NEXT_BUFFER (0x97)"],
    [[...NONE, 0x32], "DUP (0x32) at byte 3"],
    [[0xff], "uses opcode 0xff at byte 2"],
    [[0x00], "uses opcode 0x00 at byte 2"],
  ];
  for (const [opcodes, problem] of cases) {
    expect(problemOf(pickle(opcodes))).toContain(problem);
  }
});

Deno.test("readPickle() refuses what makes no sense", () => {
  const ordered = global("collections", "OrderedDict");
  const rebuild = global("torch._utils", "_rebuild_tensor_v2");
  const cases: [Uint8Array, string][] = [
    [new Uint8Array([0x80, 5, 0x4e, 0x2e]), "protocol 5"],
    [new Uint8Array([0x80, 1, 0x4e, 0x2e]), "protocol 1"],
    [pickle([]), "takes a value that is not there"],
    [pickle([0x74]), "ends a group that it never began"],
    [pickle(MARK), "takes a value that is not there"],
    [pickle([0x68, 3]), "recalls value 3"],
    [pickle(NONE, NONE, [0x61]), "appends to what is no list"],
    [pickle(NONE, NONE, NONE, [0x73]), "sets items of what is no dict"],
    [pickle([0x7d], MARK, NONE, [0x75]), "sets a key without a value"],
    [pickle(NONE, NONE, [0x62]), "sets attributes of what is no ordered dict"],
    [pickle(NONE, NONE, [0x93]), "names a Python object by what is no text"],
    [pickle(NONE, [0x51]), "refers to something that is no storage"],
    [pickle(text("x"), tuple(), REDUCE), "calls what is no function"],
    [pickle(ordered, NONE, REDUCE), "without arguments"],
    [pickle(call(ordered, tuple(NONE))), "with arguments"],
    [
      pickle(call(global("torch", "FloatStorage"), tuple())),
      "calls torch FloatStorage",
    ],
    [pickle(call(rebuild, tuple())), "describes a tensor in a way"],
    [pickle([0x58, 1, 0, 0, 0, 0xff]), "text that is not UTF-8 at byte 7"],
    [pickle([0x8a, 8, 0, 0, 0, 0, 0, 0, 0, 0x7f]), "integer beyond 2^53"],
    [pickle(tensor({ shape: [3], length: 2 })), "beyond its storage of 2"],
    [
      pickle(tensor({ shape: [2], offset: 1, length: 2 })),
      "beyond its storage",
    ],
    [
      pickle(tensor({ shape: [2, 2], strides: [1] })),
      "in a way that makes no sense",
    ],
    [
      pickle(tensor({ shape: [-1], length: 4 })),
      "in a way that makes no sense",
    ],
    [
      pickle(tensor({ shape: [1], offset: -1, length: 4 })),
      "in a way that makes",
    ],
    [
      pickle(tensor({ shape: [2], strides: [-1], length: 4 })),
      "in a way that makes",
    ],
  ];
  for (const [bytes, problem] of cases) {
    expect(problemOf(bytes)).toContain(problem);
  }
});

Deno.test("readPickle() keeps a tensor's shape when the pickle changes the list later", () => {
  // tuple(tensor, shape.append(5)): the shape is remembered as value 9, and then appended to
  const shape = [...MARK, ...int(2), 0x74, 0x71, 9];
  const storage = [
    ...tuple(
      text("storage"),
      global("torch", "FloatStorage"),
      text("0"),
      text("cpu"),
      int(2),
    ),
    0x51,
  ];
  const opcodes = tuple(
    call(
      global("torch._utils", "_rebuild_tensor_v2"),
      tuple(storage, int(0), shape, tuple(int(1))),
    ),
    [0x68, 9, ...int(5), 0x61],
  );
  expect(readPickle(pickle(opcodes))).toMatchObject([{ shape: [2] }, [2, 5]]);
});

Deno.test("readPickle() stops at its limit of opcodes", () => {
  const bytes = new Uint8Array(600_000).fill(0x7d);
  expect(problemOf(bytes)).toContain("more than 500000 opcodes");
});

Deno.test("readPickle() refuses a state dict cut short at any byte", () => {
  const whole = pickle(
    dict(["weight", tensor({ shape: [2, 3] })], ["epoch", int(3)]),
  );
  expect(readPickle(whole)).toBeInstanceOf(Map);
  for (let length = 0; length < whole.length; length++) {
    expect(problemOf(whole.subarray(0, length))).toContain("cut short");
  }
});

Deno.test("readPickle() gives a value or a CaseError for any bytes", () => {
  const known = [
    0x80,
    0x95,
    0x4e,
    0x88,
    0x89,
    0x4a,
    0x4b,
    0x4d,
    0x8a,
    0x47,
    0x58,
    0x8c,
    0x7d,
    0x5d,
    0x29,
    0x28,
    0x74,
    0x85,
    0x86,
    0x87,
    0x61,
    0x65,
    0x73,
    0x75,
    0x71,
    0x72,
    0x94,
    0x68,
    0x6a,
    0x63,
    0x93,
    0x51,
    0x52,
    0x62,
    0x2e,
  ];
  const byte = fc.oneof(
    fc.constantFrom(...known),
    fc.integer({ min: 0, max: 4 }),
  );
  const bytes = fc.array(byte, { maxLength: 60 });
  fc.assert(
    fc.property(bytes, (values) => {
      try {
        readPickle(new Uint8Array(values));
      } catch (error) {
        expect(error).toBeInstanceOf(CaseError);
      }
    }),
    { numRuns: 3000 },
  );
});
