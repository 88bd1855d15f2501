/**
 * What takes up FDG in a healthy body. Uptakes are SUVs; ranges follow what is usual an hour after the
 * injection (brain and bladder hottest, heart anything from blood to very hot, lungs coldest).
 * @module
 */
import type { Vec3 } from "../volume.ts";
import type { Random } from "./random.ts";
import { ellipsoid, type Shape, spheroid, tube } from "./shapes.ts";

export interface Organ {
  readonly shape: Shape;
  readonly suv: number;
}

/** From this uptake on an organ could be taken for a tumour, and no lesion is put into it. */
export const HOT_SUV = 3;

/** @returns the organs in the order of painting: later ones lie over earlier ones. */
export function makeOrgans(random: Random): Organ[] {
  const blood = random.uniform(1.2, 1.7);
  const liver = random.uniform(1.6, 2.4);
  return [
    ...viscera(random),
    ...chest(random, blood),
    ...skeleton(random),
    ...headAndNeck(random),
    ...heart(random, blood),
    ...upperAbdomen(random, liver),
    ...bowel(random),
    ...kidneys(random),
    ...pelvis(random),
  ];
}

function viscera(random: Random): Organ[] {
  return [{
    shape: ellipsoid([0, 14, -690], [112, 68, 150]),
    suv: random.uniform(0.75, 1.05),
  }];
}

function chest(random: Random, blood: number): Organ[] {
  const lung = random.uniform(0.3, 0.45);
  return [
    { shape: ellipsoid([76, -6, -390], [58, 82, 118]), suv: lung },
    { shape: ellipsoid([-76, -6, -390], [56, 82, 116]), suv: lung },
    { shape: ellipsoid([2, 6, -325], [27, 32, 62]), suv: 0.75 * blood },
    { shape: ellipsoid([-4, 8, -395], [38, 42, 66]), suv: 0.75 * blood },
    { shape: tube([-4, 20, -400], 17, [6, 18, -325], 14), suv: blood },
    { shape: tube([6, 18, -325], 14, [-20, -25, -320], 13), suv: blood },
    { shape: tube([-20, -25, -320], 13, [-14, -34, -500], 12), suv: blood },
    { shape: tube([-14, -34, -500], 11, [-4, -30, -720], 9), suv: blood },
    { shape: tube([22, 14, -300], 10, [22, 8, -400], 11), suv: blood },
  ];
}

function skeleton(random: Random): Organ[] {
  const marrow = random.uniform(0.9, 1.7);
  const organs: Organ[] = [];
  for (let n = 0; n < 22; n++) {
    const z = -235 - 18 * n - 0.42 * n * n;
    const size = 0.6 + 0.02 * n;
    const y = -52 - 8 * bulge((z + 400) / 170) + 18 * bulge((z + 680) / 140);
    organs.push({
      shape: ellipsoid([0, y, z], [21 * size, 17 * size, 9 + 0.42 * n]),
      suv: marrow * random.uniform(0.92, 1.08),
    });
  }
  for (const side of [1, -1]) {
    organs.push(
      {
        shape: ellipsoid([side * 86, -30, -795], [34, 15, 46]),
        suv: 0.75 * marrow,
      },
      { shape: ellipsoid([side * 92, -4, -885], [20, 20, 20]), suv: 0.6 },
      {
        shape: tube([side * 108, -4, -900], 14, [side * 95, 2, -1100], 11),
        suv: 0.45 * marrow,
      },
      {
        shape: tube([side * 22, -62, -765], 22, [side * 12, -72, -820], 14),
        suv: 0.8 * marrow,
      },
    );
  }
  return organs;
}

/** 1 at 0, falling smoothly to 0 at -1 and 1. */
function bulge(t: number): number {
  const rest = 1 - t * t;
  return rest > 0 ? rest * rest : 0;
}

function headAndNeck(random: Random): Organ[] {
  const cortex = random.uniform(5.5, 11);
  const white = cortex * random.uniform(0.45, 0.6);
  const glands = random.uniform(1.2, 2.6);
  const tonsils = random.uniform(1.5, 3.6);
  const gland = (x: number, y: number, z: number, radii: Vec3) => [
    { shape: ellipsoid([x, y, z], radii), suv: glands },
    { shape: ellipsoid([-x, y, z], radii), suv: glands },
  ];
  return [
    { shape: ellipsoid([0, 4, -74], [62, 80, 58]), suv: cortex },
    { shape: ellipsoid([0, 2, -78], [40, 56, 34]), suv: white },
    { shape: ellipsoid([15, 10, -80], [10, 22, 12]), suv: cortex },
    { shape: ellipsoid([-15, 10, -80], [10, 22, 12]), suv: cortex },
    { shape: ellipsoid([0, -44, -122], [46, 30, 22]), suv: 0.8 * cortex },
    { shape: ellipsoid([32, 74, -108], [10, 10, 9]), suv: 1.4 },
    { shape: ellipsoid([-32, 74, -108], [10, 10, 9]), suv: 1.4 },
    ...gland(48, 0, -165, [8, 16, 20]),
    ...gland(30, 38, -198, [9, 13, 9]),
    { shape: ellipsoid([17, 14, -178], [6, 8, 10]), suv: tonsils },
    { shape: ellipsoid([-17, 14, -178], [6, 8, 10]), suv: tonsils },
    { shape: ellipsoid([0, 52, -186], [22, 20, 9]), suv: 1.3 },
    {
      shape: ellipsoid([0, 26, -232], [10, 9, 6]),
      suv: random.uniform(1, 2.6),
    },
  ];
}

