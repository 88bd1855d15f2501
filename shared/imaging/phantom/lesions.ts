/**
 * Where a phantom has tumours, how large and how hot they are.
 * @module
 */
import type { Vec3 } from "../volume.ts";
import { HOT_SUV, type Organ } from "./organs.ts";
import type { Placement } from "./placement.ts";
import type { Random } from "./random.ts";
import { ellipsoid, type Shape } from "./shapes.ts";

export interface Lesion {
  /** Overlapping ellipsoids, the lobes. */
  readonly lobes: readonly Shape[];
  readonly suv: number;
}

/** A ball of 0.3 ml. */
const SMALLEST_RADIUS_MM = 4.15;
/** A ball of 60 ml. */
const LARGEST_RADIUS_MM = 24.3;

const LOWEST_SUV = 2;
const HIGHEST_SUV = 15;

/** Lesions are at least this many times as hot as the tissue around them. */
const LEAST_CONTRAST = 2;

/** An ellipsoid with these half axes, in voxels, takes in at least one voxel centre. */
const LEAST_HALF_AXIS_VOXELS = 0.87;

/** Lesions above this radius may have lobes. */
const LOBED_RADIUS_MM = 8;

/** How far from its middle, in radii, a lesion reaches at most, its lobes included. */
const REACH_RADII = 1.4;

const ATTEMPTS = 40;

/** A region that tumours arise in; `paired` ones lie on either side. */
interface Station {
  readonly at: Vec3;
  readonly spread: Vec3;
  readonly largestRadiusMm: number;
  readonly paired?: true;
}

/** Lymph nodes first, organs and bone after them; several lie beside a hot organ on purpose. */
const STATIONS: readonly Station[] = [
  {
    at: [44, 4, -205],
    spread: [10, 12, 22],
    largestRadiusMm: 14,
    paired: true,
  },
  {
    at: [55, 12, -264],
    spread: [20, 12, 10],
    largestRadiusMm: 14,
    paired: true,
  },
  {
    at: [142, -6, -330],
    spread: [16, 18, 24],
    largestRadiusMm: 20,
    paired: true,
  },
  {
    at: [0, 14, -335],
    spread: [24, 22, 40],
    largestRadiusMm: LARGEST_RADIUS_MM,
    paired: true,
  },
  { at: [38, -8, -378], spread: [9, 9, 12], largestRadiusMm: 16, paired: true },
  { at: [8, 48, -452], spread: [18, 12, 8], largestRadiusMm: 14 },
  {
    at: [20, -20, -650],
    spread: [12, 10, 60],
    largestRadiusMm: 20,
    paired: true,
  },
  {
    at: [0, 32, -670],
    spread: [50, 22, 40],
    largestRadiusMm: LARGEST_RADIUS_MM,
  },
  {
    at: [62, 6, -800],
    spread: [14, 16, 32],
    largestRadiusMm: 18,
    paired: true,
  },
  {
    at: [82, 48, -880],
    spread: [14, 10, 20],
    largestRadiusMm: 16,
    paired: true,
  },
  {
    at: [74, -8, -380],
    spread: [34, 48, 64],
    largestRadiusMm: 16,
    paired: true,
  },
  { at: [76, 0, -520], spread: [42, 44, 38], largestRadiusMm: 22 },
  { at: [-98, -36, -520], spread: [14, 22, 24], largestRadiusMm: 15 },
  { at: [0, -52, -500], spread: [8, 8, 240], largestRadiusMm: 14 },
  {
    at: [86, -30, -795],
    spread: [18, 8, 30],
    largestRadiusMm: 16,
    paired: true,
  },
  {
    at: [102, -2, -930],
    spread: [8, 8, 45],
    largestRadiusMm: 12,
    paired: true,
  },
];

/** Around the mesentery: inside every body and field of view. */
const FALLBACK_STATION: Station = STATIONS[7]!;

/** Groups of lesions: so many stations with so many lesions each. */
interface Group {
  readonly stations: number;
  readonly each: number;
}

/** Healthy surroundings that a lesion has to respect. */
export interface Surroundings {
  readonly placement: Placement;
  readonly spacingMm: Vec3;
  /** The parts whose union is the body. */
  readonly body: readonly Shape[];
  readonly organs: readonly Organ[];
  /** The painted uptake at a point of the reference person; undefined outside the field of view. */
  suvAt(point: Vec3): number | undefined;
}

