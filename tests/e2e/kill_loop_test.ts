/** @module A minute of killing workers and the S3 server at random. `deno task soak` does it for longer. */
import { expect } from "@std/expect";
import { testWithS3 } from "../support/s3_server.ts";
import { soak } from "./harness/soak.ts";

const SECONDS = 60;
/** A busy machine takes longer to start the server, and gets as much killing. */
const MOST_SECONDS = 300;
const LEAST_WORKER_KILLS = 6;
const LEAST_GATEWAY_KILLS = 2;

testWithS3(
  "every case is done exactly once while workers and the server are killed at random",
  async () => {
    const seed = crypto.getRandomValues(new Uint16Array(1))[0]!;
    const startedAt = performance.now();
    const tally = await soak({
      seed,
      workers: 3,
      casesPerRun: 40,
      isEnough({ workerKills, gatewayKills }) {
        const seconds = (performance.now() - startedAt) / 1000;
        const areEnough = workerKills >= LEAST_WORKER_KILLS &&
          gatewayKills >= LEAST_GATEWAY_KILLS;
        return seconds > (areEnough ? SECONDS : MOST_SECONDS);
      },
      onRun: () => {},
    });
    console.log(`seed ${seed}: ${JSON.stringify(tally)}`);
    expect(tally.runs).toBeGreaterThan(0);
    expect(tally.workerKills).toBeGreaterThanOrEqual(LEAST_WORKER_KILLS);
    expect(tally.gatewayKills).toBeGreaterThanOrEqual(LEAST_GATEWAY_KILLS);
  },
);
