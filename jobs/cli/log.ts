/**
 * Logs on stderr, as lines for people or as JSON Lines for machines. Messages name cases by id only.
 * @module
 */
import { parseArgs } from "node:util";
import { configure, getJsonLinesFormatter, type Sink } from "@logtape/logtape";
import { printableMessage } from "./printable.ts";

export const LOG_FORMATS = ["text", "json"] as const;
export type LogFormat = typeof LOG_FORMATS[number];

/** The format where the command line names none: for containers. */
export const LOG_FORMAT_VARIABLE = "UPTAKE_LOG_FORMAT";

const CLEAR_LINE = "\r\x1b[K";

/**
 * The format that a command line asks for, before it is parsed: what is wrong with it is logged too.
 *
 * @param fromEnvironment value of {@linkcode LOG_FORMAT_VARIABLE}
 */
export function logFormatOf(
  args: readonly string[],
  fromEnvironment: string | undefined,
): LogFormat {
  const { values } = parseArgs({
    args: [...args],
    options: { "log-format": { type: "string" } },
    strict: false,
  });
  const asked = values["log-format"] ?? fromEnvironment;
  return LOG_FORMATS.find((format) => format === asked) ?? "text";
}

/** Sets up the log once per process. */
export async function configureLog(format: LogFormat): Promise<void> {
  await configure({
    sinks: { stderr: format === "json" ? jsonSink() : textSink() },
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

function textSink(): Sink {
  // On a terminal the progress bar stands on the line: clear it, it draws itself anew.
  const start = Deno.stderr.isTerminal() ? CLEAR_LINE : "";
  return ({ level, message }) => {
    const mark = level === "info" ? "" : `${level}: `;
    write(`${start}${mark}${printableMessage(message.join(""))}\n`);
  };
}

function jsonSink(): Sink {
  const format = getJsonLinesFormatter({ properties: "flatten" });
  return (record) => {
    // As in the text format: the formatter alone would put quotes around every value in a message.
    const message = [record.message.join("")];
    write(format({ ...record, message }));
  };
}

/**
 * A line that another process logged as JSON, with one more property, or null where it is no such line.
 *
 * @param added put at the end; replaces a property of the same name
 */
export function addToJsonLine(
  line: string,
  added: Readonly<Record<string, unknown>>,
): string | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (error) {
    // Libraries write text, whatever format the log has.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    return null;
  }
  return JSON.stringify({ ...parsed, ...added });
}

/** Puts a line into the log that is formatted already. */
export function writeLogLine(line: string): void {
  write(`${line}\n`);
}

const encoder = new TextEncoder();

function write(text: string): void {
  Deno.stderr.writeSync(encoder.encode(text));
}
