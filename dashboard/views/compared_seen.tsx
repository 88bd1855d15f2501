/** @module Cases of a comparison that one side was trained on: counted, or left out. */
import type { ComparedSides } from "./comparison_sides.tsx";
import { address, type Query } from "./list.tsx";
import { count } from "./numbers.ts";

/** What the address of a comparison says, apart from how its cases are listed. */
export function comparedQuery(
  { before, after, leaveOut }: Omit<ComparedSides, "trainedOn">,
): Query {
  return { before: before.runId, after: after.runId, leaveOut };
}

/** Says whether differences count what a checkpoint was trained on, and leads to what they are otherwise. */
export function SeenNotice(sides: ComparedSides) {
  const { before, after, trainedOn, leaveOut } = sides;
  if (before.nTrainedOn + after.nTrainedOn === 0) return null;
  const other = (leaveOut: ComparedSides["leaveOut"]) =>
    address("/compare", comparedQuery({ ...sides, leaveOut }));
  if (trainedOn.size === 0) {
    return (
      <p class="part">
        A checkpoint was trained on cases of its run. None of them is compared.
      </p>
    );
  }
  return leaveOut === undefined
    ? (
      <p class="warn part">
        A checkpoint was trained on cases of its run. Differences count those
        that both runs have ({count(trainedOn.size, "case")}): of them they tell
        what it remembers. <a href={other("trainedOn")}>Leave them out</a>
      </p>
    )
    : (
      <p class="notice part">
        Without {count(trainedOn.size, "case")}{" "}
        that a checkpoint was trained on.{" "}
        <a href={other(undefined)}>Count them as well</a>
      </p>
    );
}
