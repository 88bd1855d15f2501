/** @module The version of the code, as records hold it. */

export const VERSION = "0.1.0";
