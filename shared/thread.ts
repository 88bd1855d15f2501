/**
 * A thread whose functions are called like asynchronous ones of this thread. A failure of a case
 * arrives as the {@linkcode CaseError} that it left as, and a built-in error as one of its class.
 * @module
 */
import * as Comlink from "comlink";
import { CaseError } from "./case_error.ts";

/**
 * A thread has ended of an error that nothing caught: it answers no call any more. Of a thread that ends
 * itself (`close()`, `Deno.exit()`) the runtime tells nobody: no thread may.
 */
export class ThreadDeath extends Error {
  override readonly name = "ThreadDeath";
}

export interface Thread<T> {
  /** The thread's functions. */
  readonly remote: Comlink.Remote<T>;
  /**
   * Awaits a call.
   *
   * @throws {ThreadDeath} when the thread dies before it answers.
   */
  call<R>(work: Promise<R>): Promise<R>;
  close(): void;
}

/** Starts a module that ends with {@linkcode serve}. */
export function openThread<T>(module: URL, name: string): Thread<T> {
  const worker = new Worker(module, { type: "module", name });
  const remote = Comlink.wrap<T>(worker);
  const died = Promise.withResolvers<never>();
  // Also when nobody waits for a call at that moment: the next call is told.
  died.promise.catch(() => {});
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    died.reject(new ThreadDeath(`The ${name} thread died: ${event.message}`));
  });
  return {
    remote,
    call: (work) => Promise.race([work, died.promise]),
    close() {
      remote[Comlink.releaseProxy]();
      worker.terminate();
    },
  };
}

/** Makes an object's functions callable from the thread that started this one. */
export function serve(functions: object): void {
  Comlink.expose(functions);
}

interface CarriedCaseError {
  readonly kind: CaseError["kind"];
  readonly problem: string;
  readonly caseId: string | undefined;
  readonly stage: CaseError["stage"];
  readonly because: string | undefined;
}

const BUILT_IN = [RangeError, ReferenceError, SyntaxError, TypeError];

/** Comlink makes a plain Error of every one, with the name it had. */
function revived(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack } = error;
  const BuiltIn = BUILT_IN.find((builtIn) => builtIn.name === name);
  return BuiltIn === undefined
    ? error
    : Object.assign(new BuiltIn(message), { stack });
}

/** Comlink carries an error's name and message; of a CaseError there is more to carry. */
function carryCaseErrors(plain: Comlink.TransferHandler<unknown, unknown>) {
  Comlink.transferHandlers.set("throw", {
    canHandle: plain.canHandle,
    serialize(thrown: { readonly value: unknown }) {
      const { value } = thrown;
      if (!(value instanceof CaseError)) return plain.serialize(thrown);
      const { kind, problem, caseId, stage, cause } = value;
      const because = cause instanceof Error ? cause.message : undefined;
      return [{ caseError: { kind, problem, caseId, stage, because } }, []];
    },
    deserialize(carried: { readonly caseError?: CarriedCaseError }) {
      if (carried.caseError === undefined) {
        try {
          return plain.deserialize(carried);
        } catch (error) {
          throw revived(error);
        }
      }
      const { kind, problem, caseId, stage, because } = carried.caseError;
      throw new CaseError(kind, problem, {
        ...(caseId !== undefined && { caseId }),
        ...(stage !== undefined && { stage }),
        ...(because !== undefined && { cause: new Error(because) }),
      });
    },
  });
}

carryCaseErrors(Comlink.transferHandlers.get("throw")!);
