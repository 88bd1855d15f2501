/** @module What each kind of failure means, and what to do about it, in a sentence. */
import type { FailureKind } from "../../shared/case_error.ts";

export const FAILURE_SENTENCES: Readonly<Record<FailureKind, string>> = Object
  .freeze({
    unreadable:
      "The file cannot be read: it is damaged, cut off, or in another format. Replace it, then retry.",
    geometry:
      "Where the scan lies in space cannot be told, or its files do not lie on each other. Mend the header, then retry.",
    voxels: "The scan holds values that are no numbers, or none at all.",
    label:
      "The label does not belong to the scan, or holds values that are no class.",
    channels: "The scan has not the channels that the checkpoint needs.",
    model:
      "The network gave values that are no numbers, or does not fit the scan. Try another checkpoint.",
    engine:
      "What computes the network failed. Retry; on another device if it fails again.",
    outOfMemory:
      "The scan needs more memory than the worker had. Retry with larger workers or smaller batches of windows.",
    configuration: "The options do not fit the case or the machine.",
    timeout: "It took longer than a case may take. Retry on faster workers.",
    workerDied:
      "Three workers in a row ended while they worked on it, most likely for want of memory.",
    storage: "The store did not answer for too long. Retry once it does.",
  });
