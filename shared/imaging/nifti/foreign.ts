/**
 * Names what a file is that was taken for NIfTI, so that the message can say what to do.
 * @module
 */

interface Signature {
  readonly offset: number;
  readonly text: string;
  readonly sentence: string;
}

const DICOM =
  "it is a DICOM file, not NIfTI; convert its series with dcm2niix first";

/** In Latin-1, so that each character is one byte. */
const SIGNATURES: readonly Signature[] = [
  { offset: 128, text: "DICM", sentence: DICOM },
  { offset: 0, text: "\x89PNG", sentence: "it is a PNG picture, not NIfTI" },
  {
    offset: 0,
    text: "\xff\xd8\xff",
    sentence: "it is a JPEG picture, not NIfTI",
  },
  {
    offset: 0,
    text: "PK\x03\x04",
    sentence: "it is a zip archive, not NIfTI; unpack it first",
  },
  {
    offset: 257,
    text: "ustar",
    sentence: "it is a tar archive, not NIfTI; unpack it first",
  },
  {
    offset: 0,
    text: "\x1f\x8b",
    sentence: "it is gzip-compressed twice; unpack it once",
  },
  {
    offset: 0,
    text: "NRRD",
    sentence: "it is an NRRD image, not NIfTI; convert it first",
  },
  {
    offset: 0,
    text: "ObjectType",
    sentence: "it is a MetaImage (.mha, .mhd), not NIfTI; convert it first",
  },
  {
    offset: 0,
    text: "\x89HDF",
    sentence: "it is an HDF5 or MINC file, not NIfTI; convert it first",
  },
  {
    offset: 0,
    text: "\x93NUMPY",
    sentence: "it is a NumPy array, not NIfTI, and has no voxel geometry",
  },
  {
    offset: 0,
    text: "version https://git-lfs",
    sentence:
      "it is a Git LFS pointer, not the image; fetch it with git lfs pull",
  },
];

function holds(bytes: Uint8Array, { offset, text }: Signature): boolean {
  for (let n = 0; n < text.length; n++) {
    if (bytes[offset + n] !== text.charCodeAt(n)) return false;
  }
  return true;
}

/** A sentence (no full stop) for the known format these bytes begin, or undefined. */
export function foreignFormat(bytes: Uint8Array): string | undefined {
  return SIGNATURES.find((signature) => holds(bytes, signature))?.sentence;
}
