/** @module `uptake reevaluate`: nights over a home, as users and schedulers meet them. */
import { expect } from "@std/expect";
import { scheduleSchema } from "../../../shared/runs/home/records.ts";
import { datasetIndexSchema } from "../../../shared/datasets/dataset_index.ts";
import {
  comparisonRecordSchema,
  evaluationSchema,
} from "../../../shared/runs/home/records.ts";
import { segmentRunSchema } from "../../../shared/runs/records.ts";
import { openStore } from "../../../shared/storage/open_store.ts";
import { uptake, withNanoCheckpoint } from "../../support/command_line.ts";
import {
  PHANTOM,
  readJson,
  writeDataset,
  writeFiles,
} from "../../support/datasets.ts";
import {
  evaluationsOf,
  namesIn,
  night,
  register,
} from "../../support/homes.ts";
import { testWithS3 } from "../../support/s3_server.ts";

const labelled = { label: PHANTOM.label };

/** A dataset `data` of two labelled cases and one without a label, beside the nano checkpoint. */
async function withData(
  use: (folder: string) => Promise<void>,
): Promise<void> {
  await withNanoCheckpoint(async (folder) => {
    await writeDataset(`${folder}/data`, { a: labelled, b: labelled, c: {} });
    await use(folder);
  });
}

Deno.test("reevaluate evaluates and compares, names what got worse with its flips, and exits with 4", async () => {
  await withData(async (folder) => {
    await register(folder, "v1", "fair");
    await register(folder, "v2", "good");
    await register(folder, "v3", "nothing");
    const { code, out, err } = await night(folder, ["data"]);
    expect(err).toBe("");
    expect(code).toBe(4);
    expect(out).toMatch(
      /v1 .* may have seen these .* 2 │ 0\.147 │ 53\.2 \(n 2\)/,
    );
    expect(out).toMatch(
      /v2 +│ v1 \(predecessor, best\) .* \+0\.262 \[\+0\.262, \+0\.262\] │ better, n 2/,
    );
    expect(out).toMatch(
      /v3 +│ v2 \(predecessor, best\) │ -0\.408 \[-0\.408, -0\.408\] │ worse, n 2/,
    );
    expect(out).toMatch(/ 2 │ 0\.000 │ +- \(n 0\)/);
    expect(out).toContain(
      "v3 is worse than v2 (its predecessor and the best) on data, n 2; 2 cases flipped:\n" +
        "  a, tumour: found -> missed, Dice 0.408 -> 0.000\n" +
        "  b, tumour: found -> missed, Dice 0.408 -> 0.000\n" +
        "3 evaluations made, 0 known, 0 skipped",
    );

    const home = `${folder}/home`;
    const index = datasetIndexSchema.parse(
      await readJson(`${home}/datasets/data.json`),
    );
    expect(index.cases).toHaveLength(3);
    const [file] = namesIn(`${home}/evaluations`);
    const evaluation = evaluationSchema.parse(
      await readJson(`${home}/evaluations/${file}`),
    );
    expect(evaluation).toMatchObject({
      dataset: { name: "data", digest: index.digest },
      cases: "all",
    });
    const run = segmentRunSchema.parse(
      await readJson(`${home}/runs/${evaluation.runId}/run.json`),
    );
    expect(run.checkpoints[0]!.sha256).toBe(evaluation.checkpoint.sha256);
    expect(run.cases.map(({ caseId }) => caseId)).toEqual(["a", "b"]);
    const comparisons = await Promise.all(
      namesIn(`${home}/comparisons`).map(async (name) =>
        comparisonRecordSchema.parse(
          await readJson(`${home}/comparisons/${name}`),
        )
      ),
    );
    expect(
      comparisons.map(({ after, before, why, verdict }) =>
        `${after.name} ${why} ${before.name} ${verdict}`
      ).sort(),
    ).toEqual([
      "v1 best v2 worse",
      "v2 best v1 better",
      "v2 predecessor v1 better",
      "v3 best v2 worse",
      "v3 predecessor v2 worse",
    ]);
  });
});

