/** @module A home with a run over phantoms: masks that miss a tumour and find one that is none, without a network. */
import { encodeNifti } from "../../shared/imaging/nifti/write.ts";
import { coronalMip } from "../../shared/imaging/mip/mip.ts";
import { encodePng } from "../../shared/imaging/mip/png.ts";
import { labelComponents } from "../../shared/imaging/components.ts";
import { makePhantom } from "../../shared/imaging/phantom/phantom.ts";
import type { Vec3, Volume } from "../../shared/imaging/volume.ts";
import { measureCase, measureMask } from "../../shared/metrics/case_metrics.ts";
import { attemptKey, resultKey } from "../../shared/runs/keys.ts";
import { encodeRecord } from "../../shared/runs/record_io.ts";
import type { Output, SegmentRun } from "../../shared/runs/records.ts";
import { sha256 } from "../../shared/runs/sha256.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { substore } from "../../shared/storage/substore.ts";
import { resultOf, runOf } from "./runs.ts";

export const RUN_ID = "20260102T030405Z-000000";

export interface CaseHomeOptions {
  readonly cases?: number;
  readonly shape?: Vec3;
  readonly spacingMm?: Vec3;
  /** Cases that are segmented; the others are still open. @default all */
  readonly done?: number;
  readonly isLabelled?: boolean;
  readonly unit?: "SUV" | "unknown";
  readonly runId?: string;
  /** Makes files of volumes. @default {@linkcode encodeNifti} */
  readonly encode?: (volume: Volume | PhantomCase["mask"]) => Uint8Array<
    ArrayBuffer
  >;
  /** Makes masks of labels. @default {@linkcode spoilt} */
  readonly segment?: typeof spoilt;
}

export interface PhantomCase {
  readonly caseId: string;
  readonly image: Volume;
  readonly label: Volume<Uint8Array<ArrayBuffer>>;
  readonly mask: Volume<Uint8Array<ArrayBuffer>>;
}

/** Fills a home; images and labels lie in its folder `scans/`, which is opened by the home's location. */
export async function fillCaseHome(
  home: ObjectStore,
  {
    cases = 3,
    shape = [48, 48, 80],
    spacingMm = [10, 10, 12],
    done = cases,
    isLabelled = true,
    unit = "SUV",
    runId = RUN_ID,
    encode = encodeNifti,
    segment = spoilt,
  }: CaseHomeOptions = {},
): Promise<PhantomCase[]> {
  const made: PhantomCase[] = [];
  const folder = substore(home, `runs/${runId}`);
  const run: SegmentRun = runOf({
    runId,
    dataset: { name: "Phantoms", location: `${home.location}/scans` },
    cases: Array.from({ length: cases }, (_, n) => ({
      caseId: caseIdOf(n),
      fold: n % 2,
      images: [{ store: home.location, key: `scans/${caseIdOf(n)}.nii.gz` }],
      ...(isLabelled
        ? {
          label: {
            store: home.location,
            key: `scans/${caseIdOf(n)}_label.nii.gz`,
          },
        }
        : {}),
      unit,
    })),
  });
  for (let n = 0; n < cases; n++) {
    const caseId = caseIdOf(n);
    const { image, label } = makePhantom({
      seed: 3,
      index: n,
      shape,
      spacingMm,
      emptyEvery: 0,
    });
    const { data, affine } = image;
    const volume = { data: Float32Array.from(data), shape, affine };
    await home.put(`scans/${caseId}.nii.gz`, encode(volume));
    await home.put(`scans/${caseId}_label.nii.gz`, encode(label));
    const mask = { ...label, data: segment(label, n) };
    made.push({ caseId, image: volume, label, mask });
    if (n >= done) continue;
    const outputs: Output[] = [];
    for (
      const [name, body] of [
        ["mask.nii.gz", encode(mask)],
        [
          "mip.png",
          encodePng(
            coronalMip(volume, mask.data, {
              ...(isLabelled ? { label: label.data } : {}),
            }),
          ),
        ],
      ] as const
    ) {
      const key = attemptKey(caseId, "a1", name);
      await folder.put(key, body);
      outputs.push({
        name,
        key,
        bytes: body.length,
        sha256: await sha256(body),
      });
    }
    const shared = {
      mask,
      image: volume,
      unit,
      classes: ["background", "tumour"],
    };
    await folder.put(
      resultKey(caseId),
      encodeRecord(resultOf(caseId, "a1", {
        runId,
        outputs,
        metrics: isLabelled
          ? measureCase({ ...shared, label })
          : measureMask(shared),
      })),
    );
  }
  await folder.put("run.json", encodeRecord(run));
  return made;
}

export function caseIdOf(n: number): string {
  return `scan ${String(n + 1).padStart(2, "0")}`;
}

/** Without the label's largest lesion, the others one voxel off, and with a box that is no lesion. */
function spoilt(
  { data, shape }: Volume<Uint8Array<ArrayBuffer>>,
  index: number,
): Uint8Array<ArrayBuffer> {
  const { labels, sizes } = labelComponents(data, shape, 18);
  const largest = sizes.indexOf(Math.max(...sizes)) + 1;
  const mask = new Uint8Array(data.length);
  for (let n = 0; n < data.length - 1; n++) {
    const isLost = labels[n] === largest && index % 2 === 0;
    if (data[n] !== 0 && !isLost) mask[n + (index % 2)] = 1;
  }
  for (const n of boxAway(data, shape)) mask[n] = 1;
  return mask;
}

/** The voxels of a box of 3 that touches no lesion, as near to the middle of the scan as there is one. */
function boxAway(data: Uint8Array, [ni, nj, nk]: Vec3): number[] {
  const [i, j] = [Math.floor(ni / 2), Math.floor(nj / 2)];
  for (let k = Math.floor(nk / 2); k < nk - 5; k++) {
    const box = [...boxAt([ni, nj, nk], [i, j, k], 1)];
    const around = [...boxAt([ni, nj, nk], [i, j, k], 2)];
    if (around.every((n) => data[n] === 0)) return box;
  }
  throw new RangeError("Cannot place a false lesion: there is no room");
}

function* boxAt(
  [, nj, nk]: Vec3,
  [i, j, k]: Vec3,
  reach: number,
): Iterable<number> {
  for (let di = -reach; di <= reach; di++) {
    for (let dj = -reach; dj <= reach; dj++) {
      for (let dk = -reach; dk <= reach; dk++) {
        yield ((i + di) * nj + j + dj) * nk + k + dk;
      }
    }
  }
}
