/** @module A minute of killing workers and the S3 server at random. `deno task soak` does it for longer. */
import { expect } from "@std/expect";
import { testWithS3 } from "../support/s3_server.ts";
import { soak } from "./harness/soak.ts";

const SECONDS = 60;

testWithS3(
  "every case is done exactly once while workers and the server are killed at random",
  async () => {
    const seed = crypto.getRandomValues(new Uint16Array(1))[0]!;
    const startedAt = performance.now();
    const tally = await soak({
      seed,
      workers: 3,
      casesPerRun: 40,
      isEnough: () => performance.now() - startedAt > SECONDS * 1000,
      onRun: () => {},
    });
    console.log(`seed ${seed}: ${JSON.stringify(tally)}`);
    expect(tally.runs).toBeGreaterThan(0);
    expect(tally.workerKills).toBeGreaterThan(5);
    expect(tally.gatewayKills).toBeGreaterThan(1);
  },
);
