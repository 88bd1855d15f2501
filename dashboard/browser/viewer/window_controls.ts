/** @module The list of windows, and two fields for one's own. */
import { element } from "./element.ts";
import type { GreyWindow } from "./windows.ts";

/** Stands for what the fields say; the last in the list, and not to be chosen. */
const OWN = "own";

/**
 * @param find the window of a place in the list
 * @param onChange told each window that is chosen
 */
export function bindWindow(
  find: (index: number) => GreyWindow,
  onChange: (window: GreyWindow) => void,
): void {
  const list = element("window", HTMLSelectElement);
  const from = element("window-from", HTMLInputElement);
  const to = element("window-to", HTMLInputElement);
  const fill = ({ lo, hi }: GreyWindow) => {
    from.value = fieldText(lo);
    to.value = fieldText(hi);
    to.setCustomValidity("");
  };
  fill(find(list.selectedIndex));
  list.addEventListener("change", () => {
    const window = find(list.selectedIndex);
    fill(window);
    onChange(window);
  });
  for (const field of [from, to]) {
    field.addEventListener("change", () => {
      const [lo, hi] = [from.valueAsNumber, to.valueAsNumber];
      const isWindow = hi > lo;
      to.setCustomValidity(
        isWindow ? "" : "Two numbers, the second above the first",
      );
      if (!isWindow) return void to.reportValidity();
      list.value = OWN;
      onChange({ lo, hi });
    });
  }
}

/** As short as it can be without showing another window. */
function fieldText(value: number): string {
  return String(Number(value.toPrecision(4)));
}
