/** @module `uptake reevaluate` at its times, and whom it tells. */
import { expect } from "@std/expect";
import { scheduleSchema } from "../../../shared/runs/home/records.ts";
import { readJson } from "../../support/datasets.ts";
import {
  namesIn,
  night,
  register,
  withLabelledData,
} from "../../support/homes.ts";

Deno.test("reevaluate POSTs figures to the webhook when the newest is worse, and only then", async () => {
  const received: { token: string | null; body: string }[] = [];
  let status = 204;
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => {
      const token = request.headers.get("authorization");
      received.push({ token, body: await request.text() });
      return new Response(null, { status });
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}/secret-path`;
  await withLabelledData(async (folder) => {
    await register(folder, "v1", "good");
    const options = { env: { UPTAKE_WEBHOOK_TOKEN: "t0ken" } };
    const post = () => night(folder, ["data"], ["--webhook", url], options);
    expect((await post()).code).toBe(0);
    expect(received).toEqual([]);

    await register(folder, "v2", "nothing");
    expect((await post()).code).toBe(4);
    expect(received).toHaveLength(1);
    const [{ token, body }] = received as [{ token: string; body: string }];
    expect(token).toBe("Bearer t0ken");
    expect(JSON.parse(body)).toMatchObject({
      event: "uptake.checkpointWorse",
      comparisons: ["predecessor", "best"].map((why) => ({
        why,
        isNew: true,
        verdict: "worse",
        dataset: { name: "data" },
        before: { name: "v1", family: "ma3dseg", fold: null },
        after: { name: "v2" },
        classes: [{ name: "tumour", n: 2, meanDiceAfter: 0, nFlips: 2 }],
      })),
    });
    expect(body).not.toMatch(/caseId|file:|"a"/);

    status = 500;
    const failed = await post();
    expect(failed.code).toBe(4);
    expect(received).toHaveLength(3);
    const said = failed.said.join("\n");
    expect(said).toMatch(
      /^The webhook failed: 127\.0\.0\.1:\d+ answered with 500$/,
    );
    expect(said).not.toContain("secret-path");
  });
});

Deno.test("reevaluate refuses webhooks and times that make no sense", async () => {
  await withLabelledData(async (folder) => {
    const refused = async (args: readonly string[], message: string) => {
      for (const more of [[], ["--dry-run"]]) {
        const { code, err } = await night(folder, ["data"], [...args, ...more]);
        expect(code).toBe(2);
        expect(err).toContain(message);
      }
    };
    await register(folder, "v1", "good");
    const http = "--webhook: takes an http:// or https:// URL";
    await refused(["--webhook", "file:///etc/passwd"], http);
    await refused(["--webhook", "nowhere"], http);
    await refused(["--every", "sometimes"], 'Cannot do it at "sometimes", UTC');
    await refused(
      ["--every", "0 2 * * *", "--time-zone", "Mars/Olympus"],
      'Cannot do it at "0 2 * * *", Mars/Olympus',
    );
    await refused(["--dispatch", "kubernetes"], "needs a --dispatch-config");
    const daily = "0 2 * * *";
    await refused(
      ["--every", daily, "--schedule", daily],
      "give one of them",
    );
    await refused(["--schedule", daily, "--name", "a/b"], "a/b");
    await refused(["--every", daily, "--name", "a/b"], "a/b");
    expect(namesIn(`${folder}/home`)).toEqual(["checkpoints"]);
  });
});

Deno.test("reevaluate --every waits for its time and stops when it is asked to", async () => {
  await withLabelledData(async (folder) => {
    await register(folder, "v1", "good");
    const stop = new AbortController();
    const args = ["--every", "0 2 29 2 *"];
    const { code, said } = await night(folder, ["data", "data"], args, {
      signal: stop.signal,
      // The first that it says is when it will be done.
      onSay: () => stop.abort(new Error("stopped")),
    });
    expect(code).toBe(130);
    expect(said[0]).toMatch(/^Next at \d{4}-02-29T02:00:00.000Z$/);
    expect(namesIn(`${folder}/home`)).toEqual(["checkpoints", "schedules"]);
    const [name] = namesIn(`${folder}/home/schedules`);
    expect(await readJson(`${folder}/home/schedules/${name}`)).toMatchObject({
      cron: "0 2 29 2 *",
      datasets: [`file://${folder}/data`],
      nextAt: null,
      lastStartedAt: null,
    });
  });
});

Deno.test("reevaluate --schedule does one night and tells when it began, ended and comes next", async () => {
  await withLabelledData(async (folder) => {
    await register(folder, "v1", "good");
    const read = async () =>
      scheduleSchema.parse(
        await readJson(`${folder}/home/schedules/nightly.json`),
      );
    const times = ["--time-zone", "Europe/Berlin", "--name", "nightly"];
    const first = await night(
      folder,
      ["data"],
      ["--schedule", "cron(0 2 * * ? *)", ...times],
    );
    expect(first.code).toBe(0);
    const record = await read();
    expect(record).toMatchObject({
      keptBy: "elsewhere",
      cron: "cron(0 2 * * ? *)",
      datasets: [`file://${folder}/data`],
      lastExitCode: 0,
    });
    const { nextAt, lastStartedAt, lastEndedAt } = record;
    expect(nextAt! > lastEndedAt! && lastEndedAt! >= lastStartedAt!)
      .toBe(true);
    expect(nextAt).toMatch(/T0[01]:00:00.000Z$/);

    // The times are another program's: they are not understood, and the night is done.
    const second = await night(
      folder,
      ["data"],
      ["--schedule", "at(tomorrow)", ...times],
    );
    expect(second.code).toBe(0);
    expect(second.said.join()).toContain("will show no next time");
    expect(await read()).toMatchObject({ nextAt: null, lastExitCode: 0 });

    const none = await night(folder, ["nowhere"], ["--schedule", "0 2 * * *"]);
    const both = ["--schedule", "0 2 * * *", "--every", "0 2 * * *"];
    const refused = await night(folder, ["data"], both);
    expect([none.code, refused.code]).toEqual([3, 2]);
    expect(refused.err).toContain("give one of them");
  });
});
