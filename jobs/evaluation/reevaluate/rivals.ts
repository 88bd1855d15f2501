/**
 * With whom an evaluated checkpoint is compared.
 * @module
 */
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import type { RunSummary } from "../../../shared/runs/records.ts";
import type { Figures } from "./figures.ts";
import type { PlannedEvaluation } from "./plan_evaluations.ts";
import { byRegistration } from "./registered.ts";

/** An evaluation with its results, as many as there are. */
export interface Evaluated extends PlannedEvaluation {
  readonly runId: string;
  /** The run's folder. */
  readonly store: ObjectStore;
  readonly summary: RunSummary;
  readonly figures: Figures;
  /** Whether some of its cases were done in this night. */
  readonly isNew: boolean;
}

/** What of an evaluation decides whom it is compared with. */
export type Contestant = Pick<
  Evaluated,
  "checkpoint" | "dataset" | "which" | "hash" | "figures"
>;

/** The newest of its family and fold that was registered before it, evaluated on the same cases. */
export function predecessorOf<T extends Contestant>(
  of: T,
  all: readonly T[],
): T | null {
  return peersOf(of, all).filter(({ checkpoint }) =>
    checkpoint.fold === of.checkpoint.fold &&
    byRegistration(checkpoint, of.checkpoint) < 0
  ).at(-1) ?? null;
}

/**
 * The other one of its family with the highest mean Dice on the same cases. Failed cases have none: so only those
 * with the most results are ranked. Of equals, the one registered first.
 */
export function bestOf<T extends Contestant>(
  of: T,
  all: readonly T[],
): T | null {
  return bestAmong(peersOf(of, all));
}

/**
 * The best other one of its own fold, where another fold has the family's best: folds are trained alike, and one
 * of them is always the best, so that only its own fold tells whether it got worse. Null elsewhere.
 */
export function bestOfFold<T extends Contestant>(
  of: T,
  all: readonly T[],
): T | null {
  const { fold } = of.checkpoint;
  const isOwn = ({ checkpoint }: T) => checkpoint.fold === fold;
  const best = bestOf(of, all);
  return best === null || isOwn(best)
    ? null
    : bestAmong(peersOf(of, all).filter(isOwn));
}

function bestAmong<T extends Contestant>(peers: readonly T[]): T | null {
  const measured = peers.filter(({ figures }) => figures.n > 0);
  const most = Math.max(...measured.map(({ figures }) => figures.n));
  const diceOf = ({ figures }: T) => figures.meanDice ?? 0;
  return measured.filter(({ figures }) => figures.n === most)
    .reduce<T | null>(
      (best, one) => best === null || diceOf(one) > diceOf(best) ? one : best,
      null,
    );
}

/** Others of its family that were evaluated on the same cases for the same classes, by registration. */
function peersOf<T extends Contestant>(of: T, all: readonly T[]): T[] {
  const { checkpoint, dataset, which, hash } = of;
  const classesOf = (one: T) => JSON.stringify(one.checkpoint.card.classes);
  return all.filter((other) =>
    // The same weights under another name are the same evaluation.
    other.hash !== hash &&
    other.checkpoint.family === checkpoint.family &&
    other.dataset.digest === dataset.digest &&
    JSON.stringify(other.which) === JSON.stringify(which) &&
    classesOf(other) === classesOf(of)
  ).sort((a, b) => byRegistration(a.checkpoint, b.checkpoint));
}
