/** @module What the viewer says of files that are no scans, in a real browser. */
import { expect } from "@std/expect";
import { deflateSync, gunzipSync, gzipSync } from "node:zlib";
import { CASES, openCase, testCases } from "../support/case_browser.ts";
import { caseIdOf } from "../support/case_home.ts";
import {
  type Bytes,
  codes,
  floats,
  SROW,
  withHeader,
} from "../support/nifti_headers.ts";

const CASE = `${CASES}/${encodeURIComponent(caseIdOf(0))}`;
const IMAGE = `scans/${caseIdOf(0)}.nii.gz`;
const LABEL = `scans/${caseIdOf(0)}_label.nii.gz`;

testCases(
  "a label on another grid is left out with the reason, and the rest is shown",
  { cases: 1 },
  async ({ page, origin, home, problems }) => {
    const { body } = (await home.get(LABEL))!;
    await home.put(
      LABEL,
      withHeader(body, (header) => {
        const at = SROW + 12;
        header.setFloat32(at, header.getFloat32(at, true) + 20, true);
      }),
    );
    await openCase(page, `${origin}${CASE}`);
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

testCases(
  "an image that is no scan gives a sentence instead of a blank canvas",
  { cases: 1 },
  async ({ page, origin, home, problems }) => {
    const image = (await home.get(IMAGE))!.body;
    for (const { spoil, says } of BAD_FILES) {
      await home.put(IMAGE, spoil(image));
      await page.goto(`${origin}${CASE}`);
      await page.locator("#stage-text", { hasText: says }).waitFor();
      expect(await page.isVisible("#stage-message")).toBe(true);
      expect(await page.isDisabled("#window")).toBe(true);
    }
    expect(problems.filter((problem) => !problem.includes("409"))).toEqual([]);
  },
);

testCases(
  "a label that is no scan gives a sentence, and image and mask stay",
  { cases: 1 },
  async ({ page, origin, home, problems }) => {
    const label = (await home.get(LABEL))!.body;
    const [early] = BAD_FILES.filter(({ isLate }) => !isLate);
    const late = BAD_FILES.filter(({ isLate }) => isLate);
    for (const { spoil, says } of [early!, ...late]) {
      await home.put(LABEL, spoil(label));
      await openCase(page, `${origin}${CASE}`);
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
