/** @module What bad input gets: a sentence and a record with its kind, while the other cases go on. */
import { expect } from "@std/expect";
import { gunzipSync, gzipSync } from "node:zlib";
import { encodeNifti } from "../../shared/imaging/nifti/write.ts";
import { readNifti, readNiftiLabel } from "../../shared/imaging/nifti/read.ts";
import { uptake, withNanoCheckpoint } from "../support/command_line.ts";
import { PHANTOM, readJson, writeDataset } from "../support/datasets.ts";
import { fixture } from "../support/requires.ts";

const { image: GOOD, label: LABEL } = PHANTOM;
const OTHER_LABEL = await Deno.readFile(
  fixture("preprocess/phantom_oblique_label.nii.gz"),
);
const RAW = new Uint8Array(gunzipSync(GOOD));
const AFFINE = [-4, 0, 0, 0, 0, -4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1];

/** The good image with some bytes of its header or voxels changed, gzipped again. */
function patched(patch: (view: DataView) => void): Uint8Array<ArrayBuffer> {
  const bytes = RAW.slice();
  patch(new DataView(bytes.buffer));
  return new Uint8Array(gzipSync(bytes));
}

function flipped(
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice();
  copy[at]! ^= 0xff;
  return copy;
}

function dicom(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(400);
  bytes.set(new TextEncoder().encode("DICM"), 128);
  return bytes;
}

/** A small float image, voxel by voxel what `valueOf` says. */
function floats(valueOf: (n: number) => number): Uint8Array<ArrayBuffer> {
  const data = Float32Array.from({ length: 34 ** 3 }, (_, n) => valueOf(n));
  return encodeNifti({ data, shape: [34, 34, 34], affine: AFFINE });
}

interface BadCase {
  readonly what: string;
  readonly image: Uint8Array<ArrayBuffer> | null;
  /** null: listed, but not there. */
  readonly label?: Uint8Array<ArrayBuffer> | null;
  readonly kind: string;
  readonly message: RegExp;
}

const BAD: readonly BadCase[] = [
  {
    what: "truncated gzip",
    image: GOOD.slice(0, GOOD.length / 2),
    kind: "unreadable",
    message: /its gzip data are cut short$/,
  },
  {
    what: "corrupt gzip",
    image: flipped(GOOD, GOOD.length >> 1),
    kind: "unreadable",
    message: /its gzip data are corrupt \(incorrect data check\)$/,
  },
  {
    what: "wrong magic",
    image: patched((v) => v.setUint8(344, 65)),
    kind: "unreadable",
    message: /its NIfTI magic is "A\+1/,
  },
  {
    what: "dimensions that overflow",
    image: patched((v) =>
      [42, 44, 46].forEach((at) => v.setInt16(at, 32767, true))
    ),
    kind: "unreadable",
    message: /32767 x 32767 x 32767 voxels, more than the limit/,
  },
  {
    what: "fewer voxels than promised",
    image: new Uint8Array(gzipSync(RAW.slice(0, RAW.length - 1000))),
    kind: "unreadable",
    message: /cut short: 252792 of the 253792 bytes its header promises$/,
  },
  {
    what: "an affine that is not finite",
    image: patched((v) => v.setFloat32(280, NaN, true)),
    kind: "geometry",
    message: /affine is not finite/,
  },
  {
    what: "NaN voxels",
    image: floats((n) => n === 5 ? NaN : 1),
    kind: "voxels",
    message: /NaN or infinite, the first at \[0, 0, 5\] is NaN$/,
  },
  {
    what: "infinite voxels",
    image: floats((n) => n === 5 ? Infinity : 1),
    kind: "voxels",
    message: /NaN or infinite, the first at \[0, 0, 5\] is Infinity$/,
  },
  {
    what: "several volumes",
    image: encodeNifti({
      data: new Float32Array(2 * 8 ** 3),
      shape: [8, 8, 8],
      affine: AFFINE,
      volumes: 2,
    }),
    kind: "geometry",
    message: /2 volumes/,
  },
  {
    what: "an empty file",
    image: new Uint8Array(0),
    kind: "unreadable",
    message: /: it is empty$/,
  },
  {
    what: "a file that is not there",
    image: null,
    kind: "unreadable",
    message: /is not there/,
  },
  { what: "DICOM", image: dicom(), kind: "unreadable", message: /dcm2niix/ },
  {
    what: "a label on another grid",
    image: GOOD,
    label: OTHER_LABEL,
    kind: "label",
    message:
      /the grids differ: its label has shape 48x40x30, its image 40x44x36$/,
  },
  {
    what: "a label of values between classes",
    image: GOOD,
    label: GOOD,
    kind: "label",
    message: /its label .+: 14587 of its 63360 voxels are no labels/,
  },
  {
    what: "a label with a value that is no class",
    image: floats((n) => n % 3),
    label: encodeNifti({
      data: new Uint8Array(34 ** 3).fill(7, 5, 6),
      shape: [34, 34, 34],
      affine: AFFINE,
    }),
    kind: "label",
    message: /its label holds the value 7, but the classes are 0 background, 1/,
  },
  {
    what: "a label that cannot be read",
    image: GOOD,
    label: LABEL.slice(0, 200),
    kind: "unreadable",
    message: /its label labelsTr\/a label that cannot be read\.nii\.gz: /,
  },
  {
    what: "a label that is not there",
    image: GOOD,
    label: null,
    kind: "unreadable",
    message:
      /its label labelsTr\/a label that is not there\.nii\.gz is not there$/,
  },
];

