import { expect } from "@std/expect";
import { invert, transform } from "../../../shared/imaging/affine.ts";
import {
  readNifti,
  readNiftiLabel,
} from "../../../shared/imaging/nifti/read.ts";
import { preprocess } from "../../../shared/imaging/preprocess.ts";
import { preprocessLabel } from "../../../shared/imaging/preprocess_label.ts";
import { createProjector } from "../../../shared/imaging/project.ts";
import { type Golden, readGolden } from "../../support/golden.ts";
import { fixture, reference, scans, testWith } from "../../support/requires.ts";
import type { Affine, Vec3 } from "../../../shared/imaging/volume.ts";

function numbers(text: string | undefined): number[] {
  return (text ?? "").match(/[\d.]+/g)?.map(Number) ?? [];
}

/** Voxels that may differ: samples exactly midway, which rounding noise sends to either side. */
function isTie(golden: Affine, image: Affine, voxel: Vec3): boolean {
  const at = transform(invert(image), transform(golden, voxel));
  return at.some((x) => Math.abs(x - Math.floor(x) - 0.5) < 1e-9);
}

function checkAgainst(golden: Golden, imagePath: string, labelPath: string) {
  const [x, y, z] = numbers(golden.metadata.pixdim);
  const [lo, hi] = numbers(golden.metadata.range);
  const { volume } = readNifti(Deno.readFileSync(imagePath));
  const prepared = preprocess([volume], {
    spacingMm: [x!, y!, z!],
    orientation: "RAS",
    intensity: [{ lo: lo!, hi: hi! }],
    crop: "foreground",
  });

  const image = golden.tensor("image");
  const [values] = prepared.channels;
  expect(prepared.shape).toEqual(image.shape);
  let error = 0;
  values!.forEach((value, n) => {
    error = Math.max(error, Math.abs(value - image.data[n]!));
  });
  expect(error).toBeLessThan(1e-4);

  const affine = Array.from(golden.tensor("affine").data);
  affine.forEach((value, n) =>
    expect(Math.abs(prepared.affine[n]! - value)).toBeLessThan(1e-4)
  );

  const label = preprocessLabel(
    readNiftiLabel(Deno.readFileSync(labelPath)).volume,
    prepared,
  );
  const [, nj, nk] = prepared.shape;
  const wanted = golden.tensor("label").data;
  label.forEach((value, n) => {
    if (value === wanted[n]) return;
    const voxel: Vec3 = [
      Math.floor(n / (nj * nk)),
      Math.floor(n / nk) % nj,
      n % nk,
    ];
    expect(isTie(affine, volume.affine, voxel)).toBe(true);
  });

  const projector = createProjector(prepared, 2);
  const plane = new Float32Array(2 * nj * nk);
  for (let i = 0; i < prepared.shape[0]; i++) {
    for (let n = 0; n < nj * nk; n++) {
      const p = 1 / (1 + Math.exp(-(values![i * nj * nk + n]! - 0.35) * 12));
      plane[n] = 1 - p;
      plane[nj * nk + n] = p;
    }
    projector.push(i, plane);
  }
  const { mask } = projector.finish();
  const expected = golden.tensor("mask");
  expect(expected.shape).toEqual(volume.shape);
  const differing =
    mask.filter((value, n) => value !== expected.data[n]).length;
  expect(differing).toBeLessThanOrEqual(mask.length / 10_000);
}

for (const name of ["phantom_lps", "phantom_oblique", "phantom_permuted"]) {
  Deno.test(`preprocess() and its inverse agree with MONAI on ${name}`, () => {
    checkAgainst(
      readGolden(fixture(`preprocess/${name}.expected.safetensors`)),
      fixture(`preprocess/${name}.nii.gz`),
      fixture(`preprocess/${name}_label.nii.gz`),
    );
  });
}

for (const id of ["0001", "0004"]) {
  const need = "path" in reference ? scans : reference;
  testWith(
    need,
    `preprocess() and its inverse agree with MONAI on lbt${id}`,
    () => {
      if (!("path" in reference && "path" in scans)) return;
      checkAgainst(
        readGolden(
          `${reference.path}/preprocess/lbt${id}.expected.safetensors`,
        ),
        `${scans.path}/lbt/imagesTr/images${id}.nii.gz`,
        `${scans.path}/lbt/labelsTr/labels${id}.nii.gz`,
      );
    },
  );
}
