/**
 * A worker as a process of its own, which may be killed.
 * @module
 */
import { startUptake } from "../../support/uptake_process.ts";
import type { History } from "./history.ts";
import type { Scene } from "./scene.ts";

/** What of its log is kept. */
const MOST_LINES = 30;

export interface WorkerEnd {
  /** 137 for a killed one. */
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly out: string;
  /** The end of its log. */
  readonly log: readonly string[];
}

export interface WorkerProcess {
  readonly name: string;
  /** Its first case was read; or it has ended without. */
  readonly atWork: Promise<void>;
  readonly ended: Promise<WorkerEnd>;
  /** Whether it was still there to get the signal. */
  send(signal: Deno.Signal): boolean;
}

export interface WorkerOptions {
  readonly history: History;
  readonly name: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly preload?: readonly string[];
  /** Told of every line of its log. */
  readonly onLine?: (line: string) => void;
}

/** Starts `uptake work` on a scene's run. */
export function startWorker(
  { place, location }: Scene,
  { history, name, args = [], env = {}, preload = [], onLine }: WorkerOptions,
): WorkerProcess {
  const child = startUptake(
    place.cwd,
    ["work", "--run", location, "--log-format", "json", ...args],
    { ...place.env, ...env },
    preload,
  );
  history.add(`${name} starts, pid ${child.pid}`);
  const atWork = Promise.withResolvers<void>();
  const log: string[] = [];
  let isOver = false;

  async function readLog(): Promise<void> {
    let rest = "";
    const text = child.stderr.pipeThrough(new TextDecoderStream());
    for await (const piece of text) {
      const lines = (rest + piece).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (log.push(line) > MOST_LINES) log.shift();
        if (line.includes('"event":"stage"')) atWork.resolve();
        onLine?.(line);
      }
    }
    if (rest !== "") log.push(rest);
  }

  async function wait(): Promise<WorkerEnd> {
    const [out, status] = await Promise.all([
      new Response(child.stdout).text(),
      child.status,
      readLog(),
    ]);
    isOver = true;
    atWork.resolve();
    const { code, signal } = status;
    history.add(`${name} ends with ${signal ?? code}`);
    return { code, signal, out, log };
  }

  return {
    name,
    atWork: atWork.promise,
    ended: wait(),
    send(signal) {
      if (isOver) return false;
      history.add(`${name} gets ${signal}`);
      try {
        child.kill(signal);
        return true;
      } catch (error) {
        // It ended by itself a moment ago.
        if (error instanceof TypeError) return false;
        throw error;
      }
    },
  };
}
