/** @module The files of a case, as browsers ask for them. */
import { expect } from "@std/expect";
import { storeOpener } from "../../../jobs/cli/context.ts";
import { readNiftiLabel } from "../../../shared/imaging/nifti/read.ts";
import type { DashboardDeps } from "../../../dashboard/deps.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { caseIdOf, fillCaseHome, RUN_ID } from "../../support/case_home.ts";
import { bearer, testDashboard } from "../../support/dashboard.ts";
import { memoryStore } from "../../support/memory_store.ts";

const PATH = `/runs/${RUN_ID}/cases/${encodeURIComponent(caseIdOf(0))}`;
const MASK = `runs/${RUN_ID}/attempts/${caseIdOf(0)}/a1/mask.nii.gz`;

async function dashboardWithCases(
  home: ObjectStore = memoryStore(),
  changes: Partial<DashboardDeps> = {},
) {
  const made = await fillCaseHome(home, { cases: 2, done: 1 });
  const dashboard = await testDashboard({
    home,
    changes: { open: () => home, ...changes },
  });
  const { deps, tokens, request } = dashboard;
  await deps.indexer.refresh(deps.signal);
  const get = (path: string, headers: Record<string, string> = {}) =>
    request(path, { headers: { ...bearer(tokens.viewer), ...headers } });
  return { ...dashboard, home, made, get };
}

