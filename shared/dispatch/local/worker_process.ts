/**
 * One worker as a process of this machine, in a process group of its own: Ctrl-C reaches the parent
 * alone, which then asks the workers to stop, and they may outlive it.
 * @module
 */
import { spawn, type StdioOptions } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { workerEnvironment } from "./worker_environment.ts";

/** Where a worker's lines go: to a callback, or to the end of a file that outlives the parent. */
export type WorkerOutput =
  | { onLine(line: string): void }
  | { readonly logFile: string };

export interface WorkerProcessOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly cwd: string | undefined;
  /** Besides what a worker takes over of this process's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly output: WorkerOutput;
}

export interface ProcessEnd {
  /** Null when a signal ended the process. */
  readonly code: number | null;
  readonly signal: string | null;
  /** The last line on stderr, or in the log file, that is not blank. */
  readonly lastLine: string;
}

export interface WorkerProcess {
  readonly pid: number;
  readonly ended: Promise<ProcessEnd>;
  /** Sends a signal to the process and its children; one that has ended is left alone. */
  kill(signal: "SIGTERM" | "SIGKILL"): void;
  /** The parent may exit while the worker runs on. */
  unref(): void;
  /** The parent stays until the worker has ended. */
  ref(): void;
}

/** How much of a log file is read to find its last line. */
const TAIL_BYTES = 4096;

/** @throws {Error} when the program cannot be started. */
export async function startProcess(
  { command, cwd, env, output }: WorkerProcessOptions,
): Promise<WorkerProcess> {
  const [program = "", ...args] = command;
  const logFile = "logFile" in output ? output.logFile : undefined;
  const fd = logFile === undefined ? undefined : openSync(logFile, "a");
  const stdio: StdioOptions = fd === undefined
    ? ["ignore", "pipe", "pipe"]
    : ["ignore", fd, fd];
  try {
    const child = spawn(program, args, {
      stdio,
      detached: true,
      env: { ...workerEnvironment(Deno.env.toObject()), ...env },
      ...(cwd !== undefined && { cwd }),
    });
    let lastLine = "";
    const read: Promise<unknown>[] = [];
    if ("onLine" in output) {
      read.push(eachLine(child.stdout, output.onLine));
      read.push(eachLine(child.stderr, (line) => {
        if (line.trim() !== "") lastLine = line;
        output.onLine(line);
      }));
    }
    const closed = once(child, "close");
    await Promise.race([once(child, "spawn"), closed]);
    const pid = child.pid!;
    let isRunning = true;
    const ended = closed.then(async ([code, signal]): Promise<ProcessEnd> => {
      isRunning = false;
      // The process may be gone before its last lines have been read.
      await Promise.all(read);
      if (logFile !== undefined) lastLine = await lastLineOf(logFile);
      return { code, signal, lastLine };
    });
    return {
      pid,
      ended,
      kill: (signal) => {
        if (isRunning) killGroup(pid, signal);
      },
      unref: () => child.unref(),
      ref: () => child.ref(),
    };
  } catch (cause) {
    throw new Error(
      `Cannot start a worker with ${JSON.stringify(program)}: ${why(cause)}`,
      { cause },
    );
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Why a process did not start. */
function why(cause: unknown): string {
  if (cause instanceof Deno.errors.NotCapable) {
    return "this one may start no others (that is so in a container): run `uptake work` where workers are to be, or dispatch to a cluster";
  }
  return (cause as Error).message;
}

/** Calls with each line; returns once the stream has ended. */
async function eachLine(
  stream: Readable | null,
  onLine: (line: string) => void,
): Promise<void> {
  if (stream === null) return;
  const lines = createInterface({ input: stream, crlfDelay: Infinity });
  lines.on("line", onLine);
  await once(lines, "close");
}

function killGroup(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    // A negative number means the group that the process leads.
    Deno.kill(-pid, signal);
  } catch (error) {
    // It ended between our look and the signal.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function lastLineOf(path: string): Promise<string> {
  let text: string;
  try {
    using file = await Deno.open(path);
    const { size } = await file.stat();
    await file.seek(Math.max(0, size - TAIL_BYTES), Deno.SeekMode.Start);
    text = await new Response(file.readable).text();
  } catch (error) {
    // Somebody cleared the logs: how the worker ended is known all the same.
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
  return text.split(/\r?\n/).findLast((line) => line.trim() !== "") ?? "";
}
