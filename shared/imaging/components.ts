/**
 * Connected components of label volumes, found run by run: a run is a maximal stretch of one value
 * along the fastest axis, so that the work grows with surfaces rather than with volumes.
 * @module
 */
import { type Vec3, voxelCount } from "./volume.ts";

/** Neighbours that share a face (6), also an edge (18), also a corner (26). */
export type Connectivity = 6 | 18 | 26;

/** The runs of a mask in scan order, each with its component. */
export interface ComponentRuns {
  /** How many components there are, numbered from 0 in the order of their first voxels. */
  readonly count: number;
  /** Voxels per component. */
  readonly sizes: Int32Array<ArrayBuffer>;
  /** Flat index of each run's first voxel. */
  readonly starts: Int32Array<ArrayBuffer>;
  /** Flat index behind each run's last voxel. */
  readonly ends: Int32Array<ArrayBuffer>;
  /** Each run's component. */
  readonly components: Int32Array<ArrayBuffer>;
}

export interface LabelledComponents {
  /** 0 for background, else 1 + the component's number; the mask's shape. */
  readonly labels: Int32Array<ArrayBuffer>;
  readonly count: number;
  /** Voxels per component: `sizes[label - 1]`. */
  readonly sizes: Int32Array<ArrayBuffer>;
}

interface Runs {
  readonly starts: Int32Array<ArrayBuffer>;
  readonly ends: Int32Array<ArrayBuffer>;
  /** The first run of each row (i, j), and one more entry with the number of runs. */
  readonly firstOfRow: Int32Array<ArrayBuffer>;
}

/**
 * Finds the connected components of a mask. Voxels of 0 are background; voxels of different values are
 * never connected, so that a mask of several classes is done at once.
 *
 * @throws {RangeError} when the mask does not have as many voxels as its shape.
 */
export function findComponents(
  mask: Uint8Array,
  shape: Vec3,
  connectivity: Connectivity,
): ComponentRuns {
  if (mask.length !== voxelCount(shape)) {
    throw new RangeError(
      `Cannot find components: the mask has ${mask.length} voxels, its shape ${
        shape.join("x")
      }`,
    );
  }
  const runs = findRuns(mask, shape);
  const parents = connect(mask, shape, runs, connectivity);
  return numberComponents(runs, parents);
}

/** Like {@linkcode findComponents}, painted into a volume. */
export function labelComponents(
  mask: Uint8Array,
  shape: Vec3,
  connectivity: Connectivity,
): LabelledComponents {
  const { count, sizes, starts, ends, components } = findComponents(
    mask,
    shape,
    connectivity,
  );
  const labels = new Int32Array(mask.length);
  for (let run = 0; run < starts.length; run++) {
    labels.fill(components[run]! + 1, starts[run]!, ends[run]!);
  }
  return { labels, count, sizes };
}

/**
 * A copy of a mask without the components, of each class by itself, that are smaller than `minMl`
 * millilitres; `voxelMl` is the volume of one voxel.
 */
export function dropSmallComponents(
  mask: Uint8Array<ArrayBuffer>,
  shape: Vec3,
  voxelMl: number,
  minMl: number,
  connectivity: Connectivity = 18,
): Uint8Array<ArrayBuffer> {
  const kept = mask.slice();
  if (minMl <= 0) return kept;
  const { sizes, starts, ends, components } = findComponents(
    mask,
    shape,
    connectivity,
  );
  for (let run = 0; run < starts.length; run++) {
    if (sizes[components[run]!]! * voxelMl < minMl) {
      kept.fill(0, starts[run]!, ends[run]!);
    }
  }
  return kept;
}

function findRuns(mask: Uint8Array, shape: Vec3): Runs {
  const [ni, nj, nk] = shape;
  const count = countRuns(mask, nk);
  const starts = new Int32Array(count);
  const ends = new Int32Array(count);
  const firstOfRow = new Int32Array(ni * nj + 1);
  let run = 0;
  for (let row = 0; row < ni * nj; row++) {
    firstOfRow[row] = run;
    const end = (row + 1) * nk;
    let n = row * nk;
    while (n < end) {
      const value = mask[n]!;
      if (value === 0) {
        n++;
        continue;
      }
      starts[run] = n;
      while (n < end && mask[n] === value) n++;
      ends[run++] = n;
    }
  }
  firstOfRow[ni * nj] = run;
  return { starts, ends, firstOfRow };
}

