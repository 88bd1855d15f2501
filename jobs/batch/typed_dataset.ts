/**
 * Locations that operators type on the dashboard. They read with the dashboard's own rights, so that only what
 * lies under the roots it was started with is opened.
 * @module
 */
import { fileURLToPath } from "node:url";
import type {
  NamedStore,
  Refusable,
} from "../../shared/dispatch/operations.ts";
import type { Context } from "../cli/context.ts";
import { UsageError } from "../cli/usage_error.ts";

/** Relative paths would start where nobody on the other end of the line stands. */
const WHOLE = /^(s3:\/\/|file:\/\/\/|\/)/;

/**
 * @param roots under which any location may be typed
 * @returns the dataset by its name and location, or why it may not be read. Whether it is there is seen when it is
 *   planned.
 */
export async function datasetAt(
  typed: string,
  roots: readonly string[],
  { open }: Pick<Context, "open">,
): Promise<Refusable<NamedStore>> {
  const refused = (why: string) => ({
    refused: `Cannot read a dataset from ${JSON.stringify(typed)}: ${why}`,
  });
  if (roots.length === 0) {
    return refused(
      "it is not one of those that may be chosen, and the dashboard was started without --dataset-roots",
    );
  }
  if (!WHOLE.test(typed)) {
    return refused("give s3://bucket/prefix, file:///folder or a whole path");
  }
  let location: string;
  try {
    ({ location } = open(typed));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return refused("it names no store that can be used");
  }
  for (const root of roots) {
    if (!lies(location, open(root).location)) continue;
    if (!await staysInside(location, open(root).location)) break;
    return { done: { name: nameOf(location), location } };
  }
  return refused(
    `only what lies under ${roots.join(" or ")} may be read from here`,
  );
}

function lies(location: string, root: string): boolean {
  return location === root ||
    location.startsWith(`${root.replace(/\/$/, "")}/`);
}

/** Whether a folder is where its path says: links may lead out of the root. Buckets have none. */
async function staysInside(location: string, root: string): Promise<boolean> {
  if (!location.startsWith("file://")) return true;
  try {
    const [folder, rootFolder] = await Promise.all(
      [location, root].map((one) => Deno.realPath(fileURLToPath(one))),
    );
    return lies(folder!, rootFolder!);
  } catch (error) {
    // What is not there leads nowhere, and planning says that it is missing; what cannot be looked at, no file system
    // has: a name that is too long or holds a NUL.
    return error instanceof Deno.errors.NotFound;
  }
}

/** The last folder, as people read it. */
export function nameOf(location: string): string {
  const last = location.slice(location.lastIndexOf("/") + 1);
  return location.startsWith("file:") ? decodeURIComponent(last) : last;
}
