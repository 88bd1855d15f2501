/** @module PET and CT of one case, each on a grid of its own, from an nnU-Net dataset to a mask on the PET's grid. */
import { expect } from "@std/expect";
import { readNifti, readNiftiLabel } from "../../shared/imaging/nifti/read.ts";
import { encodeNifti } from "../../shared/imaging/nifti/write.ts";
import type { Affine, Vec3 } from "../../shared/imaging/volume.ts";
import { writeCheckpoint } from "../../shared/network/checkpoint.ts";
import { buildNetwork } from "../../shared/network/networks.ts";
import { randomWeights } from "../shared/engine/small_graphs.ts";
import { uptake } from "../support/command_line.ts";
import { PHANTOM, readJson, writeFiles } from "../support/datasets.ts";
import { MA3DSEG_NANO } from "../support/networks.ts";
import { withFolder } from "../support/temporary_folder.ts";

const NETWORK = { ...MA3DSEG_NANO, inChannels: 2 } as const;
const CHECKPOINT = writeCheckpoint(
  {
    format: 1,
    network: NETWORK,
    classes: ["background", "tumour"],
    channels: ["PET", "CT"],
    preprocessing: {
      spacingMm: "native",
      orientation: "RAS",
      intensity: [{ lo: 0, hi: 8 }, { lo: -1000, hi: 1000 }],
      crop: "foreground",
    },
    roi: [32, 32, 32],
  },
  randomWeights(buildNetwork(NETWORK)),
  "f32",
);
const PET = readNifti(PHANTOM.image).volume;

/** A CT that is linear in world coordinates, so that interpolating it between voxels is exact. */
function ctOn(shape: Vec3, affine: Affine): Uint8Array<ArrayBuffer> {
  const data = new Float32Array(shape[0] * shape[1] * shape[2]);
  let n = 0;
  for (let i = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let k = 0; k < shape[2]; k++) {
        const [x, y, z] = [0, 4, 8].map((row) =>
          affine[row]! * i + affine[row + 1]! * j + affine[row + 2]! * k +
          affine[row + 3]!
        );
        data[n++] = 3 * x! - 2 * y! + z!;
      }
    }
  }
  return encodeNifti({ data, shape, affine });
}

/** A finer grid with other axes (S, A, L) that reaches 6 mm beyond every side of the PET. */
function ctGrid(): [Vec3, Affine] {
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((n) =>
    [0, 4, 8].map((row) =>
      PET.affine[row + 3]! + [0, 1, 2].reduce(
        (sum, axis) =>
          sum +
          ((n >> axis) & 1) * (PET.shape[axis]! - 1) * PET.affine[row + axis]!,
        0,
      )
    )
  );
  const [x, y, z] = [0, 1, 2].map((axis) => {
    const ends = corners.map((corner) => corner[axis]!);
    return { from: Math.min(...ends) - 6, to: Math.max(...ends) + 6 };
  });
  const count = (side: { from: number; to: number }, step: number) =>
    Math.ceil((side.to - side.from) / step) + 1;
  return [
    [count(z!, 3), count(y!, 2.5), count(x!, 3)],
    [0, 0, -3, x!.to, 0, 2.5, 0, y!.from, 3, 0, 0, z!.from, 0, 0, 0, 1],
  ];
}

const DATASET_JSON = JSON.stringify({
  channel_names: { "0": "PET", "1": "CT" },
  labels: { background: 0, tumour: 1 },
  numTraining: 1,
  file_ending: ".nii.gz",
  units: { "0": "SUV" },
});

/** The mask of a case with this CT. */
async function segment(folder: string, ct: Uint8Array<ArrayBuffer>) {
  await writeFiles(folder, {
    "pet_ct.safetensors": CHECKPOINT,
    "data/dataset.json": DATASET_JSON,
    "data/imagesTr/case_1_0000.nii.gz": PHANTOM.image,
    "data/imagesTr/case_1_0001.nii.gz": ct,
    "data/labelsTr/case_1.nii.gz": PHANTOM.label,
  });
  const { code } = await uptake(folder, [
    ...["segment", "--input", "data", "--checkpoint", "pet_ct.safetensors"],
    ...["--output", "run", "--threads", "1"],
  ]);
  expect(code).toBe(0);
  const mask = await Deno.readFile(`${folder}/run/masks/case_1.nii.gz`);
  return readNiftiLabel(mask);
}

Deno.test("a CT on another grid segments as the same CT on the PET's grid, and the mask lies on the PET's", async () => {
  const own = await withFolder(async (folder) => {
    const made = await segment(folder, ctOn(...ctGrid()));
    const { inputs, metrics } = await readJson(
      `${folder}/run/results/case_1.json`,
    );
    expect(inputs.map(({ role, key }: Record<string, string>) => [role, key]))
      .toEqual([
        ["image", "imagesTr/case_1_0000.nii.gz"],
        ["image", "imagesTr/case_1_0001.nii.gz"],
        ["label", "labelsTr/case_1.nii.gz"],
      ]);
    expect(metrics).toMatchObject({ labelled: true, unit: "SUV" });
    return made;
  });
  const { header } = readNifti(PHANTOM.image);
  expect(own.volume.shape).toEqual(PET.shape);
  // From qform_code to the end of srow_z.
  expect(own.header.bytes.slice(252, 328)).toEqual(
    header.bytes.slice(252, 328),
  );
  expect(own.volume.data.some((value) => value === 1)).toBe(true);
  expect(own.volume.data.some((value) => value === 0)).toBe(true);

  const differing = (other: typeof own) =>
    own.volume.data.filter((value, n) => value !== other.volume.data[n]).length;
  const onPet = await withFolder((folder) =>
    segment(folder, ctOn(PET.shape, PET.affine))
  );
  // Sums in another order round otherwise: a voxel whose classes tie may turn.
  expect(differing(onPet)).toBeLessThanOrEqual(PET.data.length / 10_000);
  const flat = await withFolder((folder) =>
    segment(
      folder,
      encodeNifti({
        data: new Float32Array(PET.data.length),
        shape: PET.shape,
        affine: PET.affine,
      }),
    )
  );
  expect(differing(flat)).toBeGreaterThan(PET.data.length / 100);
});

Deno.test("a folder of _0000 and _0001 files is a dataset of two channels; a lone channel is told", async () => {
  await withFolder(async (folder) => {
    await writeFiles(folder, {
      "pet_ct.safetensors": CHECKPOINT,
      "scans/a_0000.nii.gz": PHANTOM.image,
      "scans/a_0001.nii.gz": ctOn(PET.shape, PET.affine),
      "scans/b_0000.nii.gz": PHANTOM.image,
    });
    const { code, out } = await uptake(folder, [
      ...["segment", "--input", "scans", "--checkpoint", "pet_ct.safetensors"],
      ...["--output", "run", "--threads", "1"],
    ]);
    expect(code).toBe(3);
    expect(out).toContain("2 cases expected: 1 done, 1 failed, 0 missing");
    const { kind, message } = await readJson(`${folder}/run/failures/b/0.json`);
    expect(kind).toBe("channels");
    expect(message).toBe(
      'Cannot preprocess case "b": it has 1 image, the checkpoint needs 2 (PET, CT)',
    );
  });
});