Deno.test("reevaluate computes nothing on an unchanged night, and all of a dataset that has changed", async () => {
  await withData(async (folder) => {
    await register(folder, "v1", "good");
    await register(folder, "v2", "nothing");
    expect((await night(folder, ["data"])).code).toBe(4);
    const records = () =>
      ["runs", "evaluations", "comparisons"].map((name) =>
        namesIn(`${folder}/home/${name}`)
      );
    const before = records();
    const index = await Deno.stat(`${folder}/home/datasets/data.json`);

    const again = await night(folder, ["data"]);
    expect(again.code).toBe(4);
    expect(again.events).toEqual([]);
    expect(again.out).toContain("0 evaluations made, 2 known, 0 skipped");
    expect(again.out).toContain("v2 is worse than v1");
    expect(records()).toEqual(before);
    expect((await Deno.stat(`${folder}/home/datasets/data.json`)).mtime)
      .toEqual(index.mtime);

    await writeDataset(`${folder}/data`, { a: labelled, d: labelled });
    const changed = await night(folder, ["data"], ["--json"]);
    expect(evaluationsOf(changed).map(({ isNew }) => isNew))
      .toEqual([true, true]);
    expect((await readJson(`${folder}/home/datasets/data.json`)).cases[1])
      .toMatchObject({ caseId: "d" });
    expect(records().map(({ length }) => length))
      .toEqual(before.map(({ length }) => 2 * length));

    const otherwise = await night(folder, ["data"], ["--overlap", "0"]);
    expect(otherwise.out).toContain("2 evaluations made, 0 known");
  });
});

Deno.test("reevaluate exits with 0 once the newest is not worse any more", async () => {
  await withData(async (folder) => {
    await register(folder, "v1", "fair");
    await register(folder, "v2", "nothing");
    expect((await night(folder, ["data"])).code).toBe(4);
    await register(folder, "v3", "good");
    const mended = await night(folder, ["data"]);
    expect(mended.code).toBe(0);
    expect(mended.out).toContain("1 evaluation made, 2 known, 0 skipped");
    expect(mended.out).not.toContain("is worse than");
    // v2 is compared with another best now, and nothing else is.
    expect(mended.out).toMatch(/v2 +│ v1 \(predecessor\) .* worse, n 2 /);
    expect(mended.out).toMatch(/v2 +│ v3 \(best\) .* worse, n 2 /);
  });
});

Deno.test("reevaluate gives a checkpoint its own fold's cases of the dataset it was trained on, all of others", async () => {
  await withNanoCheckpoint(async (folder) => {
    const cases = { a: labelled, b: labelled, c: labelled, d: {} };
    await writeDataset(`${folder}/data`, cases);
    await writeDataset(`${folder}/other`, { x: labelled });
    await writeFiles(`${folder}/data`, {
      "splits_final.json": JSON.stringify([
        { train: ["b", "c"], val: ["a", "d"] },
        { train: ["a"], val: ["b", "c"] },
      ]),
    });
    const training = { dataset: "data" };
    await register(folder, "f0", "good", {
      training: { ...training, fold: 0 },
    });
    await register(folder, "f1", "fair", {
      training: { ...training, fold: 1 },
    });
    await register(folder, "f7", "fair", {
      training: { ...training, fold: 7 },
    });
    await register(folder, "none", "everything", { training });
    await register(folder, "unknown", "nothing");

    const ran = await night(folder, ["data", "other"], ["--json"]);
    // One case gives no interval, so that nobody is called worse.
    expect(ran.code).toBe(0);
    const { skipped, comparisons } = JSON.parse(ran.out);
    expect(
      evaluationsOf(ran).map(({ checkpoint, dataset, n, cases, seen }) => [
        checkpoint.name,
        dataset.name,
        n,
        cases,
        seen,
      ]),
    ).toEqual([
      ["f0", "data", 1, { fold: 0 }, "validation fold"],
      ["f0", "other", 1, "all", "no"],
      ["f1", "data", 2, { fold: 1 }, "validation fold"],
      ["f1", "other", 1, "all", "no"],
      ["f7", "other", 1, "all", "no"],
      ["none", "other", 1, "all", "no"],
      ["unknown", "data", 3, "all", "unknown"],
      ["unknown", "other", 1, "all", "unknown"],
    ]);
    expect(skipped).toEqual([
      {
        checkpoint: "f7",
        dataset: "data",
        reason:
          "it was trained on this dataset, of fold 7, and the labelled cases have the folds 0, 1",
      },
      {
        checkpoint: "none",
        dataset: "data",
        reason: "it was trained on this dataset, and of no fold",
      },
    ]);
    interface Told {
      record: { dataset: { name: string } };
    }
    // No two of them have the same cases there.
    expect(
      comparisons.filter(({ record }: Told) => record.dataset.name === "data"),
    ).toEqual([]);
  });
});

