/** @module Lines on stdout and stderr that telemetry does not copy, as it does what `console` writes. */

const encoder = new TextEncoder();

/** Writes a whole line before it returns. */
export function writeLine(
  stream: { writeSync(bytes: Uint8Array): number },
  line: string,
): void {
  let bytes = encoder.encode(`${line}\n`);
  while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
}
