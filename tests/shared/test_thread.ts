/** @module A thread whose functions fail in the ways that ours may. */
import { serve } from "../../shared/thread.ts";
import { CaseError } from "../../shared/case_error.ts";

const functions = {
  double: (value: number): number => 2 * value,
  failCase(): void {
    throw new CaseError("geometry", "its affine is singular", {
      caseId: "ä b",
      stage: "preprocess",
      cause: new RangeError("the determinant is 0"),
    });
  },
  failBare(): void {
    throw new CaseError("engine", "there is no device");
  },
  failBuiltIn(name: "RangeError" | "SyntaxError" | "TypeError" | "Error") {
    throw new globalThis[name](`it is a ${name}`);
  },
  failOddly(): void {
    throw { neither: "nor" };
  },
  /** Dies of an error outside any call, and never answers. */
  die(): Promise<void> {
    setTimeout(() => {
      throw new Error("out of memory");
    });
    return new Promise(() => {});
  },
  hang: (): Promise<void> => new Promise(() => {}),
};
export type TestThread = typeof functions;

serve(functions);
