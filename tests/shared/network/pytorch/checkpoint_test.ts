import { expect } from "@std/expect";
import fc from "fast-check";
import { zipSync } from "fflate";
import { CaseError } from "../../../../shared/case_error.ts";
import {
  buildNetwork,
  type NetworkConfig,
} from "../../../../shared/network/networks.ts";
import { readPytorchCheckpoint } from "../../../../shared/network/pytorch/checkpoint.ts";
import { readGolden } from "../../../support/golden.ts";
import { mutation } from "../../../support/mutation.ts";
import {
  MA3DSEG_NANO,
  MA3DSEG_TINY,
  UXNET_NANO,
  UXNET_TINY,
} from "../../../support/networks.ts";
import {
  call,
  dict,
  global,
  int,
  NONE,
  type Opcodes,
  pickle,
  pytorchFile,
  tensor,
  text,
  tuple,
} from "../../../support/pytorch_file.ts";
import { fixture, reference, testWith } from "../../../support/requires.ts";

function expectParameters(path: string, config: NetworkConfig): void {
  const weights = readPytorchCheckpoint(Deno.readFileSync(path));
  expect(weights.size).toBe(147);
  for (const [name, shape] of buildNetwork(config).parameters) {
    expect([name, weights.get(name)?.shape]).toEqual([name, shape]);
  }
}

Deno.test("readPytorchCheckpoint() finds every parameter of the graph, with its shape", () => {
  expectParameters(fixture("network/ma3dseg_nano.pth"), MA3DSEG_NANO);
  expectParameters(fixture("network/uxnet_nano.pth"), UXNET_NANO);
});

testWith(
  reference,
  "readPytorchCheckpoint() finds every parameter of the larger networks",
  (path) => {
    expectParameters(`${path}/network/ma3dseg_tiny.pth`, MA3DSEG_TINY);
    expectParameters(`${path}/network/uxnet_tiny.pth`, UXNET_TINY);
    expectParameters(`${path}/weights/ma3dseg_small_lbt.pth`, MA3DSEG_TINY);
  },
);

Deno.test("readPytorchCheckpoint() reads the values: three optimiser steps leave them near", () => {
  // param3.* are the same parameters after three AdamW steps of 1e-3, so each moved by about 3e-3 at
  // most; a wrong offset or order of values would be off by the values' own size.
  const weights = readPytorchCheckpoint(
    Deno.readFileSync(fixture("network/ma3dseg_nano.pth")),
  );
  const golden = readGolden(fixture("network/ma3dseg_nano.step.safetensors"));
  const names = golden.names.filter((name) => name.startsWith("param3."));
  expect(names.length).toBeGreaterThan(100);
  for (const name of names) {
    const after = golden.tensor(name).data;
    const before = weights.get(name.slice("param3.".length))!.data;
    expect(before.length).toBe(after.length);
    const moved = before.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - after[i]!)),
      0,
    );
    expect([name, moved < 4e-3]).toEqual([name, true]);
  }
});

/** Values of the one tensor `w` of a file made of it. */
function valuesOf(
  opcodes: Opcodes,
  storage: ArrayBufferView,
): number[] {
  const file = pytorchFile(pickle(dict(["w", opcodes])), { 0: storage });
  return [...readPytorchCheckpoint(file).get("w")!.data];
}

Deno.test("readPytorchCheckpoint() reads every number format", () => {
  const cases: [string, ArrayBufferView, number[]][] = [
    ["FloatStorage", new Float32Array([1.5, -2]), [1.5, -2]],
    ["DoubleStorage", new Float64Array([0.1, 1e40]), [
      Math.fround(0.1),
      Infinity,
    ]],
    ["HalfStorage", new Float16Array([1.5, -65504]), [1.5, -65504]],
    ["BFloat16Storage", new Uint16Array([0x3fc0, 0xc000]), [1.5, -2]],
    ["LongStorage", new BigInt64Array([3n, -4n]), [3, -4]],
    ["IntStorage", new Int32Array([3, -4]), [3, -4]],
    ["ShortStorage", new Int16Array([3, -4]), [3, -4]],
    ["CharStorage", new Int8Array([3, -4]), [3, -4]],
    ["ByteStorage", new Uint8Array([3, 252]), [3, 252]],
    ["BoolStorage", new Uint8Array([1, 0]), [1, 0]],
  ];
  for (const [storage, raw, values] of cases) {
    expect(valuesOf(tensor({ shape: [2], storage }), raw)).toEqual(values);
  }
});

