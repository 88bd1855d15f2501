/** @module The viewer in a real browser: where in space it shows things, and what it says of files that are no scans. */
import { expect } from "@std/expect";
import { decode } from "fast-png";
import type { Page } from "playwright-core";
import { deflateSync, gunzipSync, gzipSync } from "node:zlib";
import { encodeNifti } from "../../shared/imaging/nifti/write.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { openStore } from "../../shared/storage/open_store.ts";
import { testWithBrowser, type WatchedPage } from "../support/browser.ts";
import {
  type CaseHomeOptions,
  caseIdOf,
  fillCaseHome,
  RUN_ID,
} from "../support/case_home.ts";
import {
  untilIndexed,
  withServedDashboard,
} from "../support/serve_dashboard.ts";
import { withFolder } from "../support/temporary_folder.ts";

const CASE = `/runs/${RUN_ID}/cases/${encodeURIComponent(caseIdOf(0))}`;
const IMAGE = `scans/${caseIdOf(0)}.nii.gz`;
const LABEL = `scans/${caseIdOf(0)}_label.nii.gz`;

type Bytes = Uint8Array<ArrayBuffer>;

function testViewer(
  name: string,
  options: CaseHomeOptions,
  use: (
    watched: WatchedPage & { home: ObjectStore; url: string },
  ) => Promise<void>,
): void {
  testWithBrowser(name, (watched) =>
    withFolder(async (folder) => {
      const home = openStore(folder);
      await fillCaseHome(home, { cases: 1, ...options });
      await withServedDashboard(folder, async ({ origin, link }) => {
        const { page } = watched;
        await page.setViewportSize({ width: 1280, height: 800 });
        await page.goto(link());
        await untilIndexed(page);
        await use({ ...watched, home, url: `${origin}${CASE}` });
      });
    }));
}

/** The header of a file as it is, changed. */
function withHeader(file: Bytes, change: (header: DataView) => void): Bytes {
  const bytes = new Uint8Array(gunzipSync(file));
  change(new DataView(bytes.buffer));
  return new Uint8Array(gzipSync(bytes));
}

const QFORM_CODE = 252;
const SFORM_CODE = 254;
const QUATERNION = 256;
const QOFFSET = 268;
const SROW = 280;
const PIXDIM = 76;

/** The lesion's middle voxel, and what makes it stand out. */
const [I, J, K] = [30, 12, 20];
const SHAPE = [40, 48, 30] as const;
const BRIGHT = 7.25;

/** A mask of one lesion of 3 x 3 x 3 voxels. */
function oneLesion(): Bytes {
  const mask = new Uint8Array(SHAPE[0] * SHAPE[1] * SHAPE[2]);
  for (let di = -1; di <= 1; di++) {
    for (let dj = -1; dj <= 1; dj++) {
      for (let dk = -1; dk <= 1; dk++) {
        mask[((I + di) * SHAPE[1] + J + dj) * SHAPE[2] + K + dk] = 1;
      }
    }
  }
  return mask;
}

interface Placement {
  readonly name: string;
  /** What the header says. */
  readonly write: (header: DataView) => void;
  /** Where the lesion's middle is by that, in RAS+ mm: worked out by hand. */
  readonly mm: readonly [number, number, number];
}

const cos30 = Math.cos(Math.PI / 6);
const floats = (header: DataView, at: number, values: readonly number[]) =>
  values.forEach((value, n) => header.setFloat32(at + 4 * n, value, true));
const codes = (header: DataView, qform: number, sform: number) => {
  header.setInt16(QFORM_CODE, qform, true);
  header.setInt16(SFORM_CODE, sform, true);
};

