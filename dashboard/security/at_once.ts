/**
 * How many answers somebody may have open at a time. A stream of events costs one request and then lasts for a minute:
 * rates of requests do not count it.
 * @module
 */

export interface AtOnce {
  /** Opens one for somebody; null: as many as may be are open. Returns what closes it, once. */
  open(key: string): (() => void) | null;
}

/** @param most for one; and `mostOfAll` for all together */
export function createAtOnce(most: number, mostOfAll: number): AtOnce {
  const counts = new Map<string, number>();
  let all = 0;
  return {
    open(key) {
      const count = counts.get(key) ?? 0;
      if (count >= most || all >= mostOfAll) return null;
      counts.set(key, count + 1);
      all++;
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        all--;
        const left = counts.get(key)! - 1;
        if (left === 0) counts.delete(key);
        else counts.set(key, left);
      };
    },
  };
}

/** The same answer; `onEnd` is called when its body has ended, failed or is no longer wanted. */
export function untilEnd(answer: Response, onEnd: () => void): Response {
  if (answer.body === null) {
    onEnd();
    return answer;
  }
  const reader = answer.body.getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) {
          controller.enqueue(value);
          return;
        }
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      onEnd();
    },
    async cancel(reason) {
      onEnd();
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
  return new Response(body, answer);
}