Deno.test("reevaluate shows that a fold is worse than the best of another, and alarms nobody", async () => {
  await withData(async (folder) => {
    const training = { dataset: "another" };
    await register(folder, "f0", "good", {
      training: { ...training, fold: 0 },
    });
    await register(folder, "f1", "nothing", {
      training: { ...training, fold: 1 },
    });
    const { code, out } = await night(folder, ["data"]);
    expect(code).toBe(0);
    expect(out).toMatch(/f1 +│ f0 \(best\) │ -0\.408 .* worse, n 2/);
    expect(out).not.toContain("is worse than");
  });
});

Deno.test("reevaluate holds the newest of a fold against the best of its own, also where another fold has the best", async () => {
  await withData(async (folder) => {
    const of = (fold: number) => ({ training: { dataset: "another", fold } });
    await register(folder, "f0", "best", of(0));
    await register(folder, "f1-first", "good", of(1));
    await register(folder, "f1-second", "fair", of(1));
    await register(folder, "f1-third", "fairer", of(1));
    const { code, out } = await night(folder, ["data"]);
    // Better than its predecessor, worse than the first of its fold, which f0 outdoes.
    expect(out).toMatch(
      /f1-third +│ f1-second \(predecessor\) .* better, n 2 /,
    );
    expect(out).toMatch(/f1-third +│ f0 \(best\) .* worse, n 2 /);
    expect(out).toMatch(/f1-third +│ f1-first \(best of fold\) .* worse, n 2 /);
    expect(out.match(/ is worse than /g)).toHaveLength(1);
    expect(out).toContain(
      "f1-third is worse than f1-first (the best of its fold) on data, n 2;",
    );
    expect(code).toBe(4);
  });
});

Deno.test("reevaluate goes on with what an earlier night began", async () => {
  await withData(async (folder) => {
    await register(folder, "v1", "good");
    const stop = new AbortController();
    const stopped = await night(folder, ["data"], [], {
      signal: stop.signal,
      onEvent: ({ type }) => {
        if (type === "caseEnd") stop.abort(new Error("stopped"));
      },
    });
    expect(stopped.code).toBe(130);
    const [runId] = namesIn(`${folder}/home/runs`);
    const results = `${folder}/home/runs/${runId}/results`;
    expect(namesIn(results)).toEqual(["a.json"]);
    const first = await Deno.readTextFile(`${results}/a.json`);

    const plan = await night(folder, ["data"], ["--dry-run"]);
    expect(plan.out).toBe(
      `Go on with: v1 on data: 2 labelled cases, may have seen these, run ${runId}`,
    );
    const next = await night(folder, ["data"], ["--json"]);
    expect(next.code).toBe(0);
    expect(evaluationsOf(next)).toMatchObject([{ runId, isNew: true, n: 2 }]);
    expect(namesIn(`${folder}/home/runs`)).toEqual([runId]);
    expect(await Deno.readTextFile(`${results}/a.json`)).toBe(first);
  });
});

Deno.test("reevaluate freezes the run of an evaluation again that ended before its run was there", async () => {
  await withData(async (folder) => {
    await register(folder, "v1", "good");
    await night(folder, ["data"]);
    const [runId] = namesIn(`${folder}/home/runs`);
    await Deno.remove(`${folder}/home/runs/${runId}`, { recursive: true });
    const { code, out } = await night(folder, ["data"]);
    expect(code).toBe(0);
    expect(out).toContain("1 evaluation made");
    expect(namesIn(`${folder}/home/runs`)).toEqual([runId]);
    expect(namesIn(`${folder}/home/evaluations`)).toHaveLength(1);
  });
});

Deno.test("reevaluate shares the work of two nights at once and does nothing twice", async () => {
  await withData(async (folder) => {
    await register(folder, "v1", "good");
    await register(folder, "v2", "nothing");
    const both = await Promise.all(
      [1, 2].map(() => night(folder, ["data"], ["--json"])),
    );
    expect(both.map(({ code }) => code)).toEqual([4, 4]);
    const runs = namesIn(`${folder}/home/runs`);
    expect(runs).toHaveLength(2);
    for (const ran of both) {
      expect(evaluationsOf(ran).map(({ runId }) => runId).sort())
        .toEqual(runs);
    }
    for (const runId of runs) {
      const run = `${folder}/home/runs/${runId}`;
      expect(namesIn(`${run}/results`)).toEqual(["a.json", "b.json"]);
      for (const caseId of ["a", "b"]) {
        expect(namesIn(`${run}/attempts/${caseId}`)).toHaveLength(1);
      }
    }
    expect(namesIn(`${folder}/home/comparisons`)).toHaveLength(3);
  });
});