Deno.test("readPytorchCheckpoint() follows offsets and strides", () => {
  const storage = new Float32Array([0, 1, 2, 3, 4, 5, 6, 7]);
  const cases: [Parameters<typeof tensor>[0], number[]][] = [
    [{ shape: [2, 3], offset: 1 }, [1, 2, 3, 4, 5, 6]],
    [{ shape: [3, 2], strides: [1, 3] }, [0, 3, 1, 4, 2, 5]],
    [{ shape: [2, 2, 2], strides: [1, 4, 2] }, [0, 2, 4, 6, 1, 3, 5, 7]],
    [{ shape: [2, 2], strides: [4, 2], offset: 1 }, [1, 3, 5, 7]],
    [{ shape: [3], strides: [0], offset: 5 }, [5, 5, 5]],
    [{ shape: [1, 8], strides: [99, 1] }, [0, 1, 2, 3, 4, 5, 6, 7]],
    [{ shape: [], offset: 6 }, [6]],
    [{ shape: [0, 4] }, []],
  ];
  for (const [spec, values] of cases) {
    const opcodes = tensor({ ...spec, length: storage.length });
    expect(valuesOf(opcodes, storage)).toEqual(values);
  }
});

Deno.test("readPytorchCheckpoint() reads tensors that share a storage", () => {
  const file = pytorchFile(
    pickle(dict(
      ["whole", tensor({ shape: [4], length: 4 })],
      ["tied", tensor({ shape: [2, 2], length: 4 })],
      ["part", tensor({ shape: [2], offset: 2, length: 4 })],
    )),
    { 0: new Float32Array([1, 2, 3, 4]) },
  );
  expect(readPytorchCheckpoint(file)).toEqual(
    new Map([
      ["whole", { shape: [4], data: new Float32Array([1, 2, 3, 4]) }],
      ["tied", { shape: [2, 2], data: new Float32Array([1, 2, 3, 4]) }],
      ["part", { shape: [2], data: new Float32Array([3, 4]) }],
    ]),
  );
});

Deno.test("readPytorchCheckpoint() finds nested state dicts and drops wrappers' prefixes", () => {
  const w = tensor({ shape: [1] });
  const cases: [Opcodes, string[]][] = [
    [dict(["a.w", w], ["epoch", int(3)]), ["a.w"]],
    [dict(["epoch", int(3)], ["state_dict", dict(["a.w", w])]), ["a.w"]],
    [dict(["model_state_dict", dict(["a.w", w])]), ["a.w"]],
    [dict(["model", dict(["a.w", w])], ["optimizer", dict(["x", w])]), ["a.w"]],
    [dict(["network_weights", dict(["a.w", w])]), ["a.w"]],
    [dict(["module.a", w], ["module.b", w]), ["a", "b"]],
    [dict(["module._orig_mod.a", w]), ["a"]],
    [dict(["_orig_mod.module.a", w]), ["a"]],
    [dict(["module.a", w], ["b", w]), ["module.a", "b"]],
    [dict(["__proto__", w]), ["__proto__"]],
  ];
  for (const [opcodes, names] of cases) {
    const file = pytorchFile(pickle(opcodes), { 0: new Float32Array([7]) });
    expect([...readPytorchCheckpoint(file).keys()]).toEqual(names);
  }
});

const FLOATS = { 0: new Float32Array(6) };
const GOOD = pickle(dict(["w", tensor({ shape: [6] })]));

function zipped(files: Record<string, Uint8Array>): Uint8Array {
  return zipSync(files, { level: 0 });
}

