/** @module What bad input gets: a sentence and a record with its kind, while the other cases go on. */
import { expect } from "@std/expect";
import { gunzipSync, gzipSync } from "node:zlib";
import { encodeNifti } from "../../shared/imaging/nifti/write.ts";
import { fixture } from "../support/requires.ts";
import { uptake, withNanoCheckpoint } from "../support/command_line.ts";

const GOOD = await Deno.readFile(fixture("preprocess/phantom_lps.nii.gz"));
const LABEL = await Deno.readFile(
  fixture("preprocess/phantom_lps_label.nii.gz"),
);
const OTHER_LABEL = await Deno.readFile(
  fixture("preprocess/phantom_oblique_label.nii.gz"),
);
const RAW = new Uint8Array(gunzipSync(GOOD));
const AFFINE = [-4, 0, 0, 0, 0, -4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1];

/** The good image with some bytes of its header or voxels changed, gzipped again. */
function patched(patch: (view: DataView) => void): Uint8Array {
  const bytes = RAW.slice();
  patch(new DataView(bytes.buffer));
  return gzipSync(bytes);
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at]! ^= 0xff;
  return copy;
}

function dicom(): Uint8Array {
  const bytes = new Uint8Array(400);
  bytes.set(new TextEncoder().encode("DICM"), 128);
  return bytes;
}

/** A small float image, voxel by voxel what `valueOf` says. */
function floats(valueOf: (n: number) => number): Uint8Array {
  const data = Float32Array.from({ length: 34 ** 3 }, (_, n) => valueOf(n));
  return encodeNifti({ data, shape: [34, 34, 34], affine: AFFINE });
}

interface BadCase {
  readonly what: string;
  readonly image: Uint8Array | null;
  readonly label?: Uint8Array;
  readonly kind: string;
  readonly message: RegExp;
}

const BAD: readonly BadCase[] = [
  {
    what: "truncated gzip",
    image: GOOD.slice(0, GOOD.length / 2),
    kind: "unreadable",
    message: /gzip/,
  },
  {
    what: "corrupt gzip",
    image: flipped(GOOD, GOOD.length >> 1),
    kind: "unreadable",
    message: /gzip/,
  },
  {
    what: "wrong magic",
    image: patched((v) => v.setUint8(344, 65)),
    kind: "unreadable",
    message: /./,
  },
  {
    what: "dimensions that overflow",
    image: patched((v) =>
      [42, 44, 46].forEach((at) => v.setInt16(at, 32767, true))
    ),
    kind: "unreadable",
    message: /voxels/,
  },
  {
    what: "fewer voxels than promised",
    image: gzipSync(RAW.slice(0, RAW.length - 1000)),
    kind: "unreadable",
    message: /bytes/,
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
    message: /NaN/,
  },
  {
    what: "infinite voxels",
    image: floats((n) => n === 5 ? Infinity : 1),
    kind: "voxels",
    message: /infinite/i,
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
    message: /empty/,
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
    message: /grids differ/,
  },
  {
    what: "a label with a value that is no class",
    image: GOOD,
    label: patched((v) => v.setUint8(v.byteLength - 1, 255)),
    kind: "label",
    message: /./,
  },
  {
    what: "a label that cannot be read",
    image: GOOD,
    label: LABEL.slice(0, 40),
    kind: "unreadable",
    message: /./,
  },
];

async function writeDataset(folder: string): Promise<void> {
  await Deno.mkdir(`${folder}/data/i`, { recursive: true });
  await Deno.mkdir(`${folder}/data/l`, { recursive: true });
  const training: Record<string, string>[] = [];
  const add = async (
    id: string,
    image: Uint8Array | null,
    label?: Uint8Array,
  ) => {
    if (image !== null) {
      await Deno.writeFile(`${folder}/data/i/${id}.nii.gz`, image);
    }
    if (label !== undefined) {
      await Deno.writeFile(`${folder}/data/l/${id}.nii.gz`, label);
    }
    training.push({
      image: `i/${id}.nii.gz`,
      ...(label === undefined ? {} : { label: `l/${id}.nii.gz` }),
    });
  };
  await add("good first", GOOD, LABEL);
  for (const { what, image, label } of BAD) await add(what, image, label);
  // Smaller than the window: padded, not refused.
  await add(
    "good small",
    encodeNifti({
      data: Float32Array.from({ length: 10 * 12 * 14 }, (_, n) => n % 7),
      shape: [10, 12, 14],
      affine: AFFINE,
    }),
  );
  await add("good last", GOOD);
  await Deno.writeTextFile(
    `${folder}/data/dataset.json`,
    JSON.stringify({ training }),
  );
}

Deno.test("segment records every kind of bad case and does the good ones between them", async () => {
  await withNanoCheckpoint(async (folder) => {
    await writeDataset(folder);
    const { code, out, said } = await uptake(folder, [
      "segment",
      ...["--input", "data", "--checkpoint", "nano.safetensors"],
      ...["--output", "run", "--threads", "1"],
    ]);
    expect(code).toBe(3);
    expect(out).toContain(`3 done, ${BAD.length} failed, 0 missing`);
    for (const { what, kind, message } of BAD) {
      const failure = JSON.parse(
        await Deno.readTextFile(`${folder}/run/failures/${what}/0.json`),
      );
      expect([what, failure.kind]).toEqual([what, kind]);
      expect(failure.message).toMatch(message);
      expect(failure.message).toMatch(
        new RegExp(`^Cannot \\w+ case "${what}": `),
      );
    }
    for (const id of ["good first", "good small", "good last"]) {
      const { size } = await Deno.stat(`${folder}/run/masks/${id}.nii.gz`);
      expect(size).toBeGreaterThan(0);
    }
    expect(said.join("\n")).not.toMatch(/^\s+at /m);
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