Deno.test("reevaluate counts cases that failed, goes on, and exits with 3", async () => {
  await withData(async (folder) => {
    await writeDataset(`${folder}/data`, {
      a: labelled,
      bad: { ...labelled, image: PHANTOM.image.slice(0, 2000) },
    });
    await writeFiles(`${folder}/empty`, { "dataset.json": "{" });
    await register(folder, "v1", "good");
    await writeFiles(`${folder}/home/checkpoints`, { "odd.json": "{}" });
    const { code, out } = await night(folder, ["empty", "data"]);
    expect(code).toBe(3);
    expect(out).toContain("1 of 2 │ 0.408");
    expect(out).toMatch(/Problem: Cannot read .*checkpoints\/odd\.json/);
    expect(out).toMatch(/Problem: .*dataset\.json/);

    // Told again as long as it stands.
    expect((await night(folder, ["data"])).code).toBe(3);
  });
});

Deno.test("reevaluate refuses a file that changes during the night, and files nothing of it under the old state", async () => {
  await withData(async (folder) => {
    await register(folder, "v1", "good");
    const changed = await night(folder, ["data"], [], {
      onEvent: (event) => {
        if (event.type !== "caseStart" || event.caseId !== "a") return;
        Deno.writeFileSync(`${folder}/data/labelsTr/b.nii.gz`, PHANTOM.image);
      },
    });
    expect(changed.code).toBe(3);
    expect(changed.out).toContain("1 of 2 │ 0.408");
    const [runId] = namesIn(`${folder}/home/runs`);
    const run = `${folder}/home/runs/${runId}`;
    expect(namesIn(`${run}/results`)).toEqual(["a.json"]);
    const failure = await readJson(`${run}/failures/b/0.json`);
    expect(failure.kind).toBe("unreadable");
    expect(failure.message).toMatch(
      /its label labelsTr\/b\.nii\.gz has changed since the run was planned/,
    );
    // The next night finds another dataset.
    await night(folder, ["data"]);
    expect(namesIn(`${folder}/home/runs`)).toHaveLength(2);
  });
});

Deno.test("reevaluate tells of a checkpoint whose file is not what was registered, and does the others", async () => {
  await withData(async (folder) => {
    await register(folder, "v1", "good");
    await register(folder, "v2", "fair");
    const path = `${folder}/home/checkpoints/v1.safetensors`;
    const bytes = await Deno.readFile(path);
    bytes[bytes.length - 1]! ^= 1;
    await Deno.writeFile(path, bytes);
    const ran = await night(folder, ["data"], ["--json"]);
    expect(ran.code).toBe(3);
    expect(evaluationsOf(ran).map(({ checkpoint, n }) => [checkpoint.name, n]))
      .toEqual([["v1", 0], ["v2", 2]]);
    expect(JSON.parse(ran.out).problems).toEqual([
      expect.stringMatching(/^v1 on data: The checkpoint .* has changed/),
    ]);
  });
});

Deno.test("reevaluate shows the same of an unreadable checkpoint however many workers there are, and compares nothing", async () => {
  await withData(async (folder) => {
    await register(folder, "v1", "good");
    await register(folder, "v2", "fair");
    await writeFiles(`${folder}/home/checkpoints`, {
      "v2.safetensors": "no weights",
    });
    const shown = [];
    for (const workers of ["1", "2"]) {
      const ran = await night(folder, ["data"], ["--workers", workers]);
      expect(ran.code).toBe(3);
      expect(ran.out).toMatch(/v2 .* │ 0 of 2 │ +- │ +- \(n 0\) │/);
      expect(ran.out).toMatch(
        /v2 +│ v1 \(predecessor, best\) │ - +│ nothing to compare, n 0 │/,
      );
      expect(ran.out).not.toMatch(/same|worse|better/);
      expect(ran.out).toMatch(/Problem: v2 on data: /);
      shown.push(ran.out.split("\n").filter((line) => line.startsWith("│")));
      expect(namesIn(`${folder}/home/comparisons`)).toEqual([]);
    }
    expect(shown[1]).toEqual(shown[0]);
    const { uncompared } = JSON.parse(
      (await night(folder, ["data"], ["--json"])).out,
    );
    expect(uncompared).toEqual(
      ["predecessor", "best"].map((why) => ({
        why,
        dataset: "data",
        before: "v1",
        after: "v2",
        n: 0,
      })),
    );
  });
});

