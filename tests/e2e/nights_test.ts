/** @module A night as a scheduler runs it: a process that tells by its exit code, and another server by a real request, that a checkpoint got worse. */
import { expect } from "@std/expect";
import { withNanoCheckpoint } from "../support/command_line.ts";
import { PHANTOM, writeDataset } from "../support/datasets.ts";
import { register } from "../support/homes.ts";
import { runUptake } from "../support/uptake_process.ts";

Deno.test("reevaluate as a process exits with 4 for a perturbed checkpoint and POSTs its figures, until a better one comes", async () => {
  const received: string[][] = [];
  const bodies: string[] = [];
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => {
      const { method, url, headers } = request;
      received.push([
        method,
        new URL(url).pathname,
        headers.get("content-type") ?? "",
        headers.get("authorization") ?? "",
      ]);
      bodies.push(await request.text());
      return new Response(null, { status: 204 });
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}/hooks/uptake`;
  await withNanoCheckpoint(async (folder) => {
    const labelled = { label: PHANTOM.label };
    await writeDataset(`${folder}/data`, { a: labelled, b: labelled });
    const args = [
      "reevaluate",
      ...["--home", "home", "--datasets", "data", "--threads", "1"],
      ...["--webhook", url],
    ];
    const runNight = () =>
      runUptake(folder, args, { UPTAKE_WEBHOOK_TOKEN: "t0ken" });

    await register(folder, "whole", "good");
    await register(folder, "perturbed", "nothing");
    const worse = await runNight();
    expect(worse.out).toContain(
      "perturbed is worse than whole (its predecessor and the best) on data, n 2; 2 cases flipped:",
    );
    expect(worse.code).toBe(4);
    expect(received)
      .toEqual([["POST", "/hooks/uptake", "application/json", "Bearer t0ken"]]);
    const { event, comparisons } = JSON.parse(bodies[0]!);
    expect(event).toBe("uptake.checkpointWorse");
    expect(comparisons[0]).toMatchObject({
      verdict: "worse",
      before: { name: "whole" },
      after: { name: "perturbed" },
      classes: [{ n: 2, meanDiceAfter: 0 }],
    });

    await register(folder, "mended", "best");
    expect((await runNight()).code).toBe(0);
    expect(received).toHaveLength(1);
  });
});
