import { expect } from "@std/expect";
import { gzipSync } from "node:zlib";
import { readNifti } from "../../../../shared/imaging/nifti/read.ts";
import { problemOf } from "./build.ts";

/** 600 bytes that begin like another format. */
function fileWith(text: string, offset = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(600);
  for (let n = 0; n < text.length; n++) bytes[offset + n] = text.charCodeAt(n);
  return bytes;
}

const CASES: [string, Uint8Array, string][] = [
  [
    "DICOM",
    fileWith("DICM", 128),
    "it is a DICOM file, not NIfTI; convert its series with dcm2niix first",
  ],
  ["PNG", fileWith("\x89PNG\r\n\x1a\n"), "it is a PNG picture, not NIfTI"],
  ["JPEG", fileWith("\xff\xd8\xff\xe0"), "it is a JPEG picture, not NIfTI"],
  [
    "zip",
    fileWith("PK\x03\x04"),
    "it is a zip archive, not NIfTI; unpack it first",
  ],
  [
    "tar",
    fileWith("ustar", 257),
    "it is a tar archive, not NIfTI; unpack it first",
  ],
  [
    "NRRD",
    fileWith("NRRD0004"),
    "it is an NRRD image, not NIfTI; convert it first",
  ],
  [
    "MetaImage",
    fileWith("ObjectType = Image"),
    "it is a MetaImage (.mha, .mhd), not NIfTI; convert it first",
  ],
  [
    "HDF5",
    fileWith("\x89HDF\r\n"),
    "it is an HDF5 or MINC file, not NIfTI; convert it first",
  ],
  [
    "NumPy",
    fileWith("\x93NUMPY"),
    "it is a NumPy array, not NIfTI, and has no voxel geometry",
  ],
  [
    "Git LFS",
    fileWith("version https://git-lfs.github.com/spec/v1\n"),
    "it is a Git LFS pointer, not the image; fetch it with git lfs pull",
  ],
];

for (const [format, bytes, sentence] of CASES) {
  Deno.test(`readNifti() says what to do with a file of another format: ${format}`, () => {
    const problem = `unreadable: ${sentence}`;
    expect(problemOf(() => readNifti(bytes))).toBe(problem);
    expect(problemOf(() => readNifti(gzipSync(bytes)))).toBe(problem);
  });
}

Deno.test("readNifti() says when a file was compressed twice", () => {
  const bytes = gzipSync(gzipSync(new Uint8Array(600)));
  expect(problemOf(() => readNifti(bytes))).toBe(
    "unreadable: it is gzip-compressed twice; unpack it once",
  );
});