const PLACEMENTS: readonly Placement[] = [
  {
    name: "by the sform alone, to the left, anisotropic",
    write(header) {
      codes(header, 0, 2);
      floats(header, SROW, [-3, 0, 0, 90, 0, 4, 0, -60, 0, 0, 6, -200]);
    },
    mm: [90 - 3 * I, 4 * J - 60, 6 * K - 200],
  },
  {
    name: "by the qform alone, to the left",
    write(header) {
      codes(header, 1, 0);
      // Half a turn about the second axis, and the third mirrored: diag(-1, 1, 1).
      floats(header, PIXDIM, [-1, 3, 4, 6]);
      floats(header, QUATERNION, [0, 1, 0]);
      floats(header, QOFFSET, [90, -60, -200]);
    },
    mm: [90 - 3 * I, 4 * J - 60, 6 * K - 200],
  },
  {
    name: "by an oblique qform, 30 degrees about the head-foot axis",
    write(header) {
      codes(header, 1, 0);
      floats(header, PIXDIM, [1, 3, 4, 6]);
      floats(header, QUATERNION, [0, 0, Math.sin(Math.PI / 12)]);
      floats(header, QOFFSET, [-50, -90, -100]);
    },
    mm: [
      cos30 * 3 * I - 0.5 * 4 * J - 50,
      0.5 * 3 * I + cos30 * 4 * J - 90,
      6 * K - 100,
    ],
  },
  {
    name: "by the sform where both are there and differ, axes swapped",
    write(header) {
      codes(header, 2, 1);
      floats(header, QUATERNION, [0, 0, 0]);
      floats(header, SROW, [0, 4, 0, -80, -3, 0, 0, 70, 0, 0, 6, -50]);
    },
    mm: [4 * J - 80, 70 - 3 * I, 6 * K - 50],
  },
];

for (const { name, write, mm } of PLACEMENTS) {
  testViewer(
    `the viewer places voxels ${name}`,
    {
      shape: SHAPE,
      spacingMm: [3, 4, 6],
      isLabelled: false,
      segment: oneLesion,
      encode(volume) {
        const { data } = volume;
        if (data instanceof Float32Array) {
          const at = (I * SHAPE[1] + J) * SHAPE[2] + K;
          for (let n = 0; n < data.length; n++) data[n] = Math.min(data[n]!, 2);
          data[at] = BRIGHT;
        }
        return withHeader(encodeNifti(volume), write);
      },
    },
    async ({ page, url, problems }) => {
      await page.goto(url);
      await page.waitForSelector("#viewer[data-state=ready]");
      await page.click("#lesions tbody tr");
      const [x, y, z] = mm.map((value) => value.toFixed(0));
      await page.getByText(
        `R ${x}, A ${y}, S ${z} mm · SUV ${BRIGHT} · in the mask`,
      ).waitFor();
      expect(await page.textContent("#lesions tbody td:last-child"))
        .toBe(`${x}, ${y}, ${z}`);
      // In each plane the mask's colour lies where the crosshair's lines meet.
      await page.selectOption("#mode", "fill");
      for (const view of ["axial", "coronal", "sagittal"]) {
        await page.selectOption("#view", view);
        const { mask, crosshair } = await placesOn(page);
        expect(Math.hypot(mask[0] - crosshair[0], mask[1] - crosshair[1]))
          .toBeLessThan(12);
      }
      expect(problems).toEqual([]);
    },
  );
}

/** The middle of what has the mask's colour, and where the green lines meet, in pixels of a picture of the planes. */
async function placesOn(page: Page) {
  const { data, channels, width, height } = decode(
    await page.locator("#planes").screenshot(),
  );
  const columns = new Float64Array(width);
  const rows = new Float64Array(height);
  let [n, sumX, sumY] = [0, 0, 0];
  for (let at = 0; at < width * height; at++) {
    const [r, g, b] = data.subarray(at * channels) as Uint8Array;
    const [x, y] = [at % width, Math.floor(at / width)];
    if (g! - r! > 40 && g! - b! > 20) {
      columns[x]!++;
      rows[y]!++;
    } else if (r! - b! > 60 && r! > g!) {
      n++;
      sumX += x;
      sumY += y;
    }
  }
  expect(n).toBeGreaterThan(50);
  return {
    mask: [sumX / n, sumY / n] as const,
    crosshair: [
      columns.indexOf(Math.max(...columns)),
      rows.indexOf(Math.max(...rows)),
    ] as const,
  };
}

