/** @module The colours of the page's style sheet, as charts need them: worked out for the theme that is on. */

const SERIES = 6;

export interface Colours {
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly surface: string;
  readonly bad: string;
  /** One after the other for checkpoints. */
  series(index: number): string;
}

/** To be called anew when the theme changes. */
export function readColours(): Colours {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  // Custom properties hold both themes' values: only a real property tells which one holds.
  const read = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const series = Array.from(
    { length: SERIES },
    (_, n) => read(`series-${n + 1}`),
  );
  const colours: Colours = {
    ink: read("ink"),
    muted: read("muted"),
    line: read("line"),
    surface: read("surface"),
    bad: read("bad"),
    series: (index) => series[index % SERIES]!,
  };
  probe.remove();
  return colours;
}

/** The colour, seen through. */
export function faint(colour: string, opacity: number): string {
  return `color-mix(in srgb, ${colour} ${
    Math.round(100 * opacity)
  }%, transparent)`;
}
