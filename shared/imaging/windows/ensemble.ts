/**
 * Several networks over the same volume.
 * @module
 */
import type { Plane } from "./blender.ts";
import { softmaxInPlace } from "./softmax.ts";

/** One plane (fixed i) of class probabilities. */
export interface ProbabilityPlane {
  /** i in the volume. */
  readonly index: number;
  /** [classes][j][k]; overwritten when the next plane is asked for. */
  readonly probabilities: Float32Array<ArrayBuffer>;
}

/**
 * Softmax over the classes of each member's scores, averaged over the members with equal weight, plane by plane.
 * The members run in lockstep, so no member's volume is ever held; one member is plain softmax.
 * When the generator ends early, for whatever reason, so do the members.
 *
 * @throws {RangeError} when there is no member, or they differ in their planes.
 */
export async function* ensemble(
  members: readonly AsyncGenerator<Plane, void, undefined>[],
  classes: number,
): AsyncGenerator<ProbabilityPlane, void, undefined> {
  const [first, ...others] = members;
  if (first === undefined) {
    throw new RangeError("Cannot average probabilities of no members");
  }
  try {
    for await (const { index, scores } of first) {
      softmaxInPlace(scores, classes);
      for (const member of others) {
        const { value: plane } = await member.next();
        if (plane?.index !== index || plane.scores.length !== scores.length) {
          throw new RangeError(
            `Cannot average probabilities as a member has no plane ${index} of ${scores.length} scores`,
          );
        }
        softmaxInPlace(plane.scores, classes);
        for (let v = 0; v < scores.length; v++) scores[v]! += plane.scores[v]!;
      }
      if (others.length > 0) {
        for (let v = 0; v < scores.length; v++) scores[v]! /= members.length;
      }
      yield { index, probabilities: scores };
    }
    for (const member of others) {
      const { value: plane } = await member.next();
      if (plane !== undefined) {
        throw new RangeError(
          `Cannot average probabilities as only one member has plane ${plane.index}`,
        );
      }
    }
  } finally {
    for (const member of members) await member.return();
  }
}
