/** @module The queue of cases to review, and the way through it. */
import { expect } from "@std/expect";
import {
  checkpoints,
  datasets,
} from "../../../shared/catalog/queries/lists.ts";
import { RUN_ID } from "../../support/case_home.ts";
import { memoryStore } from "../../support/memory_store.ts";
import { dashboardWithCases, PATH } from "../../support/review_dashboard.ts";

Deno.test("the queue holds what nobody has reviewed, and a reviewed case leaves it at once", async () => {
  const { post, get } = await dashboardWithCases();
  for (const kind of ["lowest-dice", "volume-error", "unreviewed"]) {
    const html = await get(`/review?kind=${kind}&run=${RUN_ID}`);
    expect(html).toContain("scan 01</span></a>");
    expect(html).toContain("scan 02</span></a>");
    expect(html).not.toContain("scan 03</span></a>");
    expect(html).toContain("Start reviewing");
  }
  await post({ verdict: "accept" });
  const left = await get("/review");
  expect(left).not.toContain("scan 01</span></a>");
  await post({ verdict: "accept" }, {
    path: `/runs/${RUN_ID}/cases/scan%2002`,
  });
  expect(await get("/review")).toContain("Nothing left to review");
});

Deno.test("a case in a queue leads to the next one of the queue", async () => {
  const { get } = await dashboardWithCases();
  const html = await get(`${PATH}?queue=unreviewed&in=${RUN_ID}`);
  const links = [...html.matchAll(/rel="(?:next|prev)" href="([^"]*)"/g)]
    .map(([, url]) => url!.replaceAll("&amp;", "&"));
  expect(links).toEqual([
    `/runs/${RUN_ID}/cases/scan%2002?queue=unreviewed&in=${RUN_ID}&at=1`,
  ]);
});

Deno.test("a queue is narrowed to a dataset, a checkpoint and a run, and stays so from case to case", async () => {
  const { get, deps } = await dashboardWithCases();
  const [dataset] = datasets(deps.catalog).items;
  const [checkpoint] = checkpoints(deps.catalog).items;
  const query = new URLSearchParams({
    in: RUN_ID,
    dataset: dataset!.key,
    checkpoint: checkpoint!.key,
  });
  const html = await get(
    `/review?kind=unreviewed&${query}`.replace("&in=", "&run="),
  );
  expect(html).toContain("scan 01</span></a>");
  expect(html).toContain(`value="${RUN_ID}"`);
  const [, start] = /href="([^"]*)"[^>]*>Start reviewing/.exec(html)!;
  const first = start!.replaceAll("&amp;", "&");
  expect(first).toBe(
    `/runs/${RUN_ID}/cases/scan%2001?queue=unreviewed&${query}&at=0`,
  );
  const page = await get(first);
  expect(page).toContain(
    `/runs/${RUN_ID}/cases/scan%2002?queue=unreviewed&${query}&at=1`
      .replaceAll("&", "&amp;"),
  );
  expect(await get("/review?dataset=none")).toContain("Show all that wait");
});

Deno.test("who may not review is offered to look, not to review", async () => {
  const { get, tokens } = await dashboardWithCases();
  const list = `/runs/${RUN_ID}/cases`;
  const queue = await get("/review", tokens.viewer);
  expect(queue).toContain("Look through them");
  expect(queue).not.toContain("Start reviewing");
  expect(await get("/review")).toContain("Start reviewing");
  const button = `/review?run=${RUN_ID}`;
  expect(await get(list, tokens.viewer)).not.toContain(button);
  expect(await get(list)).toContain(button);
});

Deno.test("a queue is searched by case, and stays so from case to case", async () => {
  const { get } = await dashboardWithCases();
  const html = await get("/review?kind=unreviewed&search=AN+02");
  expect(html).toContain("scan 02</span></a>");
  expect(html).not.toContain("scan 01</span></a>");
  const query = "queue=unreviewed&search=AN+02&at=0";
  expect(html).toContain(`scan%2002?${query.replaceAll("&", "&amp;")}`);
  const page = await get(`/runs/${RUN_ID}/cases/scan%2002?${query}`);
  expect(page).toContain("1 of 1");
  expect(page).toContain("/review?kind=unreviewed&amp;search=AN+02");
});

Deno.test("the queue keeps its place when a case has left it, whoever reviewed it", async () => {
  const { post, get } = await dashboardWithCases(memoryStore(), 4);
  const at = (n: number) => `/runs/${RUN_ID}/cases/scan%200${n}`;
  const linksOf = async (n: number, place: number) => {
    const html = await get(
      `${at(n)}?queue=unreviewed&in=${RUN_ID}&at=${place}`,
    );
    return Object.fromEntries(
      [...html.matchAll(/rel="(next|prev)" href="[^"]*scan%200(\d)/g)]
        .map(([, rel, id]) => [rel, id]),
    );
  };
  expect(await linksOf(3, 2)).toEqual({ prev: "2", next: "4" });
  await post({ verdict: "accept" }, { path: at(3) });
  expect(await linksOf(3, 2)).toEqual({ prev: "2", next: "4" });
  await post({ verdict: "accept" }, { path: at(4) });
  expect(await linksOf(4, 3)).toEqual({ prev: "2" });
});
