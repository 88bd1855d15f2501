/**
 * Tests that need something a machine may lack are registered through here: they are counted as
 * skipped, with the reason, where it is missing.
 * @module
 */

/** Something a test needs: where it is, or why it is not there. */
export type Requirement =
  | { readonly path: string }
  | { readonly missing: string };

function folderFrom(variable: string): Requirement {
  const path = Deno.env.get(variable);
  if (path === undefined || path === "") {
    return { missing: `${variable} is not set` };
  }
  try {
    Deno.statSync(path);
    return { path };
  } catch {
    return { missing: `${variable} names ${path}, which is not there` };
  }
}

/** The full golden data (the small part of it stands in tests/fixtures). */
export const reference: Requirement = folderFrom("UPTAKE_TEST_REFERENCE");

/** Real scans: a folder that holds `lbt/`. */
export const scans: Requirement = folderFrom("UPTAKE_TEST_SCANS");

/** Registers a test that gets the path of what it needs, or is skipped with the reason. */
export function testWith(
  need: Requirement,
  name: string,
  fn: (path: string) => void | Promise<void>,
): void {
  if ("path" in need) {
    Deno.test(name, () => fn(need.path));
  } else {
    Deno.test({
      name: `${name} [skipped: ${need.missing}]`,
      ignore: true,
      fn: () => {},
    });
  }
}

/** Path of a file in tests/fixtures. */
export function fixture(path: string): string {
  return new URL(`../fixtures/${path}`, import.meta.url).pathname;
}