function countRuns(mask: Uint8Array, nk: number): number {
  let count = 0;
  for (let start = 0; start < mask.length; start += nk) {
    let previous = 0;
    for (let n = start; n < start + nk; n++) {
      const value = mask[n]!;
      if (value !== previous && value !== 0) count++;
      previous = value;
    }
  }
  return count;
}

/** Joins touching runs of one value; every run's parent comes before it, roots are their own. */
function connect(
  mask: Uint8Array,
  [ni, nj, nk]: Vec3,
  { starts, ends, firstOfRow }: Runs,
  connectivity: Connectivity,
): Int32Array<ArrayBuffer> {
  const parents = Int32Array.from(starts, (_, run) => run);
  // How far along k runs of rows that share a side, or only an edge, may lie apart and still touch.
  const reachBeside = connectivity === 6 ? 0 : 1;
  const reachAcross = connectivity === 26 ? 1 : 0;

  function joinRows(row: number, other: number, reach: number): void {
    const shift = (row - other) * nk;
    const [end, otherEnd] = [firstOfRow[row + 1]!, firstOfRow[other + 1]!];
    let [a, b] = [firstOfRow[row]!, firstOfRow[other]!];
    while (a < end && b < otherEnd) {
      joinTouching(a, b, shift, reach);
      const lead = ends[a]! - ends[b]! - shift;
      // Where both end together, the next run of this row may begin right there and touch b's corner.
      if (lead === 0 && a + 1 < end) joinTouching(a + 1, b, shift, reach);
      if (lead < 0) a++;
      else b++;
    }
  }

  function joinTouching(
    a: number,
    b: number,
    shift: number,
    reach: number,
  ): void {
    if (
      starts[a]! < ends[b]! + shift + reach &&
      starts[b]! + shift < ends[a]! + reach &&
      mask[starts[a]!] === mask[starts[b]!]
    ) {
      join(parents, a, b);
    }
  }

  for (let i = 0; i < ni; i++) {
    for (let j = 0; j < nj; j++) {
      const row = i * nj + j;
      if (firstOfRow[row] === firstOfRow[row + 1]) continue;
      if (j > 0) joinRows(row, row - 1, reachBeside);
      if (i === 0) continue;
      joinRows(row, row - nj, reachBeside);
      if (connectivity === 6) continue;
      if (j > 0) joinRows(row, row - nj - 1, reachAcross);
      if (j < nj - 1) joinRows(row, row - nj + 1, reachAcross);
    }
  }
  return parents;
}

function join(parents: Int32Array, a: number, b: number): void {
  const [rootA, rootB] = [findRoot(parents, a), findRoot(parents, b)];
  if (rootA < rootB) parents[rootB] = rootA;
  else parents[rootA] = rootB;
}

function findRoot(parents: Int32Array, run: number): number {
  let root = run;
  while (parents[root] !== root) {
    // Halving the path keeps later searches short.
    const grandparent = parents[parents[root]!]!;
    parents[root] = grandparent;
    root = grandparent;
  }
  return root;
}

function numberComponents(
  { starts, ends }: Runs,
  parents: Int32Array<ArrayBuffer>,
): ComponentRuns {
  const components = new Int32Array(starts.length);
  const sizes: number[] = [];
  for (let run = 0; run < starts.length; run++) {
    const parent = parents[run]!;
    const component = parent === run ? sizes.length : components[parent]!;
    components[run] = component;
    sizes[component] = (sizes[component] ?? 0) + ends[run]! - starts[run]!;
  }
  return {
    count: sizes.length,
    sizes: Int32Array.from(sizes),
    starts,
    ends,
    components,
  };
}
