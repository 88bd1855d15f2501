/**
 * The configurations of the golden networks.
 * @module
 */

const COMMON = { inChannels: 1, depths: [2, 2, 2, 2] } as const;
const NANO = { ...COMMON, features: [4, 8, 16, 32], hidden: 64 } as const;
const TINY = { ...COMMON, features: [8, 16, 32, 64], hidden: 128 } as const;

export const MA3DSEG_NANO = { name: "ma3dseg", ...NANO, classes: 2 } as const;
export const UXNET_NANO = { name: "uxnet3d", ...NANO, classes: 3 } as const;
export const MA3DSEG_TINY = { name: "ma3dseg", ...TINY, classes: 2 } as const;
export const UXNET_TINY = { name: "uxnet3d", ...TINY, classes: 3 } as const;
