/** @module `uptake reevaluate` where something is wrong: with a case, a record, a checkpoint or a dataset. */
import { expect } from "@std/expect";
import { uptake } from "../../support/command_line.ts";
import {
  PHANTOM,
  readJson,
  writeDataset,
  writeFiles,
} from "../../support/datasets.ts";
import {
  evaluationsOf,
  LABELLED,
  namesIn,
  night,
  register,
  withLabelledData,
} from "../../support/homes.ts";

Deno.test("reevaluate counts cases that failed, goes on, and exits with 3", async () => {
  await withLabelledData(async (folder) => {
    await writeDataset(`${folder}/data`, {
      a: LABELLED,
      bad: { ...LABELLED, image: PHANTOM.image.slice(0, 2000) },
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
  await withLabelledData(async (folder) => {
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
  await withLabelledData(async (folder) => {
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
  await withLabelledData(async (folder) => {
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

Deno.test("reevaluate writes records anew that it derives, where they are damaged, and says so", async () => {
  await withLabelledData(async (folder) => {
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
  await withLabelledData(async (folder) => {
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

Deno.test("reevaluate refuses a home without any checkpoint, and writes nothing there", async () => {
  await withLabelledData(async (folder) => {
    await register(folder, "v1", "good");
    const before = namesIn(folder);
    const times = "0 2 * * *";
    const ways = [[], ["--dry-run"], ["--every", times], ["--schedule", times]];
    for (const way of ways) {
      const args = ["--home", "typo", "--datasets", "data", ...way];
      const { code, out, err } = await uptake(folder, ["reevaluate", ...args]);
      expect([code, out]).toEqual([2, ""]);
      expect(err).toContain(
        `No checkpoint is registered in file://${folder}/typo`,
      );
    }
    expect(namesIn(folder)).toEqual(before);
  });
});

Deno.test("reevaluate takes a dataset that is named twice for one", async () => {
  await withLabelledData(async (folder) => {
    await register(folder, "v1", "good");
    const { code, out } = await night(folder, ["data", "./data"]);
    expect(code).toBe(0);
    expect(out).toContain("1 evaluation made, 0 known, 0 skipped");
  });
});

Deno.test("reevaluate refuses two datasets of one name, in one night or in two", async () => {
  await withLabelledData(async (folder) => {
    await register(folder, "v1", "good");
    await writeDataset(`${folder}/elsewhere/data`, { x: LABELLED });
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
