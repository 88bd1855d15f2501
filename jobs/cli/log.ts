/**
 * Logs for people, on stderr: one line each. Messages name cases by id only.
 * @module
 */
import { configure } from "@logtape/logtape";

const CLEAR_LINE = "\r\x1b[K";

/** Sets up the log once per process. */
export async function configureLog(): Promise<void> {
  const encoder = new TextEncoder();
  // On a terminal the progress bar stands on the line: clear it, it draws itself anew.
  const start = Deno.stderr.isTerminal() ? CLEAR_LINE : "";
  await configure({
    sinks: {
      stderr: ({ level, message }) => {
        const mark = level === "info" ? "" : `${level}: `;
        const line = `${start}${mark}${message.join("")}\n`;
        Deno.stderr.writeSync(encoder.encode(line));
      },
    },
    loggers: [
      { category: "uptake", lowestLevel: "info", sinks: ["stderr"] },
      {
        category: ["logtape", "meta"],
        lowestLevel: "warning",
        sinks: ["stderr"],
      },
    ],
  });
}