Deno.test("reevaluate makes no verdict from a single case", async () => {
  await withData(async (folder) => {
    await writeDataset(`${folder}/single`, { a: labelled });
    await register(folder, "v1", "good");
    await register(folder, "v2", "nothing");
    const { code, out } = await night(folder, ["single"]);
    expect(code).toBe(0);
    expect(out).toMatch(/v2 +│ v1 \(predecessor, best\) │ - +│ too few, n 1 │/);
    expect(namesIn(`${folder}/home/comparisons`)).toEqual([]);
  });
});

Deno.test("reevaluate writes records anew that it derives, where they are damaged, and says so", async () => {
  await withData(async (folder) => {
    await register(folder, "v1", "good");
    await register(folder, "v2", "nothing");
    const home = `${folder}/home`;
    const before = await night(folder, ["data"]);
    expect(before.code).toBe(4);
    const [comparison] = namesIn(`${home}/comparisons`);
    const [runId] = namesIn(`${home}/runs`);
    const damaged = [
      "datasets/data.json",
      `comparisons/${comparison}`,
      `runs/${runId}/summary.json`,
    ];
    for (const path of damaged) {
      const whole = await readJson(`${home}/${path}`);
      await Deno.writeTextFile(`${home}/${path}`, "{");

      const plan = await night(folder, ["data"], ["--dry-run"]);
      expect(plan.code).toBe(0);
      expect(await Deno.readTextFile(`${home}/${path}`)).toBe("{");

      const mended = await night(folder, ["data"]);
      expect(mended.err).toBe("");
      expect(mended.out.split("\n").slice(0, -1))
        .toEqual(before.out.split("\n").slice(0, -1));
      expect(mended.code).toBe(4);
      expect(mended.said.join("\n")).toMatch(
        new RegExp(
          `Cannot read .*${path}: it is not JSON; a night writes it anew`,
        ),
      );
      const { createdAt: _, indexedAt: __, writtenAt: ___, ...rest } =
        await readJson(`${home}/${path}`);
      expect(whole).toMatchObject(rest);
      expect((await night(folder, ["data"])).said.join("\n"))
        .not.toContain("anew");
    }
  });
});

Deno.test("reevaluate makes whatever is wrong with one dataset, record or checkpoint that one's problem", async () => {
  await withData(async (folder) => {
    const home = `${folder}/home`;
    await register(folder, "v1", "good");
    await register(folder, "v2", "fair");
    await register(folder, "v3", "fair", {
      training: { dataset: "another" },
    });
    await night(folder, ["data"]);
    const evaluation = namesIn(`${home}/evaluations`)[0]!;
    await writeFiles(home, {
      "checkpoints/copy.json": await Deno.readTextFile(
        `${home}/checkpoints/v2.json`,
      ),
      [`evaluations/${evaluation}`]: "{",
    });
    await writeFiles(folder, { "odd/dataset.json": '{"training": 7}' });
    // Out of reach for everyone, whoever runs this.
    await Deno.mkdir(`${folder}/loop`);
    await Deno.symlink("dataset.json", `${folder}/loop/dataset.json`);
    const ran = await night(folder, ["odd", "loop", "data"], ["--json"]);
    expect(ran.err).toBe("");
    expect(ran.code).toBe(3);
    expect(evaluationsOf(ran)).toHaveLength(2);
    expect(JSON.parse(ran.out).problems).toEqual([
      expect.stringMatching(/checkpoints\/copy\.json: it is of "v2"$/),
      expect.stringMatching(/^file:.*\/odd: .*dataset\.json/),
      expect.stringMatching(/loop\/dataset\.json/),
      expect.stringMatching(/^v\d on data: Cannot read .*evaluations/),
    ]);
  });
});