testViewer(
  "a label on another grid is left out with the reason, and the rest is shown",
  {},
  async ({ page, url, home, problems }) => {
    const { body } = (await home.get(LABEL))!;
    await home.put(
      LABEL,
      withHeader(body, (header) => {
        const at = SROW + 12;
        header.setFloat32(at, header.getFloat32(at, true) + 20, true);
      }),
    );
    await page.goto(url);
    await page.waitForSelector("#viewer[data-state=ready]");
    expect(await page.textContent("#viewer .note")).toContain(
      "The label is not shown, as the grids differ: the label lies up to 20.00 mm away from the image",
    );
    expect(await page.textContent("#legend")).toBe("Mask");
    expect(await page.isDisabled("#show-label")).toBe(true);
    await page.locator("#lesions", { hasText: "The grids differ: the label" })
      .waitFor();
    expect(problems.filter((problem) => !problem.includes("409"))).toEqual([]);
  },
);

/** Files that are not what they say, by what the page says of them. */
const BAD_FILES: readonly {
  readonly name: string;
  readonly spoil: (file: Bytes) => Bytes;
  readonly says: string;
  /** Seen only when it is loaded: the page's header says nothing of it. */
  readonly isLate?: true;
}[] = [
  {
    name: "a gzip bomb",
    // Its header says what the scan's says, and 200 MB of zeros follow.
    spoil(file) {
      const bytes = new Uint8Array(200_000_000);
      bytes.set(gunzipSync(file).subarray(0, 352));
      return new Uint8Array(gzipSync(bytes));
    },
    says: "the file holds more than its header says",
    isLate: true,
  },
  {
    name: "a scan that is cut short",
    spoil: (file) => file.slice(0, file.length / 2),
    says: "the file is cut short: it holds less than its header says",
    isLate: true,
  },
  {
    name: "another format",
    spoil: () => new Uint8Array(deflateSync(new Uint8Array(1000))),
    says: "it is no NIfTI file",
  },
  {
    name: "an empty file",
    spoil: () => new Uint8Array(0),
    says: "it is empty",
  },
  {
    name: "a wrong magic",
    spoil: (file) => withHeader(file, (header) => header.setUint8(344, 120)),
    says: "its NIfTI magic is",
  },
  {
    name: "a side of no voxels",
    spoil: (file) => withHeader(file, (header) => header.setInt16(42, 0, true)),
    says: "a side must be 1 to 32767",
  },
  {
    name: "voxels of no size",
    spoil: (file) =>
      withHeader(file, (header) => {
        codes(header, 0, 1);
        floats(header, SROW, [NaN, NaN, NaN]);
      }),
    says: "affine",
  },
  {
    name: "a header of a huge scan",
    spoil: (file) =>
      withHeader(file, (header) => {
        for (const axis of [0, 1, 2]) {
          header.setInt16(42 + 2 * axis, 2000, true);
        }
      }),
    says: "GB unpacked, more than the 1 GB that a browser can be asked to show",
  },
];

testViewer(
  "an image that is no scan gives a sentence instead of a blank canvas",
  {},
  async ({ page, url, home, problems }) => {
    const image = (await home.get(IMAGE))!.body;
    for (const { spoil, says } of BAD_FILES) {
      await home.put(IMAGE, spoil(image));
      await page.goto(url);
      await page.locator("#stage-text", { hasText: says }).waitFor();
      expect(await page.isVisible("#stage-message")).toBe(true);
      expect(await page.isDisabled("#window")).toBe(true);
    }
    expect(problems.filter((problem) => !problem.includes("409"))).toEqual([]);
  },
);