Deno.test("segment records every kind of bad case and does the good ones between them", async () => {
  await withNanoCheckpoint(async (folder) => {
    const good = {
      "good first": { image: GOOD, label: LABEL },
      // Smaller than the window: padded, not refused.
      "good small": {
        image: encodeNifti({
          data: Float32Array.from({ length: 10 * 12 * 14 }, (_, n) => n % 7),
          shape: [10, 12, 14],
          affine: AFFINE,
        }),
      },
      "good last": { image: GOOD },
    };
    const { "good first": first, ...others } = good;
    await writeDataset(`${folder}/data`, {
      "good first": first,
      ...Object.fromEntries(BAD.map(({ what, ...files }) => [what, files])),
      ...others,
    });
    const { code, out, err, said } = await uptake(folder, [
      "segment",
      ...["--input", "data", "--checkpoint", "nano.safetensors"],
      ...["--output", "run", "--threads", "1"],
    ]);
    expect(code).toBe(3);
    expect(out).toContain(
      `${
        BAD.length + 3
      } cases expected: 3 done, ${BAD.length} failed, 0 missing`,
    );
    for (const { what, kind, message } of BAD) {
      const failure = await readJson(`${folder}/run/failures/${what}/0.json`);
      expect([what, failure.kind]).toEqual([what, kind]);
      expect(failure.message).toMatch(message);
      expect(failure.message).toMatch(
        new RegExp(`^Cannot (read|measure) case "${what}": `),
      );
      expect(out).toContain(failure.message);
    }
    for (const [id, { image }] of Object.entries(good)) {
      const mask = await Deno.readFile(`${folder}/run/masks/${id}.nii.gz`);
      expect(readNiftiLabel(mask).volume.shape).toEqual(
        readNifti(image).volume.shape,
      );
    }
    // Sentences only: no stack anywhere.
    expect([out, err, ...said].join("\n")).not.toMatch(/^\s+at /m);
  });
});

Deno.test("segment refuses a folder of DICOM files and names dcm2niix", async () => {
  await withNanoCheckpoint(async (folder) => {
    await Deno.mkdir(`${folder}/series`);
    await Deno.writeFile(`${folder}/series/IM0001`, dicom());
    const { code, err } = await uptake(folder, [
      "segment",
      ...["--input", "series", "--checkpoint", "nano.safetensors"],
      ...["--output", "run"],
    ]);
    expect(code).toBe(2);
    expect(err).toContain("dcm2niix");
  });
});

Deno.test("segment records cases of other channels than the checkpoint's", async () => {
  await withNanoCheckpoint(async (folder) => {
    await Deno.mkdir(`${folder}/data`);
    for (const name of ["p_0000", "p_0001"]) {
      await Deno.writeFile(`${folder}/data/${name}.nii.gz`, GOOD);
    }
    const { code, out } = await uptake(folder, [
      "segment",
      ...["--input", "data", "--checkpoint", "nano.safetensors"],
      ...["--output", "run"],
    ]);
    expect(code).toBe(3);
    expect(out).toContain("it has 2 images, the checkpoint needs 1 (PET)");
  });
});

Deno.test("segment says that a PyTorch file must be imported first", async () => {
  await withNanoCheckpoint(async (folder) => {
    await Deno.mkdir(`${folder}/data`);
    await Deno.writeFile(`${folder}/data/a.nii.gz`, GOOD);
    const { code, err } = await uptake(folder, [
      "segment",
      ...["--input", "data", "--output", "run"],
      ...["--checkpoint", fixture("network/ma3dseg_nano.pth")],
    ]);
    expect(code).toBe(1);
    expect(err).toContain("import it first");
  });
});