Deno.test("readPytorchCheckpoint() says what is wrong with a file", () => {
  const evil = call(global("os", "system"), tuple(text("echo evil")));
  const huge = tensor({ shape: [1e9], strides: [0], length: 6 });
  const overflow = tensor({
    shape: Array(60).fill(1e9),
    strides: Array(60).fill(0),
    length: 6,
  });
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(0), "the checkpoint is empty"],
    [new TextEncoder().encode("not a model"), "is no PyTorch file"],
    [
      new Uint8Array([0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc]),
      "format from before version 1.6",
    ],
    [zipped({ "a/b.txt": new Uint8Array(3) }), "with 0 files data.pkl"],
    [
      zipped({ "a/data.pkl": GOOD, "b/data.pkl": GOOD }),
      "with 2 files data.pkl",
    ],
    [
      pytorchFile(GOOD, FLOATS, { "constants.pkl": GOOD }),
      "is a TorchScript program",
    ],
    [
      pytorchFile(GOOD, FLOATS, { byteorder: new TextEncoder().encode("big") }),
      'byte order is "big"',
    ],
    [
      zipSync({ "model/data.pkl": new Uint8Array(1000) }),
      'compressed file "model/data.pkl"',
    ],
    [
      pytorchFile(new Uint8Array(17 * 1024 ** 2), FLOATS),
      "pickle has 17825792 bytes",
    ],
    [pytorchFile(GOOD), 'lacks the file "model/data/0"'],
    [pytorchFile(GOOD, { 0: new Float32Array(5) }), "has 20 bytes where 24"],
    [pytorchFile(pickle(NONE), FLOATS), "no state dict (it is empty)"],
    [
      pytorchFile(pickle(dict(["epoch", int(3)])), FLOATS),
      'no state dict (its keys are "epoch")',
    ],
    [pytorchFile(pickle(evil), FLOATS), '"os.system"'],
    [pytorchFile(pickle(dict(["w", evil])), FLOATS), '"os.system"'],
    [pytorchFile(pickle(dict(["w", huge])), FLOATS), "more values than"],
    [pytorchFile(pickle(dict(["w", overflow])), FLOATS), "more values than"],
    [
      pytorchFile(
        pickle(dict(
          ["a", tensor({ shape: [6] })],
          ["b", tensor({ shape: [6], storage: "IntStorage" })],
        )),
        FLOATS,
      ),
      'storage "0" in two ways',
    ],
  ];
  for (const [bytes, problem] of cases) {
    expect(() => readPytorchCheckpoint(bytes)).toThrow(CaseError);
    expect(() => readPytorchCheckpoint(bytes)).toThrow(problem);
  }
});

Deno.test("readPytorchCheckpoint() refuses a file cut short at any byte", () => {
  const whole = pytorchFile(GOOD, FLOATS);
  expect(readPytorchCheckpoint(whole).size).toBe(1);
  for (let length = 0; length < whole.length; length++) {
    expect(() => readPytorchCheckpoint(whole.subarray(0, length)))
      .toThrow(CaseError);
  }
});

Deno.test("readPytorchCheckpoint() gives bounded weights or a CaseError for damaged files", () => {
  const small = pytorchFile(
    pickle(
      dict(
        ["a", tensor({ shape: [2, 3], strides: [1, 2] })],
        ["b", tensor({ shape: [3], storage: "HalfStorage", key: "1" })],
      ),
    ),
    { 0: new Float32Array(6), 1: new Float16Array(3) },
  );
  expect(readPytorchCheckpoint(small).size).toBe(2);
  fc.assert(
    fc.property(mutation(small), (bytes) => {
      try {
        let values = 0;
        for (const { data } of readPytorchCheckpoint(bytes).values()) {
          values += data.length;
        }
        expect(values).toBeLessThanOrEqual(bytes.length);
      } catch (error) {
        expect(error).toBeInstanceOf(CaseError);
      }
    }),
    { numRuns: 3000 },
  );
});

Deno.test("readPytorchCheckpoint() survives a damaged zip64 directory", () => {
  const original = Deno.readFileSync(fixture("network/ma3dseg_nano.pth"));
  const directoryEnd = 56 + 20 + 22; // zip64 record, its locator, and the old record
  for (let back = 1; back <= directoryEnd; back += 3) {
    const bytes = original.slice();
    bytes.fill(0xff, bytes.length - back, bytes.length - back + 3);
    try {
      expect(readPytorchCheckpoint(bytes).size).toBe(147);
    } catch (error) {
      expect(error).toBeInstanceOf(CaseError);
    }
  }
});
