/** @module How large a scan may be to be shown. */

/** A file, or a scan's voxels unpacked: browsers hold both, and a copy for the graphics processor. */
export const MOST_BYTES = 1_000_000_000;

/** The most voxels along one side that WebGL 2 promises for textures of volumes on the machines people have. */
export const LONGEST_SIDE = 2048;