/** @returns one lesion at least; each takes in one voxel centre at least. */
export function makeLesions(
  random: Random,
  surroundings: Surroundings,
): Lesion[] {
  const patientSuv = random.uniform(3.5, 12);
  const lesions: Lesion[] = [];
  for (const { stations, each } of drawGroups(random)) {
    for (let s = 0; s < stations; s++) {
      const station = random.pick(STATIONS);
      const side = station.paired ? random.side() : 1;
      for (let n = 0; n < each; n++) {
        const site = findSite(random, surroundings, station, side);
        if (site !== undefined) {
          lesions.push(grow(random, surroundings, site, patientSuv));
        }
      }
    }
  }
  if (lesions.length === 0) {
    const site = { center: FALLBACK_STATION.at, radiusMm: SMALLEST_RADIUS_MM };
    lesions.push(grow(random, surroundings, site, patientSuv));
  }
  return lesions;
}

/** Single lesions, a few, clusters of nodes, or disease everywhere. */
function drawGroups(random: Random): Group[] {
  const kind = random.uniform(0, 1);
  if (kind < 0.15) return [{ stations: random.integer(1, 2), each: 1 }];
  if (kind < 0.5) return [{ stations: random.integer(4, 9), each: 1 }];
  if (kind < 0.8) {
    return [
      { stations: random.integer(1, 3), each: random.integer(4, 8) },
      { stations: random.integer(0, 3), each: 1 },
    ];
  }
  return [{ stations: random.integer(7, 14), each: random.integer(2, 4) }];
}

interface Site {
  /** In the reference person's coordinates. */
  readonly center: Vec3;
  /** For a person of usual size. */
  readonly radiusMm: number;
}

/** A place in the body and clear of hot organs, or undefined when none was found soon. */
function findSite(
  random: Random,
  { placement: { scale, fit }, spacingMm, body, organs, suvAt }: Surroundings,
  { at, spread, largestRadiusMm }: Station,
  side: -1 | 1,
): Site | undefined {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const center: Vec3 = [
      side * at[0] + spread[0] * random.uniform(-1, 1),
      at[1] + spread[1] * random.uniform(-1, 1),
      at[2] + spread[2] * random.uniform(-1, 1),
    ];
    const share = random.uniform(0, 1);
    const radiusMm = SMALLEST_RADIUS_MM +
      (largestRadiusMm - SMALLEST_RADIUS_MM) * share * Math.sqrt(share);
    const reachMm = Math.max(
      REACH_RADII * fit * radiusMm,
      LEAST_HALF_AXIS_VOXELS * Math.max(...spacingMm),
    ) / Math.min(...scale);
    const depthIn = ({ depthMm }: Shape) => depthMm(...center);
    if (
      suvAt(center) !== undefined &&
      body.some((part) => depthIn(part) > reachMm) &&
      organs.every(({ suv, shape }) =>
        suv < HOT_SUV || depthIn(shape) < -reachMm
      )
    ) return { center, radiusMm };
  }
  return undefined;
}

function grow(
  random: Random,
  { placement: { scale, fit }, spacingMm, suvAt }: Surroundings,
  { center, radiusMm }: Site,
  patientSuv: number,
): Lesion {
  const lobe = (middle: Vec3, radius: number): Shape => {
    const [a, b] = [random.uniform(0.85, 1.15), random.uniform(0.85, 1.15)];
    const [rx, ry, rz] = ([a, b, 1 / (a * b)] as const).map((ratio, axis) =>
      Math.max(
        fit * radius * ratio,
        LEAST_HALF_AXIS_VOXELS * spacingMm[axis]!,
      ) / scale[axis]!
    );
    return ellipsoid(middle, [rx!, ry!, rz!]);
  };
  const lobes = [lobe(center, radiusMm)];
  const more = radiusMm > LOBED_RADIUS_MM ? random.integer(0, 2) : 0;
  for (let n = 0; n < more; n++) {
    const reach = 0.35 * radiusMm;
    const middle: Vec3 = [
      center[0] + reach * random.uniform(-1, 1),
      center[1] + reach * random.uniform(-1, 1),
      center[2] + reach * random.uniform(-1, 1),
    ];
    lobes.push(lobe(middle, radiusMm * random.uniform(0.4, 0.55)));
  }
  const suv = Math.max(
    LOWEST_SUV,
    LEAST_CONTRAST * (suvAt(center) ?? 0),
    patientSuv * random.uniform(0.5, 1.4),
  );
  return { lobes, suv: Math.min(HIGHEST_SUV, suv) };
}