Deno.test("reevaluate --dry-run lists what it would do and skip, and writes nothing", async () => {
  await withData(async (folder) => {
    await writeDataset(`${folder}/bare`, { x: {} });
    await register(folder, "v1", "good");
    const before = namesIn(`${folder}/home`);
    const { code, out } = await night(folder, ["data", "bare"], ["--dry-run"]);
    expect(code).toBe(0);
    expect(out).toBe(
      "Evaluate: v1 on data: 2 labelled cases, may have seen these\n" +
        "Skip: v1 on bare: the dataset has no labelled case",
    );
    expect(namesIn(`${folder}/home`)).toEqual(before);
  });
});

Deno.test("reevaluate refuses two datasets of one name, in one night or in two", async () => {
  await withData(async (folder) => {
    await writeDataset(`${folder}/elsewhere/data`, { x: labelled });
    const both = await night(folder, ["data", "elsewhere/data"]);
    expect(both.code).toBe(2);
    expect(both.err).toMatch(
      /^Two datasets are called "data": file.* and file/,
    );
    expect((await night(folder, ["data"])).code).toBe(0);
    const other = await night(folder, ["elsewhere/data"]);
    expect(other.code).toBe(2);
    expect(other.err).toContain("home/datasets/data.json");
  });
});

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
  await withData(async (folder) => {
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
  await withData(async (folder) => {
    const refused = async (args: readonly string[], message: string) => {
      const { code, err } = await night(folder, ["data"], args);
      expect(code).toBe(2);
      expect(err).toContain(message);
    };
    const http = "--webhook: takes an http:// or https:// URL";
    await refused(["--webhook", "file:///etc/passwd"], http);
    await refused(["--webhook", "nowhere"], http);
    await refused(["--every", "sometimes"], 'Cannot do it at "sometimes", UTC');
    await refused(
      ["--every", "0 2 * * *", "--time-zone", "Mars/Olympus"],
      'Cannot do it at "0 2 * * *", Mars/Olympus',
    );
    await refused(["--dispatch", "kubernetes"], "needs a --dispatch-config");
  });
});

Deno.test("reevaluate --every waits for its time and stops when it is asked to", async () => {
  await withData(async (folder) => {
    const stop = new AbortController();
    const ran = night(folder, ["data"], ["--every", "0 2 29 2 *"], {
      signal: stop.signal,
    });
    stop.abort(new Error("stopped"));
    const { code, said } = await ran;
    expect(code).toBe(130);
    expect(said[0]).toMatch(/^Next at \d{4}-02-29T02:00:00.000Z$/);
    expect(namesIn(`${folder}/home`)).toEqual(["schedules"]);
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
  await withData(async (folder) => {
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

Deno.test("reevaluate lets several workers of this machine share an evaluation", async () => {
  await withData(async (folder) => {
    await register(folder, "v1", "good");
    const ran = await night(folder, ["data"], ["--workers", "2", "--json"]);
    expect(ran.code).toBe(0);
    expect(evaluationsOf(ran)).toMatchObject([{ n: 2, isNew: true }]);
    const [runId] = namesIn(`${folder}/home/runs`);
    expect(namesIn(`${folder}/home/runs/${runId}/workers`)).toHaveLength(2);
  });
});

testWithS3("reevaluate works from bucket to bucket", async (server) => {
  const env = {
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_ACCESS_KEY_ID: server.accessKey,
    AWS_SECRET_ACCESS_KEY: server.secretKey,
  };
  const prefix = `s3://${server.bucket}/nights-${crypto.randomUUID()}`;
  await withNanoCheckpoint(async (folder) => {
    const data = openStore(`${prefix}/data`, { env });
    for (const id of ["a", "b"]) {
      await data.put(`images/${id}.nii.gz`, PHANTOM.image);
      await data.put(`labels/${id}.nii.gz`, PHANTOM.label);
    }
    const home = `${prefix}/home`;
    await register(folder, "v1", "good", { home, env });
    await register(folder, "v2", "nothing", { home, env });
    const args = ["--home", home, "--datasets", `${prefix}/data`, "--json"];
    const once = () => uptake(folder, ["reevaluate", ...args], { env });
    const first = await once();
    expect(first.err).toBe("");
    expect(first.code).toBe(4);
    expect(evaluationsOf(first).map(({ n, isNew }) => ({ n, isNew })))
      .toEqual([{ n: 2, isNew: true }, { n: 2, isNew: true }]);
    const second = await once();
    expect(second.code).toBe(4);
    expect(evaluationsOf(second).map(({ isNew }) => isNew))
      .toEqual([false, false]);
  });
});
