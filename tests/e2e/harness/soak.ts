/**
 * Kill loops, run after run, until there were enough.
 * @module
 */
import { Random } from "../../../shared/imaging/phantom/random.ts";
import { startS3Server } from "../../support/s3_server.ts";
import { History } from "./history.ts";
import { killLoop, newTally, type Tally } from "./kill_loop.ts";
import { newScene, withPlace } from "./scene.ts";

export interface SoakOptions {
  readonly seed: number;
  readonly workers: number;
  readonly casesPerRun: number;
  isEnough(tally: Tally): boolean;
  /** Told after each run. */
  onRun(tally: Tally): void;
}

const TERM_SECONDS = [1, 3] as const;

/**
 * Starts a server of its own, which is killed now and then.
 *
 * @throws {Violation}
 */
export async function soak(options: SoakOptions): Promise<Tally> {
  const { seed, workers, casesPerRun, onRun } = options;
  const server = await startS3Server();
  if ("missing" in server) throw new Error(server.missing);
  const tally = newTally();
  const isEnough = () => options.isEnough(tally);
  const random = new Random(seed, 0);
  try {
    await withPlace(server, { count: casesPerRun }, async (place) => {
      while (!isEnough()) {
        const termSeconds = random.integer(...TERM_SECONDS);
        const scene = await newScene(place, {
          coordination: { kind: "claims", termSeconds },
        });
        const history = new History(seed);
        history.add(`run ${tally.runs}, claims hold for ${termSeconds} s`);
        await killLoop(scene, {
          history,
          random,
          gateway: server,
          workers,
          tally,
          isEnough,
        });
        onRun(tally);
      }
    });
  } finally {
    await server.stop();
  }
  return tally;
}
