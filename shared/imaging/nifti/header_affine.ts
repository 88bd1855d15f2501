/**
 * The affine of a NIfTI header, chosen and computed as nibabel 5.4 does (`get_best_affine`).
 * @module
 */
import { CaseError } from "../../case_error.ts";
import { determinant, spacingMm } from "../affine.ts";
import type { Affine, Vec3 } from "../volume.ts";

/** The header's fields that say where voxels lie. */
export interface OrientationFields {
  readonly shape: Vec3;
  /** dim[0]: how many dimensions the header uses. */
  readonly dimensions: number;
  /** pixdim[0..3]. */
  readonly pixdim: readonly number[];
  readonly sformCode: number;
  readonly qformCode: number;
  /** quatern_b, quatern_c, quatern_d. */
  readonly quaternion: Vec3;
  /** qoffset_x, qoffset_y, qoffset_z. */
  readonly qoffset: Vec3;
  /** srow_x, srow_y, srow_z one after another: 12 numbers. */
  readonly srow: readonly number[];
  /** How near to 0 the squared real part of the quaternion counts as 0. */
  readonly quaternionThreshold: number;
}

/** NIFTI_XFORM_TEMPLATE_OTHER, the last code the standard knows. */
const LAST_XFORM_CODE = 5;
/** Below this, the volume a voxel spans is nothing beside its edges: the axes lie in one plane. */
const SINGULAR = 1e-6;

/**
 * The voxel-to-world affine (RAS+ millimetres): the sform where `sform_code` is set, else the qform where
 * `qform_code` is set, else one made from voxel sizes alone, with x flipped and the centre of the image at the
 * origin. A code outside the standard's 0 to 5 counts as 0. As in nibabel, `xyzt_units` is not looked at.
 *
 * Where nibabel would guess or stop, this differs: a quaternion longer than 1 is normalised (as the reference
 * library nifti_clib does; nibabel refuses it), and voxel sizes of zero or less are refused where the affine
 * needs them (nibabel takes 1 and the absolute value).
 *
 * @throws {CaseError} "geometry" when the affine would not be finite or would be singular.
 */
export function headerAffine(fields: OrientationFields): Affine {
  const sform = isKnownCode(fields.sformCode);
  const qform = isKnownCode(fields.qformCode);
  const affine = sform
    ? [...fields.srow, 0, 0, 0, 1]
    : qform
    ? qformAffine(fields)
    : baseAffine(fields);
  const source = sform
    ? `sform_code is ${fields.sformCode}`
    : `qform_code is ${fields.qformCode}, sform_code is ${fields.sformCode}`;
  const det = determinant(affine);
  if (!affine.every(Number.isFinite) || !Number.isFinite(det)) {
    const quaternionIsBad = !sform && qform &&
      !fields.quaternion.every(Number.isFinite);
    throw new CaseError(
      "geometry",
      quaternionIsBad
        ? `its affine is not finite (qform quaternion is ${
          fields.quaternion.join(", ")
        }, sform_code is ${fields.sformCode})`
        : `its affine is not finite (${source})`,
    );
  }
  const [x, y, z] = spacingMm(affine);
  if (!(Math.abs(det) > SINGULAR * x * y * z)) {
    throw new CaseError(
      "geometry",
      `its affine is singular, its voxels have no volume (${source})`,
    );
  }
  return affine;
}

function isKnownCode(code: number): boolean {
  return code > 0 && code <= LAST_XFORM_CODE;
}

/** Rotation from the unit quaternion (a, b, c, d), times voxel sizes, plus offset; a >= 0 is not stored. */
function qformAffine(fields: OrientationFields): Affine {
  const { quaternion: [b, c, d], qoffset: [tx, ty, tz] } = fields;
  const [sx, sy, sz] = voxelSizes(fields, "its qform");
  const imaginary = b * b + c * c + d * d;
  const a2 = 1 - imaginary;
  // Not above the threshold: a half turn, stored with rounding, or a quaternion longer than 1. The division
  // below then makes (0, b, c, d) a unit.
  const a = a2 < fields.quaternionThreshold ? 0 : Math.sqrt(a2);
  const s = 2 / (a * a + imaginary);
  const k = fields.pixdim[0] === -1 ? -sz : sz;
  // deno-fmt-ignore
  return [
    (1 - s * (c * c + d * d)) * sx, s * (b * c - a * d) * sy, s * (b * d + a * c) * k, tx,
    s * (b * c + a * d) * sx, (1 - s * (b * b + d * d)) * sy, s * (c * d - a * b) * k, ty,
    s * (b * d - a * c) * sx, s * (c * d + a * b) * sy, (1 - s * (b * b + c * c)) * k, tz,
    0, 0, 0, 1,
  ];
}

/** nibabel's `get_base_affine`: axes the header does not use have size 1, whatever pixdim holds. */
function baseAffine(fields: OrientationFields): Affine {
  const pixdim = fields.pixdim.slice(0, fields.dimensions + 1);
  const [sx, sy, sz] = voxelSizes(
    { ...fields, pixdim },
    "an affine without sform and qform",
  );
  const [ni, nj, nk] = fields.shape;
  // deno-fmt-ignore
  return [
    -sx, 0, 0, sx * (ni - 1) / 2,
    0, sy, 0, sy * (1 - nj) / 2,
    0, 0, sz, sz * (1 - nk) / 2,
    0, 0, 0, 1,
  ];
}

/** pixdim[1..3]; an axis that the header does not use (2D images) has size 1 where it gives none. */
function voxelSizes(fields: OrientationFields, purpose: string): Vec3 {
  const sizes = [1, 2, 3].map((axis) => {
    const size = fields.pixdim[axis] ?? 0;
    return axis > fields.dimensions && !isSize(size) ? 1 : size;
  });
  if (!sizes.every(isSize)) {
    throw new CaseError(
      "geometry",
      `its voxel sizes (pixdim) are ${
        sizes.join(" x ")
      } mm, but ${purpose} needs them above 0`,
    );
  }
  return [sizes[0]!, sizes[1]!, sizes[2]!];
}

function isSize(size: number): boolean {
  return size > 0 && Number.isFinite(size);
}
