/** @module How values are spread, as columns of a table: the numbers of a box plot. */
import type { Figure } from "../../shared/catalog/figures.ts";
import { figureText, whole } from "./numbers.ts";

interface Quartiles {
  readonly min: number | null;
  readonly lowerQuartile: number | null;
  readonly median: number | null;
  readonly upperQuartile: number | null;
  readonly max: number | null;
  readonly nCounted: number;
}

export function QuartileHeads() {
  return (
    <>
      <th scope="col" class="number">Lowest</th>
      <th scope="col" class="number">Lower quartile</th>
      <th scope="col" class="number">Median</th>
      <th scope="col" class="number">Upper quartile</th>
      <th scope="col" class="number">Highest</th>
      <th scope="col" class="number">n</th>
    </>
  );
}

export function QuartileCells(
  { figure, of }: { figure: Figure; of: Quartiles },
) {
  const { min, lowerQuartile, median, upperQuartile, max, nCounted } = of;
  return (
    <>
      {[min, lowerQuartile, median, upperQuartile, max].map((value) => (
        <td class="number">{figureText(figure, value)}</td>
      ))}
      <td class="number">{whole(nCounted)}</td>
    </>
  );
}
