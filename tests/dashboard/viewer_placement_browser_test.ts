/** @module Where in space the viewer shows voxels, in a real browser. */
import { expect } from "@std/expect";
import { decode } from "fast-png";
import type { Page } from "playwright-core";
import { encodeNifti } from "../../shared/imaging/nifti/write.ts";
import { CASES, openCase, testCases } from "../support/case_browser.ts";
import { caseIdOf } from "../support/case_home.ts";
import {
  type Bytes,
  codes,
  floats,
  PIXDIM,
  QOFFSET,
  QUATERNION,
  SROW,
  withHeader,
} from "../support/nifti_headers.ts";

const CASE = `${CASES}/${encodeURIComponent(caseIdOf(0))}`;

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
  testCases(
    `the viewer places voxels ${name}`,
    {
      cases: 1,
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
    async ({ page, origin, problems }) => {
      await openCase(page, `${origin}${CASE}`);
      await page.click("#lesions tbody tr");
      const [x, y, z] = mm.map((value) => value.toFixed(0));
      await page.getByText(
        `R ${x}, A ${y}, S ${z} mm · SUV ${BRIGHT} · in the mask`,
      ).waitFor();
      // As people see it: where it may break is the table's.
      expect(await page.innerText("#lesions tbody td:last-child"))
        .toMatch(new RegExp(`^${x},\\s${y},\\s${z}$`));
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
