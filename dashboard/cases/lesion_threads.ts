/**
 * Threads that measure lesions: started when somebody asks, kept for whoever looks at the next case, and ended when
 * nobody does.
 * @module
 */
import { transfer } from "comlink";
import { abortable } from "../../shared/abortable.ts";
import type { Clock } from "../../shared/dispatch/clock.ts";
import { openThread, type Thread } from "../../shared/thread.ts";
import type { LesionThread } from "./lesion_thread.ts";
import type { LesionFiles, ReadLesions } from "./measure_lesions.ts";

/** A reviewer's time for a case. */
const IDLE_MS = 60_000;

export interface LesionThreads {
  /**
   * Measures in a thread that nobody uses. The files' bytes change hands.
   *
   * @throws {unknown} the signal's reason, once it is aborted: then all threads have ended.
   */
  measure(
    files: LesionFiles,
    classes: readonly string[],
  ): Promise<ReadLesions>;
}

/** @param signal ends all threads */
export function createLesionThreads(
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): LesionThreads {
  /** With what stops the wait for their end. */
  const idle = new Map<Thread<LesionThread>, AbortController>();

  function open(): Thread<LesionThread> {
    const [known] = idle;
    if (known === undefined) {
      const module = new URL("lesion_thread.ts", import.meta.url);
      return openThread<LesionThread>(module, "lesion");
    }
    const [thread, wanted] = known;
    idle.delete(thread);
    wanted.abort();
    return thread;
  }

  async function keep(thread: Thread<LesionThread>): Promise<void> {
    const wanted = new AbortController();
    idle.set(thread, wanted);
    const either = AbortSignal.any([wanted.signal, signal]);
    try {
      await clock.sleep(IDLE_MS, either);
    } catch (error) {
      if (!either.aborted) throw error;
    }
    // Somebody may have taken it in the moment in which its time was over.
    if (wanted.signal.aborted) return;
    idle.delete(thread);
    thread.close();
  }

  return {
    async measure(files, classes) {
      signal.throwIfAborted();
      const thread = open();
      const buffers = [files.mask, files.label, files.image]
        .flatMap((file) => file instanceof Uint8Array ? [file.buffer] : []);
      let read: ReadLesions;
      try {
        ({ read } = await abortable(
          thread.call(
            thread.remote.measure(transfer(files, buffers), classes),
          ),
          signal,
        ));
      } catch (error) {
        thread.close();
        throw error;
      }
      void keep(thread);
      return read;
    },
  };
}
