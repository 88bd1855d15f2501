/**
 * A run that the checker watches while a test disturbs it.
 * @module
 */
import type { Failure, SegmentRun } from "../../../shared/runs/records.ts";
import type { S3Server } from "../../support/s3_server.ts";
import { type Checker, type CheckerCounts, startChecker } from "./checker.ts";
import { History } from "./history.ts";
import { newScene, type Scans, type Scene, withPlace } from "./scene.ts";

export interface CheckedRun {
  /** null: a folder. */
  readonly server: S3Server | null;
  readonly scans: Scans;
  readonly change?: Partial<SegmentRun>;
  /** Shown with violations. */
  readonly seed?: number;
  /** @default none */
  readonly isExpected?: (failure: Failure) => boolean;
}

/**
 * Calls `disturb` and checks what is left when it has ended.
 *
 * @throws {Violation}
 */
export async function withCheckedRun(
  { server, scans, change, seed = 0, isExpected = () => false }: CheckedRun,
  disturb: (
    scene: Scene,
    history: History,
    checker: Checker,
  ) => Promise<void>,
): Promise<CheckerCounts> {
  const history = new History(seed);
  let counts: CheckerCounts | undefined;
  await withPlace(server, scans, async (place) => {
    const scene = await newScene(place, change);
    const checker = startChecker(scene, { history, isExpected });
    try {
      await disturb(scene, history, checker);
      counts = await checker.finish();
    } finally {
      await checker.stop();
    }
  });
  return counts!;
}
