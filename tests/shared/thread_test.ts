import { expect } from "@std/expect";
import { openThread, type Thread, ThreadDeath } from "../../shared/thread.ts";
import { CaseError } from "../../shared/case_error.ts";
import type { TestThread } from "./test_thread.ts";

async function withThread(
  use: (thread: Thread<TestThread>) => Promise<void>,
  module = "test_thread.ts",
): Promise<void> {
  const url = new URL(`./${module}`, import.meta.url);
  const thread = openThread<TestThread>(url, "test");
  try {
    await use(thread);
  } finally {
    thread.close();
  }
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error("It did not fail");
}

Deno.test("openThread() answers calls, also several at a time", async () => {
  await withThread(async ({ call, remote }) => {
    expect(await Promise.all([1, 2, 3].map((n) => call(remote.double(n)))))
      .toEqual([2, 4, 6]);
  });
});

Deno.test("openThread() carries all of a CaseError over", async () => {
  await withThread(async ({ call, remote }) => {
    const error = await failure(call(remote.failCase()));
    expect(error).toBeInstanceOf(CaseError);
    expect(error).toMatchObject({
      kind: "geometry",
      problem: "its affine is singular",
      caseId: "ä b",
      stage: "preprocess",
      message: 'Cannot preprocess case "ä b": its affine is singular',
    });
    expect((error as CaseError).cause)
      .toMatchObject({ message: "the determinant is 0" });
    const bare = await failure(call(remote.failBare()));
    expect(bare).toBeInstanceOf(CaseError);
    expect(bare).toEqual(new CaseError("engine", "there is no device"));
    expect(bare).toMatchObject({ kind: "engine", caseId: undefined });
    expect((bare as CaseError).cause).toBeUndefined();
  });
});

for (const BuiltIn of [RangeError, SyntaxError, TypeError, Error]) {
  Deno.test(`openThread() keeps class, name, message and stack of a ${BuiltIn.name}`, async () => {
    await withThread(async ({ call, remote }) => {
      const name = BuiltIn.name as "RangeError";
      const error = await failure(call(remote.failBuiltIn(name)));
      expect(error).toBeInstanceOf(BuiltIn);
      expect(error).toMatchObject({
        name,
        message: `it is a ${name}`,
        stack: expect.stringContaining("test_thread.ts"),
      });
    });
  });
}

Deno.test("openThread() carries over what is thrown and no error", async () => {
  await withThread(async ({ call, remote }) => {
    expect(await failure(call(remote.failOddly()))).toEqual({ neither: "nor" });
  });
});

Deno.test("openThread() tells every call, pending or later, when the thread dies", async () => {
  await withThread(async ({ call, remote }) => {
    const pending = failure(call(remote.hang()));
    const death = await failure(call(remote.die()));
    expect(death).toBeInstanceOf(ThreadDeath);
    expect((death as Error).message)
      .toBe("The test thread died: Uncaught Error: out of memory");
    expect(await pending).toBe(death);
    expect(await failure(call(remote.double(1)))).toBe(death);
  });
});

Deno.test("openThread() tells when its module cannot be loaded", async () => {
  await withThread(async ({ call, remote }) => {
    expect(await failure(call(remote.double(1)))).toBeInstanceOf(ThreadDeath);
  }, "dead_thread.ts");
  await withThread(async ({ call, remote }) => {
    expect(await failure(call(remote.double(1)))).toBeInstanceOf(ThreadDeath);
  }, "no_such_thread.ts");
});

Deno.test("openThread() that dies while nobody calls is told at the next call", async () => {
  await withThread(async ({ call, remote }) => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await failure(call(remote.double(1)))).toBeInstanceOf(ThreadDeath);
  }, "dead_thread.ts");
});
