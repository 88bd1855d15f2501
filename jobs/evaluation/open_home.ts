/**
 * Opens a home to be written to, whatever its store can do.
 * @module
 */
import { lastWriterWins } from "../../shared/storage/last_writer.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { canCreateConditionally } from "../../shared/storage/probe.ts";
import type { Context } from "../cli/context.ts";

export interface Home {
  readonly home: ObjectStore;
  /** Whether it can create objects conditionally, so that several may write to it at once. */
  readonly isConditional: boolean;
}

/** Finds out what the store can do, and says what it cannot. */
export async function openHome(
  location: string,
  { open, say, signal }: Pick<Context, "open" | "say" | "signal">,
): Promise<Home> {
  const home = open(location);
  const isConditional = await canCreateConditionally(home, signal);
  if (isConditional) return { home, isConditional };
  say(
    `${home.location} cannot create objects conditionally: never let two commands write to it at once`,
  );
  return { home: lastWriterWins(home), isConditional };
}
