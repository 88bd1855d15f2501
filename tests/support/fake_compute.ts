/** @module Computing without a network, of which a test decides what takes how long and what fails. */
import type { Compute } from "../../jobs/segmentation/compute.ts";
import { abortable } from "../../shared/abortable.ts";
import { preprocess } from "../../shared/imaging/preprocess.ts";
import { MASK_FILE } from "../../shared/runs/commit.ts";

export type ComputePart = "prepare" | "segment" | "finish" | "drop";

/** Called when a part begins; what it waits for and throws, the part waits for and throws. */
export type OnPart = (part: ComputePart, caseId: string) => Promise<void>;

const PREPARED = preprocess([{
  shape: [2, 2, 2],
  affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  data: new Float32Array(8).fill(1),
}], {
  spacingMm: "native",
  orientation: "RAS",
  intensity: [{ lo: 0, hi: 8 }],
  crop: "none",
});

const FORWARD = { seconds: 0.5, startedAtMs: 1000, endedAtMs: 1500 };

/**
 * Every case has one window, which takes half a second of forward passes, and a mask of one byte.
 *
 * @param onWindowDone called after the window, before the case's segmentation ends; as `onPart`
 */
export function fakeCompute(
  onPart: OnPart = () => Promise.resolve(),
  onWindowDone: () => Promise<void> = () => Promise.resolve(),
): Compute {
  return {
    engine: { name: "fake", device: "cpu", version: "1", threads: 1 },
    cases: {
      async prepare({ caseId }) {
        await onPart("prepare", caseId);
        return { prepared: PREPARED, seconds: { read: 1, preprocess: 2 } };
      },
      async finish({ caseId }) {
        await onPart("finish", caseId);
        const body = new Uint8Array([7]);
        const contentType = "application/gzip";
        return {
          files: [{ name: MASK_FILE, body, contentType }],
          metrics: { labelled: false, unit: "unknown", classes: [] },
          seconds: { measure: 4 },
        };
      },
      drop: (caseId) => onPart("drop", caseId),
    },
    async segment(signal, caseId, _prepared, onWindow) {
      await abortable(onPart("segment", caseId), signal);
      onWindow(1, 1, FORWARD);
      await abortable(onWindowDone(), signal);
      return {
        mask: new Uint8Array(8),
        probabilities: undefined,
        windows: { computed: 1, total: 1 },
        forward: FORWARD,
        seconds: { segment: 3 },
      };
    },
    close: () => Promise.resolve(),
  };
}

/** Parts that stop where they begin until they are let go. */
export interface Gates {
  readonly onPart: OnPart;
  /** Every part that has begun so far. */
  readonly begun: readonly string[];
  /** Lets a part go, or fail; waits until it has begun. */
  open(gate: string, error?: Error): Promise<void>;
  /** Lets what comes through from now on. */
  openAll(): void;
  /** Waits until just these parts wait, which then must stay so while all else goes on. */
  stand(...parts: readonly string[]): Promise<void>;
}

export function gates(): Gates {
  const begun: string[] = [];
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  let isOpen = false;
  return {
    begun,
    async onPart(part, caseId) {
      const gate = `${part}:${caseId}`;
      begun.push(gate);
      if (isOpen || part === "drop") return;
      const held = Promise.withResolvers<void>();
      waiting.set(gate, held);
      await held.promise;
    },
    async open(gate, error) {
      await turnsUntil(() => waiting.has(gate), `${gate} begins`);
      const held = waiting.get(gate)!;
      waiting.delete(gate);
      if (error === undefined) held.resolve();
      else held.reject(error);
    },
    openAll() {
      isOpen = true;
      for (const held of waiting.values()) held.resolve();
      waiting.clear();
    },
    async stand(...parts) {
      await turnsUntil(
        () => parts.every((part) => waiting.has(part)),
        `${parts.join(", ")} wait`,
      );
      await settled();
      const others = [...waiting.keys()].filter((part) =>
        !parts.includes(part)
      );
      if (others.length > 0) throw new Error(`${others.join(", ")} wait, too`);
    },
  };
}

/** More turns of the event loop than anything in memory takes. */
const MOST_TURNS = 2000;

/** Lets everything else go on until something holds; without that, fails. */
export async function turnsUntil(
  holds: () => boolean,
  what: string,
): Promise<void> {
  for (let turn = 0; !holds(); turn++) {
    if (turn === MOST_TURNS) throw new Error(`It never came that ${what}`);
    await nextTurn();
  }
}

/**
 * Lets what can go on do so. Whatever another thread does meanwhile (hashes, files) may take longer: only what must
 * not happen can be looked for afterwards.
 */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await nextTurn();
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
