/**
 * What is done with a case before and after its windows, without touching any store: decode and
 * prepare; measure and encode. Volumes stay here between the two.
 * @module
 */
import type { Case } from "../../shared/datasets/dataset.ts";
import { coronalMip } from "../../shared/imaging/mip/mip.ts";
import { encodePng } from "../../shared/imaging/mip/png.ts";
import { encodeMask, encodeNifti } from "../../shared/imaging/nifti/write.ts";
import type { PreparedCase } from "../../shared/imaging/preprocess.ts";
import {
  type CaseMetrics,
  measureCase,
  measureMask,
} from "../../shared/metrics/case_metrics.ts";
import type { CheckpointCard } from "../../shared/network/checkpoint.ts";
import { type AttemptFile, MASK_FILE } from "../../shared/runs/commit.ts";
import type { SegmentOptions } from "../../shared/runs/records.ts";
import type { PredictedMask } from "./predict_mask.ts";
import { type CaseFiles, type CaseVolumes, decodeCase } from "./read_case.ts";
import { dropSmallLesions, prepareChannels } from "./segment_volume.ts";
import { inStage, type SecondsPerStage } from "./stages.ts";

/** Finer than most PET, so that outlines stay thin. */
const MIP_PIXEL_MM = 2;

/** What the work depends on; the same for all cases of a run. */
export interface CaseSettings {
  readonly card: Pick<CheckpointCard, "channels" | "preprocessing">;
  /** Names by mask value; the first is the background. */
  readonly classes: readonly string[];
  readonly options: SegmentOptions;
}

export interface Prepared {
  readonly prepared: PreparedCase;
  readonly seconds: SecondsPerStage;
}

/** The files of an attempt, and what was measured. */
export interface Finished {
  readonly files: readonly AttemptFile[];
  readonly metrics: CaseMetrics;
  readonly seconds: SecondsPerStage;
}

export interface CaseWork {
  /**
   * Decodes a case and makes what the network sees; the volumes are kept until `finish` or `drop`.
   *
   * @throws {CaseError} in stage `read` or `preprocess`.
   */
  prepare(item: Case, files: CaseFiles): Promise<Prepared>;
  /**
   * Measures the mask of a prepared case and encodes what is to be written.
   *
   * @throws {CaseError} in stage `postprocess`, `measure` or `write`.
   */
  finish(
    item: Case,
    found: Pick<PredictedMask, "mask" | "probabilities">,
  ): Promise<Finished>;
  /** Forgets a prepared case that will not be finished. */
  drop(caseId: string): void;
}

export function createCaseWork(
  { card, classes, options }: CaseSettings,
): CaseWork {
  const kept = new Map<string, CaseVolumes>();
  return {
    async prepare(item, files) {
      const { caseId } = item;
      const seconds: SecondsPerStage = {};
      const volumes = await inStage(
        "read",
        caseId,
        seconds,
        () => decodeCase(item, files),
      );
      const prepared = await inStage(
        "preprocess",
        caseId,
        seconds,
        () => prepareChannels(volumes.channels, card),
      );
      kept.set(caseId, volumes);
      return { prepared, seconds };
    },

    async finish({ caseId, unit }, found) {
      const volumes = kept.get(caseId);
      if (volumes === undefined) {
        throw new TypeError(`Cannot finish case "${caseId}": not prepared`);
      }
      kept.delete(caseId);
      const { channels: [image], header, label } = volumes;
      const seconds: SecondsPerStage = {};
      const stage = <T>(name: keyof SecondsPerStage, work: () => T) =>
        inStage(name, caseId, seconds, work);

      const data = await stage(
        "postprocess",
        () => dropSmallLesions(found.mask, image!, options),
      );
      const metrics = await stage("measure", (): CaseMetrics => {
        const mask = { ...image!, data };
        const shared = { mask, image: image!, unit, classes };
        return label === undefined
          ? measureMask(shared)
          : measureCase({ ...shared, label });
      });
      const files = await stage("write", (): AttemptFile[] => {
        const picture = coronalMip(image!, data, {
          pixelMm: MIP_PIXEL_MM,
          ...(label === undefined ? {} : { label: label.data }),
        });
        const { probabilities } = found;
        return [
          {
            name: MASK_FILE,
            body: encodeMask(data, header),
            contentType: "application/gzip",
          },
          {
            name: "mip.png",
            body: encodePng(picture),
            contentType: "image/png",
          },
          ...(probabilities === undefined ? [] : [{
            name: "probabilities.nii.gz",
            body: encodeNifti({
              data: probabilities,
              volumes: classes.length,
              like: header,
            }),
            contentType: "application/gzip",
          }]),
        ];
      });
      return { files, metrics, seconds };
    },

    drop: (caseId) => void kept.delete(caseId),
  };
}