/** A left ventricle whose cavity opens to the base; its wall is from hardly to very hot. */
function heart(random: Random, blood: number): Organ[] {
  const axis: Vec3 = [-0.72, 0.5, -0.48];
  const wall = random.chance(0.4)
    ? random.uniform(1.2, 2.2) * blood
    : random.uniform(3, 10);
  return [
    { shape: ellipsoid([-22, 30, -425], [52, 42, 46]), suv: blood },
    { shape: spheroid([-48, 28, -430], axis, 46, 35), suv: wall },
    { shape: spheroid([-42, 24, -426], axis, 40, 22), suv: blood },
  ];
}

function upperAbdomen(random: Random, liver: number): Organ[] {
  return [
    { shape: ellipsoid([72, 0, -512], [68, 76, 62]), suv: liver },
    { shape: ellipsoid([84, -6, -560], [46, 58, 62]), suv: liver },
    { shape: ellipsoid([4, 44, -494], [80, 42, 32]), suv: liver },
    {
      shape: ellipsoid([-46, 28, -520], [40, 38, 34]),
      suv: random.uniform(0.9, 2.2),
    },
    {
      shape: ellipsoid([-98, -36, -520], [30, 44, 48]),
      suv: liver * random.uniform(0.75, 0.95),
    },
  ];
}

/** Loops that wander through the abdomen; in some people one is hot. */
function bowel(random: Random): Organ[] {
  const organs: Organ[] = [];
  const loops = random.integer(4, 8);
  for (let loop = 0; loop < loops; loop++) {
    const suv = random.chance(0.08)
      ? random.uniform(3, 5)
      : random.uniform(0.9, 1.9);
    const radius = random.uniform(7, 12);
    let at: Vec3 = [
      random.uniform(-80, 80),
      random.uniform(0, 55),
      random.uniform(-780, -620),
    ];
    const pieces = random.integer(6, 16);
    for (let piece = 0; piece < pieces; piece++) {
      const next: Vec3 = [
        within(at[0] + random.uniform(-32, 32), -95, 95),
        within(at[1] + random.uniform(-14, 14), -10, 62),
        within(at[2] + random.uniform(-24, 24), -790, -600),
      ];
      organs.push({
        shape: tube(at, radius, next, radius),
        suv: suv * random.uniform(0.8, 1.2),
      });
      at = next;
    }
  }
  return organs;
}

function within(value: number, lo: number, hi: number): number {
  return value < lo ? lo : value > hi ? hi : value;
}

function kidneys(random: Random): Organ[] {
  const cortex = random.uniform(2, 3.6);
  return ([1, -1] as const).flatMap((side) => {
    const z = -602 + (side < 0 ? 14 : 0) + random.uniform(-10, 10);
    const x = side * 62;
    const axis: Vec3 = [side * 0.25, 0.1, -1];
    const pelvis = random.uniform(2, 9);
    return [
      { shape: spheroid([x, -42, z], axis, 54, 27), suv: cortex },
      {
        shape: spheroid([x - side * 10, -36, z - 4], axis, 18, 8),
        suv: pelvis,
      },
      ...(random.chance(0.5)
        ? [{
          shape: ellipsoid([x + side * 2, -40, z + 26], [6, 7, 8]),
          suv: pelvis,
        }]
        : []),
    ];
  });
}

function pelvis(random: Random): Organ[] {
  const fill = random.uniform(0.7, 1.25);
  const genitals = random.uniform(0.9, 2.2);
  return [
    {
      shape: ellipsoid([0, 24, -846], [42 * fill, 30 * fill, 27 * fill]),
      suv: random.uniform(8, 35),
    },
    { shape: ellipsoid([0, 62, -945], [20, 16, 22]), suv: genitals },
    { shape: ellipsoid([0, 0, -905], [9, 9, 22]), suv: genitals },
  ];
}
