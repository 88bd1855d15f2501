/**
 * Names found in a file, for messages.
 * @module
 */

const MAX_LENGTH = 120;

/** The name in quotes, on one line and of bounded length, whatever the file holds. */
export function quote(name: string): string {
  return JSON.stringify(
    name.length > MAX_LENGTH ? `${name.slice(0, MAX_LENGTH)}...` : name,
  );
}