testViewer(
  "a label that is no scan gives a sentence, and image and mask stay",
  {},
  async ({ page, url, home, problems }) => {
    const label = (await home.get(LABEL))!.body;
    const [early] = BAD_FILES.filter(({ isLate }) => !isLate);
    const late = BAD_FILES.filter(({ isLate }) => isLate);
    for (const { spoil, says } of [early!, ...late]) {
      await home.put(LABEL, spoil(label));
      await page.goto(url);
      await page.waitForSelector("#viewer[data-state=ready]");
      await page.locator(".note", { hasText: says }).waitFor();
      expect(await page.isVisible("#stage-message")).toBe(false);
      expect(await page.textContent("#legend")).toBe("Mask");
      await page.locator("#lesions", {
        hasText: /^The label cannot be read: /,
      }).waitFor();
    }
    expect(problems.filter((problem) => !problem.includes("409"))).toEqual([]);
  },
);

testViewer(
  "everything in the viewer can be done by keys, and the focus shows",
  { cases: 2 },
  async ({ page, url, problems }) => {
    await page.goto(`${url}?sort=caseId`);
    await page.waitForSelector("#viewer[data-state=ready]");
    await page.waitForSelector("#lesions tbody tr");
    const { keyboard } = page;
    const legend = () => page.textContent("#legend");
    expect(await page.inputValue("#mode")).toBe("outline");
    await keyboard.press("o");
    expect(await page.inputValue("#mode")).toBe("fill");
    expect(await legend()).toBe("MaskLabelBoth");
    await keyboard.press("d");
    expect(await legend()).toBe("MissedFalseAgreement");
    await keyboard.press("h");
    expect(await legend()).toBe("");
    await keyboard.press("h");
    await keyboard.press("l");
    expect(await legend()).toBe("Mask");
    await keyboard.press("m");
    expect(await legend()).toBe("");
    for (
      const name of [
        "SUV 0 to 10",
        "SUV 0 to 15",
        "SUV 0 to 20",
        "SUV 0 to 30",
        "99.9th percentile",
        "All values",
        "SUV 0 to 5",
      ]
    ) {
      await keyboard.press("w");
      expect(await page.inputValue("#window")).toBe(name);
    }
    await keyboard.press("i");
    expect(await page.getAttribute("#viewer", "class")).toContain(
      "white-on-dark",
    );
    const row = page.locator("#lesions tr[aria-current]");
    expect(await row.textContent()).toMatch(/^2False/);
    await keyboard.press("n");
    expect(await row.textContent()).toMatch(/^3/);
    await keyboard.press("p");
    await keyboard.press("p");
    expect(await row.textContent()).toMatch(/^1Missed/);
    const place = () => page.textContent("#position");
    const [, x, z] = /R (-?\d+), A -?\d+, S (-?\d+)/.exec((await place())!)!;

    // Tab goes through the toolbar into the planes, and shows where it is.
    await page.focus("#window");
    const reached: unknown[] = [];
    while (reached.at(-1) !== "planes") {
      await keyboard.press("Tab");
      const [id, outline] = await page.evaluate(FOCUSED) as string[];
      reached.push(id);
      expect(outline).toBe("solid 3px");
    }
    expect(reached).toEqual([
      "window-from",
      "window-to",
      "view",
      "mode",
      "show-mask",
      "show-label",
      "planes",
    ]);
    // The voxels are 10 mm wide and 12 mm high: left is the patient's right.
    await keyboard.press("ArrowLeft");
    await page.locator("#position", { hasText: `R ${Number(x) + 10}, ` })
      .waitFor();
    await keyboard.press("ArrowDown");
    await page.locator("#position", { hasText: `S ${Number(z) - 12} mm` })
      .waitFor();
    // A letter is the page's there, too, and no key of the planes.
    const before = await place();
    await keyboard.press("d");
    expect(await page.inputValue("#mode")).toBe("difference");
    expect(await place()).toBe(before);

    await keyboard.press("?");
    expect(await page.textContent("#help")).toContain("Outlines or fills");
    await keyboard.press("Escape");
    await keyboard.press("j");
    await page.waitForURL(/scan%2002/);
    await page.waitForSelector("#help-button:not([hidden])");
    await keyboard.press("k");
    await page.waitForURL(/scan%2001/);
    expect(problems).toEqual([]);
  },
);

const FOCUSED = `(() => {
  const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
  return [document.activeElement.id, outlineStyle + " " + outlineWidth];
})()`;
