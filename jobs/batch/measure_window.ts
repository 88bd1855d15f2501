/**
 * What one window of a checkpoint takes on this machine: the one thing of a plan's time that no header
 * tells.
 * @module
 */
import { chooseEngine, engineChoice } from "../../shared/engine/choose.ts";
import { elementCount } from "../../shared/network/graph.ts";
import type { Checkpoint } from "../../shared/network/checkpoint.ts";
import type { RunEngine, SegmentOptions } from "../../shared/runs/records.ts";
import { compileModel } from "../segmentation/model.ts";

/** A first pass that takes longer is no slower than the next: it is not repeated. */
const LONG_PASS_SECONDS = 2;

/**
 * Runs the network on noise.
 *
 * @returns seconds per window
 * @throws {CaseError} kind `engine`, `outOfMemory` or `model` when it does not run here.
 */
export async function measureWindow(
  checkpoint: Checkpoint,
  asked: RunEngine,
  { roi, swBatch, tta }: SegmentOptions,
): Promise<number> {
  const engine = await chooseEngine(engineChoice(asked));
  const model = await compileModel(engine, [checkpoint], roi, swBatch);
  try {
    const [network] = model.networks;
    const { inputShape } = network!;
    const input = Float32Array.from(
      { length: elementCount(inputShape) },
      (_, n) => (n * 7919) % 101 / 101,
    );
    const pass = async () => {
      const startedAt = performance.now();
      await network!.run(input);
      return (performance.now() - startedAt) / 1000;
    };
    const first = await pass();
    const seconds = first > LONG_PASS_SECONDS ? first : await pass();
    const views = tta === "mirror" ? 8 : 1;
    return seconds * views / swBatch;
  } finally {
    await model.dispose();
  }
}
