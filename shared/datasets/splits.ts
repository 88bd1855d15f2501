/**
 * Reads a `splits_final.json`, nnU-Net's list of folds: each with the cases it trains on and validates.
 * @module
 */
import { z } from "zod";

export const MAX_SPLITS_BYTES = 64 * 1024 * 1024;

const splitsSchema = z.array(
  z.looseObject({ val: z.array(z.string()) }),
);

/**
 * The fold that validates each case, by case id.
 *
 * @throws {SyntaxError} when the text is no such list, or two folds validate the same case.
 */
export function parseSplits(text: string): Map<string, number> {
  const cannot = "Cannot read splits_final.json";
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SyntaxError(`${cannot}: it is not JSON`, { cause });
  }
  const { success, data, error } = splitsSchema.safeParse(json);
  if (!success) {
    throw new SyntaxError(`${cannot}: ${z.prettifyError(error)}`);
  }
  const folds = new Map<string, number>();
  for (const [fold, { val }] of data.entries()) {
    for (const caseId of val) {
      const before = folds.get(caseId);
      if (before !== undefined && before !== fold) {
        throw new SyntaxError(
          `${cannot}: folds ${before} and ${fold} both validate case "${caseId}"`,
        );
      }
      folds.set(caseId, fold);
    }
  }
  return folds;
}
