/** @module What is done one after the other: in a line for each name, lines beside each other. */

export interface Lines {
  /** Does the work once all is done that was asked for before it under the same name. */
  inTurn<T>(name: string, work: () => Promise<T>): Promise<T>;
}

export function createLines(): Lines {
  const ends = new Map<string, Promise<unknown>>();
  return {
    async inTurn(name, work) {
      const turn = (ends.get(name) ?? Promise.resolve()).then(work);
      // Its failure is told to whoever asked for it, not to the next in line.
      const end = turn.catch(() => null);
      ends.set(name, end);
      try {
        return await turn;
      } finally {
        if (ends.get(name) === end) ends.delete(name);
      }
    },
  };
}