Deno.test("GET image, label, mask and mip.png pass on what the records name", async () => {
  const { get, home, made } = await dashboardWithCases();
  for (
    const [name, key, type] of [
      ["image", "scans/scan 01.nii.gz", "application/gzip"],
      ["label", "scans/scan 01_label.nii.gz", "application/gzip"],
      ["mask", MASK, "application/gzip"],
      ["mip.png", MASK.replace("mask.nii.gz", "mip.png"), "image/png"],
    ] as const
  ) {
    const answer = await get(`${PATH}/${name}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe(type);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("content-encoding")).toBeNull();
    const stored = await home.get(key);
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(stored!.body);
  }
  const mask = await (await get(`${PATH}/mask`)).arrayBuffer();
  expect(readNiftiLabel(new Uint8Array(mask)).volume.data)
    .toEqual(made[0]!.mask.data);
});

Deno.test("GET mask tells its hash, its length and a name to keep it under", async () => {
  const { get, home } = await dashboardWithCases();
  const { headers, body } = await get(`${PATH}/mask`);
  await body?.cancel();
  const result = JSON.parse(
    new TextDecoder().decode(
      (await home.get(`runs/${RUN_ID}/results/scan 01.json`))!.body,
    ),
  );
  expect(headers.get("etag")).toBe(`"${result.outputs[0].sha256}"`);
  expect(headers.get("content-length")).toBe(String(result.outputs[0].bytes));
  expect(headers.get("accept-ranges")).toBe("bytes");
  expect(headers.get("content-disposition")).toBe(
    "attachment; filename=\"scan_01-mask.nii.gz\"; filename*=UTF-8''scan%2001-mask.nii.gz",
  );
});

Deno.test("GET image answers a range, and says which ranges there are", async () => {
  const { get, home } = await dashboardWithCases();
  const { body, bytes } = (await home.get("scans/scan 01.nii.gz"))!;
  const part = await get(`${PATH}/image`, { range: "bytes=10-19" });
  expect(part.status).toBe(206);
  expect(part.headers.get("content-range")).toBe(`bytes 10-19/${bytes}`);
  expect(new Uint8Array(await part.arrayBuffer())).toEqual(body.slice(10, 20));
  const beyond = await get(`${PATH}/image`, { range: `bytes=${bytes}-` });
  expect(beyond.status).toBe(416);
  expect(beyond.headers.get("content-range")).toBe(`bytes */${bytes}`);
  await beyond.body?.cancel();
});

Deno.test("GET of a file that is not there says so, and no more", async () => {
  const { get, home } = await dashboardWithCases();
  const statusOf = async (path: string) => {
    const answer = await get(path);
    await answer.body?.cancel();
    return answer.status;
  };
  // No mask yet; no such case, run or file.
  expect(await statusOf(`/runs/${RUN_ID}/cases/scan%2002/mask`)).toBe(404);
  expect(await statusOf(`/runs/${RUN_ID}/cases/scan%2099/image`)).toBe(404);
  expect(await statusOf(`/runs/${RUN_ID}x/cases/scan%2001/image`)).toBe(404);
  expect(await statusOf(`${PATH}/probabilities`)).toBe(404);
  await home.delete("scans/scan 01.nii.gz");
  const gone = await get(`${PATH}/image`);
  expect(gone.status).toBe(404);
  expect((await gone.json()).error.message).toBe(
    "The file that the record names is not in its store",
  );
});

Deno.test("GET of a mask that was changed ends before its last bytes", async () => {
  const { get, home } = await dashboardWithCases();
  const { body } = (await home.get(MASK))!;
  // The time in gzip's header: it is an image all the same.
  body[4]! ^= 1;
  await home.put(MASK, body);
  const answer = await get(`${PATH}/mask`);
  await expect(answer.arrayBuffer()).rejects.toThrow("it is not what it was");
});

Deno.test("GET of an image that is too large is refused unread, and its page says why", async () => {
  const home = memoryStore();
  const huge: ObjectStore = {
    ...home,
    peek: async (key, maxBytes, signal) => {
      const start = await home.peek(key, maxBytes, signal);
      return start && key === "scans/scan 01.nii.gz"
        ? { ...start, bytes: 2_000_000_000 }
        : start;
    },
  };
  const { get } = await dashboardWithCases(huge);
  const answer = await get(`${PATH}/image`);
  expect(answer.status).toBe(413);
  await answer.body?.cancel();
  const page = await (await get(PATH, { accept: "text/html" })).text();
  expect(page).toContain(
    "The image has 2 GB, more than the 1 GB that a browser can be asked to show.",
  );
  expect(page).toContain("&quot;image&quot;:null");
});

Deno.test("every look at a scan stands in the audit log, with the case", async () => {
  const { get, audited } = await dashboardWithCases();
  await (await get(`${PATH}/image`)).body?.cancel();
  await (await get(`${PATH}/mip.png`)).body?.cancel();
  const lines = await audited();
  expect(lines.map(({ action, route, params }) => [action, route, params]))
    .toEqual(
      ["image", "mip.png"].map((name) => [
        "view",
        `/runs/:runId/cases/:caseId/${name}`,
        { runId: RUN_ID, caseId: "scan 01" },
      ]),
    );
});

Deno.test("GET of a picture that is gone gives a list an empty one, and programs the reason", async () => {
  const { get, home } = await dashboardWithCases();
  await home.delete(MASK.replace("mask.nii.gz", "mip.png"));
  const shown = await get(`${PATH}/mip.png`, { accept: "image/avif,*/*" });
  expect(shown.status).toBe(404);
  expect(shown.headers.get("content-type")).toBe("image/svg+xml");
  expect(await shown.text()).toMatch(/^<svg /);
  const asked = await get(`${PATH}/mip.png`);
  expect(asked.status).toBe(404);
  expect((await asked.json()).error.message).toBe(
    "The file that the record names is not in its store",
  );
});

/** Makes the run's record name another file as the image of its first case. */
async function rename(
  home: ObjectStore,
  image: { store?: string; key?: string },
): Promise<void> {
  const key = `runs/${RUN_ID}/run.json`;
  const { body } = (await home.get(key))!;
  const run = JSON.parse(new TextDecoder().decode(body));
  Object.assign(run.cases[0].images[0], image);
  await home.put(key, new TextEncoder().encode(JSON.stringify(run)));
}

/** A home whose run names such an image, and what the dashboard answers to whoever wants it. */
async function imageNamedBy(
  image: { store?: string; key?: string },
  changes: Partial<DashboardDeps> = {},
  bytes = new TextEncoder().encode("root:x:0:0:root:/root:/bin/bash\n"),
) {
  const scans = { ...memoryStore(), location: "file:///scans" };
  const home = memoryStore();
  const { get, deps } = await dashboardWithCases(home, {
    open: (location) => location === scans.location ? scans : home,
    ...changes,
  });
  await scans.put(image.key ?? "a.nii.gz", bytes);
  await rename(home, image);
  deps.catalog.rebuild();
  await deps.indexer.refresh(deps.signal);
  const answer = await get(`${PATH}/image`);
  const page = await (await get(PATH, { accept: "text/html" })).text();
  return { status: answer.status, text: await answer.text(), page };
}

Deno.test("GET image gives others nothing of a store that only the record of a run names", async () => {
  const scan = { store: "file:///scans", key: "a.nii.gz" };
  const { status, text, page } = await imageNamedBy(scan, {
    readableRoots: ["file:///elsewhere"],
  });
  expect(status).toBe(403);
  for (const shown of [text, page]) {
    expect(shown).toContain("The image lies in file:///scans, which is not");
    expect(shown).toContain("--dataset-roots");
    expect(shown).not.toContain("root:x");
  }
  const home = memoryStore();
  await fillCaseHome(home, { cases: 1 });
  const { body } = (await home.get("scans/scan 01.nii.gz"))!;
  const named = { readableRoots: ["file:///scans"] };
  expect((await imageNamedBy(scan, named, body)).status).toBe(200);
});

Deno.test("GET image passes on no file that is no image by its name and by what it holds", async () => {
  const store = "file:///scans";
  for (const key of ["passwd", "tokens/0123456789abcdef.json"]) {
    const { status, text, page } = await imageNamedBy({ store, key });
    expect(status).toBe(403);
    expect(text + page).not.toContain("root:x");
  }
  const { status, text, page } = await imageNamedBy({ store, key: "a.nii.gz" });
  expect(status).toBe(422);
  expect(text + page).not.toContain("root:x");
});

Deno.test("GET image says so where the record names no store at all", async () => {
  for (const store of ["http://169.254.169.254/", "file:relative", ""]) {
    const { status, text, page } = await imageNamedBy({ store }, {
      open: storeOpener("/"),
    });
    expect(status).toBe(403);
    for (const shown of [text, page]) {
      expect(shown).toContain("The record says of the image where none can be");
    }
  }
});
